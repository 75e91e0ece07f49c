"""Your pass, what it says, your password, and the end of your account."""

from typing import TypeVar

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Form

from daypass import accounts, events, gate
from daypass.accounts import Proof
from daypass.database import writing
from daypass.entering import begin_session, hasher, is_kept
from daypass.errors import WeakPassword, WrongCredentials
from daypass.extensions import db, process
from daypass.forms import DeleteForm, PasswordForm
from daypass.gate import holder, token_required
from daypass.views.arrival import enter, leave
from daypass.views.display import pass_number
from daypass.views.explained import own_pass

FormT = TypeVar("FormT", bound=Form)

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@token_required
def account() -> BaseResponse:
    return _page(changed=request.args.get("changed") == pass_number(holder().session_id))


@pages.post("/password")
@token_required
def password() -> BaseResponse:
    """Change the password: the current one is asked for, every session ends, and this browser gets a new one.

    The way back names the new pass by its number, so that no link can tell anybody else that a password was changed.
    """
    form = PasswordForm(request.form)
    try:
        proof = _proof(form.current.data or "", "password_change")
        new_hash = _new_hash(form.new.data or "")
    except WrongCredentials as error:
        return _page(
            password_form=_marked(form, "current", ["This is not your current password."]), status=error.status
        )
    except WeakPassword as error:
        return _page(password_form=_marked(form, "new", error.advice), status=error.status)
    with writing(db.session):
        account = accounts.redeem(db.session, proof)
        accounts.set_password(db.session, account, new_hash)
        claims = begin_session(db.session, account, keep=is_kept(holder()))
    return enter(claims, url_for("account.account", changed=pass_number(claims.session_id)), "password_change")


@pages.post("/delete")
@token_required
def delete() -> BaseResponse:
    """Delete one's own account, with the password; it cannot be undone, and the last admin's is refused."""
    form = DeleteForm(request.form)
    try:
        proof = _proof(form.password.data or "", "account_deleted")
    except WrongCredentials as error:
        return _page(delete_form=_marked(form, "password", ["This is not your password."]), status=error.status)
    with writing(db.session):
        accounts.delete_own(db.session, proof)
    events.record("account_deleted", "success", account=holder().subject)
    return leave(redirect(url_for("home.home", deleted=""), 303))


def _proof(typed: str, event: str) -> Proof:
    try:
        return accounts.check_password(db.session, hasher(), holder().name, typed)
    except WrongCredentials as error:
        events.record(event, "failure", account=holder().subject, reason=error.reason)
        raise


def _new_hash(new: str) -> str:
    return hasher().hash_new(new, holder().name)


def _marked(form: FormT, field: str, errors: list[str]) -> FormT:
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
        own=own_pass(gate.entered().token, process().keys.ring),
        form=password_form or PasswordForm(),
        delete_form=delete_form or DeleteForm(),
        changed=changed,
    )
    return make_response(page, status)
