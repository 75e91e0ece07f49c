"""The page of one account for administrators, which forms on it show again with their errors."""

from collections.abc import Sequence

from flask import Response, make_response

from daypass.accounts import listing, queries
from daypass.web.context import current_db
from daypass.web.current_pass import current_claims
from daypass.web.forms import RolesForm
from daypass.web.managed_sessions import is_program, live_sessions, session_title
from daypass.web.rendering import render_page
from daypass.web.role_choice import with_roles
from daypass.web.user_agents import describe_user_agent


def account_page(
    account_id: str,
    *,
    roles: RolesForm | None = None,
    errors: dict[str, Sequence[str]] | None = None,
    new_email: str = "",
    status: int = 200,
) -> Response:
    """The page. Raises AccountGone.

    roles: the form that adds roles, if it was sent. errors: of another form that was sent, by field. new_email: what
    was typed as the address.
    """
    db = current_db()
    account = queries.find_managed(db, account_id)
    sessions = live_sessions(db, account_id)
    page = render_page(
        "daypass/pages/managed_account.html",
        account=listing.summary(account, listing.last_seen(db, account_id), len(sessions)),
        email=account.email,
        unconfirmed=account.new_email,
        new_email=new_email,
        is_own=account_id == current_claims().subject,
        sessions=sessions,
        own_session=current_claims().session_id,
        is_program=is_program,
        session_title=session_title,
        browser=describe_user_agent,
        roles=roles or with_roles(RolesForm()),
        errors=errors or {},
    )
    return make_response(page, status)
