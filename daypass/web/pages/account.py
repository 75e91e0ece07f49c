"""The account page: pass, claims, change of password, deletion."""

from typing import TypeVar

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Form

from daypass.accounts import accounts, credentials
from daypass.accounts.errors import WeakPassword, WrongCredentials
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.web import audit, cookies, gate
from daypass.web.attempts import client_hasher, confirm_password
from daypass.web.browser_sign_in import current_browser, sign_in_browser, signed_in_response
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import DeleteForm, PasswordForm
from daypass.web.gate import current_claims, token_required
from daypass.web.pass_details import own_pass
from daypass.web.sign_in import clear_session, is_persistent
from daypass.web.template_filters import pass_number

FormT = TypeVar("FormT", bound=Form)

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@token_required
def account() -> BaseResponse:
    return _page(changed=request.args.get("changed") == pass_number(current_claims().session_id))


@pages.post("/password")
@token_required
def password() -> BaseResponse:
    """Change the password, end all sessions, and start one for this browser.

    The redirect contains the number of the new pass. Without it, a crafted link could show others "password changed".
    """
    form = PasswordForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        proof = confirm_password(runtime, db, Event.PASSWORD_CHANGE, current_claims(), form.current.data or "")
        new_hash = client_hasher(runtime).hash_new(form.new.data or "", current_claims().name)
    except WrongCredentials as error:
        return _page(password_form=_with_errors(form, "current", ["Wrong password."]), status=error.status)
    except WeakPassword as error:
        return _page(password_form=_with_errors(form, "new", error.advice), status=error.status)
    persistent, browser = is_persistent(current_claims(), runtime.settings), current_browser(runtime)
    with write_transaction(db):
        account = credentials.redeem(db, proof)
        accounts.set_password(db, account, new_hash)
        signed_in = sign_in_browser(db, account, runtime.settings, browser, persistent=persistent)
    target = url_for("account.account", changed=pass_number(signed_in.claims.session_id))
    return signed_in_response(runtime, signed_in, target, Event.PASSWORD_CHANGE)


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
        return _page(delete_form=_with_errors(form, "password", ["Wrong password."]), status=error.status)
    with write_transaction(db):
        accounts.delete_own(db, proof)
    audit.record(Event.ACCOUNT_DELETED, "success", account=current_claims().subject)
    response = clear_session(redirect(url_for("home.home", deleted=""), 303), runtime.settings)
    cookies.clear_device(response, runtime.settings)
    return response


def _with_errors(form: FormT, field: str, errors: list[str]) -> FormT:
    form[field].errors = errors
    return form


def _page(
    *,
    password_form: PasswordForm | None = None,
    delete_form: DeleteForm | None = None,
    changed: bool = False,
    status: int = 200,
) -> BaseResponse:
    page = render_template(
        "daypass/pages/account.html",
        own=own_pass(gate.current_pass().token, current_runtime().keys.ring),
        form=password_form or PasswordForm(),
        delete_form=delete_form or DeleteForm(),
        changed=changed,
    )
    return make_response(page, status)
