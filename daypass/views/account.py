"""Your pass, what it says, and your password."""

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, gate, passwords
from daypass.database import writing
from daypass.errors import WeakPassword, WrongCredentials
from daypass.extensions import db, process
from daypass.forms import PasswordForm
from daypass.gate import holder, token_required
from daypass.views.entering import begin_session, enter
from daypass.views.explained import header_rows, payload_rows

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@token_required
def account() -> BaseResponse:
    return _page(PasswordForm(), changed="changed" in request.args)


@pages.post("/password")
@token_required
def password() -> BaseResponse:
    """Change the password: the current one is asked for, every session ends, and this browser gets a new one."""
    form = PasswordForm(request.form)
    try:
        proof = _proof(form.current.data or "")
        new_hash = _new_hash(form.new.data or "")
    except WrongCredentials:
        return _again(form, "current", ["This is not your current password."], WrongCredentials.status)
    except WeakPassword as error:
        return _again(form, "new", error.advice, error.status)
    with writing(db.session):
        account = accounts.redeem(db.session, proof)
        accounts.set_password(db.session, account, new_hash)
        claims = begin_session(db.session, account)
    return enter(claims, url_for("account.account", changed=""), "password_change")


def _proof(current: str) -> accounts.Proof:
    try:
        return accounts.check_password(db.session, process().hasher, holder().name, current)
    except WrongCredentials as error:
        events.record("password_change", "failure", account=holder().subject, reason=error.reason)
        raise


def _new_hash(new: str) -> str:
    passwords.check_strength(new, holder().name)
    return process().hasher.hash(new)


def _again(form: PasswordForm, field: str, errors: list[str], status: int) -> BaseResponse:
    form[field].errors = errors
    return _page(form, status=status)


def _page(form: PasswordForm, *, changed: bool = False, status: int = 200) -> BaseResponse:
    token = gate.entered().token
    key = process().keys.ring.find(token.header["kid"])
    page = render_template(
        "account.html",
        header=header_rows(token),
        payload=payload_rows(token.claims),
        signature_bits=key.signature_bits if key else None,
        form=form,
        changed=changed,
    )
    return make_response(page, status)
