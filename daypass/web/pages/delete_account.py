"""Delete the visitor's own account."""

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.accounts.errors import LastAdmin, WrongCredentials
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.web import audit, cookies
from daypass.web.attempts import confirm_password
from daypass.web.confirm_act import refusal_page
from daypass.web.context import current_db, current_runtime
from daypass.web.ending_sessions import ending_sessions
from daypass.web.flash import SignedOutMessage, leave_message
from daypass.web.forms import DeleteForm
from daypass.web.gate import current_claims, token_required
from daypass.web.last_admin import is_last_admin
from daypass.web.page_url import page_url
from daypass.web.rendering import render_page
from daypass.web.sign_in import clear_session

pages = Blueprint("delete_account", __name__, url_prefix="/account")

LAST_ADMIN = "You are the only administrator who can sign in for good, and one always remains."


@pages.get("/delete")
@token_required
def confirm_delete() -> BaseResponse:
    """Say what the deletion will do, and ask for the password; or say that it is not possible."""
    if is_last_admin(current_claims()):
        back = page_url("account_settings.settings")
        return make_response(refusal_page("You cannot delete your account", [LAST_ADMIN, LastAdmin.advice], back=back))
    return _page()


@pages.post("/delete")
@token_required
def delete() -> BaseResponse:
    """Delete the visitor's account, which needs the password.

    Raises LastAdmin for the only administrator.
    """
    form = DeleteForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        proof = confirm_password(runtime, db, Event.ACCOUNT_DELETED, current_claims(), form.password.data or "")
    except WrongCredentials as error:
        return _page(errors={"password": ["Wrong password."]}, status=error.status)
    with write_transaction(db):
        accounts.delete_own(db, proof)
    audit.record(Event.ACCOUNT_DELETED, "success", account=current_claims().subject)
    response = clear_session(redirect(page_url("home.home"), 303), runtime.settings)
    cookies.clear_device(response, runtime.settings)
    leave_message(response, runtime.settings, SignedOutMessage.DELETED)
    return response


def _page(*, errors: dict[str, list[str]] | None = None, status: int = 200) -> BaseResponse:
    page = render_page(
        "daypass/pages/delete_account.html",
        ending=ending_sessions(current_claims()),
        audit_days=current_runtime().settings.audit_days,
        errors=errors,
    )
    return make_response(page, status)
