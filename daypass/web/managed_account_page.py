"""The page of one account for administrators, which forms on it show again with their errors."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Response, make_response

from daypass.accounts import listing, queries
from daypass.sessions import kinds, lifecycle
from daypass.web.context import current_db, current_runtime
from daypass.web.current_pass import current_claims
from daypass.web.known_roles import known_roles
from daypass.web.rendering import render_page
from daypass.web.rules_in_force import rules_in_force
from daypass.web.user_agents import describe_user_agent


def account_page(
    account_id: str, *, errors: dict[str, Sequence[str]] | None = None, role: str = "", status: int = 200
) -> Response:
    """The page. Raises AccountGone.

    errors: of the form that was sent, by field. role: what was typed as a role.
    """
    db, now = current_db(), datetime.now(UTC)
    account = queries.find_managed(db, account_id)
    roles = known_roles(db, rules_in_force(current_runtime().rules))
    sessions = lifecycle.list_sessions(db, account_id, now, timedelta(0))
    page = render_page(
        "daypass/pages/managed_account.html",
        account=listing.summary(account, listing.last_seen(db, account_id), len(sessions)),
        email=account.email,
        is_own=account_id == current_claims().subject,
        sessions=sessions,
        own_session=current_claims().session_id,
        api_token=kinds.API_TOKEN,
        browser=describe_user_agent,
        other_roles=[other for other in roles if other not in account.roles],
        errors=errors or {},
        role=role,
    )
    return make_response(page, status)
