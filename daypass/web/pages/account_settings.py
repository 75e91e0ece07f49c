"""The page “Account”, and the change of the password."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, credentials
from daypass.accounts.errors import WeakPassword, WrongCredentials
from daypass.accounts.notices import notify
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.web.attempts import client_hasher, confirm_password
from daypass.web.browser_sign_in import current_browser, sign_in_browser, signed_in_response
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import url_with_message
from daypass.web.forms import PasswordForm
from daypass.web.gate import current_claims, token_required
from daypass.web.notices import request_facts
from daypass.web.settings_page import settings_page
from daypass.web.sign_in import is_persistent

pages = Blueprint("account_settings", __name__, url_prefix="/account")

CHANGED = "Your password was changed. All your other sessions ended, and so did your tokens for programs."


@pages.get("/settings")
@token_required
def settings() -> BaseResponse:
    return settings_page(current_claims())


@pages.post("/password")
@token_required
def password() -> BaseResponse:
    """Change the password, end all sessions, and start one for this browser."""
    form = PasswordForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        proof = confirm_password(runtime, db, Event.PASSWORD_CHANGE, current_claims(), form.current.data or "")
        new_hash = client_hasher(runtime).hash_new(form.new.data or "", current_claims().name)
    except WrongCredentials as error:
        return settings_page(current_claims(), errors={"current": ["Wrong password."]}, status=error.status)
    except WeakPassword as error:
        return settings_page(current_claims(), errors={"new": error.advice}, status=error.status)
    persistent, browser = is_persistent(current_claims(), runtime.settings), current_browser(runtime)
    facts = request_facts(runtime.settings)
    with write_transaction(db):
        account = credentials.redeem(db, proof)
        accounts.set_password(db, account, new_hash)
        notify(db, runtime.settings, account, Kind.PASSWORD_CHANGED, facts, to=account.email)
        signed_in = sign_in_browser(
            db, account, runtime.settings, browser, Event.PASSWORD_CHANGE, persistent=persistent
        )
    session_id = signed_in.claims.session_id
    target = url_with_message(runtime.settings, session_id, CHANGED, "account_settings.settings")
    return signed_in_response(runtime, signed_in, target)
