"""Lock the visitor's own account, until an administrator or a reset link opens it."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import administrators, locking, queries
from daypass.accounts.errors import LastAdmin
from daypass.accounts.notices import notify
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.web import audit, cookies
from daypass.web.confirm_act import confirm_page, refusal_page
from daypass.web.context import current_connection, current_db, current_runtime
from daypass.web.ending_sessions import ending_sessions
from daypass.web.gate import current_claims, token_required
from daypass.web.last_admin import is_last_admin
from daypass.web.live_account import live_account
from daypass.web.notices import request_facts
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.sign_in import clear_session

pages = Blueprint("lock_account", __name__, url_prefix="/account")

BY_LINK = (
    "To open it, choose “Forgot your password?” on the sign-in page: a link comes to {address}, "
    "with which you set a new password."
)
BY_ADMINISTRATOR = "An administrator can open it too."
ONLY_BY_ADMINISTRATOR = "Only an administrator can open it again, because {reason}."
LAST_ADMIN = "You are the only administrator who can sign in for good, so nobody could open the account again."
SAFER = "If somebody else may be in it now, change your password: this ends all your other sessions and tokens."


@pages.get("/lock")
@token_required
def confirm_lock() -> str:
    """Say what locking the account will do, and how it is opened again; or that it is not possible."""
    back = page_url("account_settings.settings")
    if is_last_admin(current_claims()):
        return refusal_page("You cannot lock your account", [LAST_ADMIN, LastAdmin.advice, SAFER], back=back)
    return confirm_page(
        "Lock your account?",
        [
            f"{ending_sessions(current_claims())} Nobody can sign in any more, not even with the right password.",
            " ".join(_ways_to_open(_address())),
        ],
        button="Lock my account",
        action=page_url("lock_account.lock"),
        back=back,
    )


@pages.post("/lock")
@token_required(fresh=TEN_MINUTES, act="lock your account")
def lock() -> BaseResponse:
    """Lock the account.

    The response is the page that says so, and no redirect: there is no session any more to which a message could be
    bound. Raises LastAdmin for the only administrator who can sign in.
    """
    runtime, db = current_runtime(), current_db()
    subject, facts, address = current_claims().subject, request_facts(runtime.settings), _address()
    with write_transaction(db):
        administrators.lock(db)
        account = live_account(current_claims())
        locking.lock(db, account)
        notify(db, runtime.settings, account, Kind.ACCOUNT_LOCKED, facts, to=account.email)
        audit.record_with(db, Event.ACCOUNT_LOCKED, account=subject)
    page = render_page("daypass/pages/locked.html", ways=_ways_to_open(address), by_link=address is not None)
    response = clear_session(make_response(page), runtime.settings)
    cookies.clear_device(response, runtime.settings)
    return response


def _address() -> str | None:
    """The confirmed address that a reset link can be sent to."""
    found = queries.addresses(current_connection(), current_claims().subject)
    return found.email if found and current_runtime().settings.sends_mail else None


def _ways_to_open(address: str | None) -> list[str]:
    if address is not None:
        return [BY_LINK.format(address=address), BY_ADMINISTRATOR]
    sends_mail = current_runtime().settings.sends_mail
    reason = "your account has no confirmed e-mail address" if sends_mail else "this site sends no mail"
    return [ONLY_BY_ADMINISTRATOR.format(reason=reason)]
