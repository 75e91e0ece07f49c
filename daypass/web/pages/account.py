"""The account page: pass, claims, change of password and address, deletion."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, credentials, email, queries
from daypass.accounts.errors import InvalidAddress, MailNotSetUp, TooManyMails, WeakPassword, WrongCredentials
from daypass.accounts.notices import notify
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit, cookies, gate
from daypass.web.attempts import address_limit, client_hasher, confirm_password, require_attempt
from daypass.web.browser_sign_in import current_browser, sign_in_browser, signed_in_response
from daypass.web.context import current_connection, current_db, current_runtime
from daypass.web.forms import DeleteForm, EmailForm, PasswordForm
from daypass.web.gate import current_claims, token_required
from daypass.web.notices import request_facts
from daypass.web.pass_details import own_pass
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.sign_in import clear_session, is_persistent
from daypass.web.template_filters import pass_number

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
        return _page(errors={"current": ["Wrong password."]}, status=error.status)
    except WeakPassword as error:
        return _page(errors={"new": error.advice}, status=error.status)
    persistent, browser = is_persistent(current_claims(), runtime.settings), current_browser(runtime)
    facts = request_facts(runtime.settings)
    with write_transaction(db):
        account = credentials.redeem(db, proof)
        accounts.set_password(db, account, new_hash)
        notify(db, runtime.settings, account, Kind.PASSWORD_CHANGED, facts, to=account.email)
        signed_in = sign_in_browser(
            db, account, runtime.settings, browser, Event.PASSWORD_CHANGE, persistent=persistent
        )
    target = url_for("account.account", changed=pass_number(signed_in.claims.session_id))
    return signed_in_response(runtime, signed_in, target)


@pages.post("/email")
@token_required(fresh=TEN_MINUTES, act="change your address")
def change_email() -> BaseResponse:
    """Send a confirmation link to a new address. Raises MailNotSetUp."""
    form, settings, db = EmailForm(request.form), current_runtime().settings, current_db()
    if not settings.sends_mail:
        raise MailNotSetUp("no mail server is set up")
    require_attempt(db, address_limit(settings, "mail", settings.limit_mail))
    try:
        address = email.parse(form.email.data or "")
        with write_transaction(db):
            email.request_change(db, _own_account(), address)
    except (InvalidAddress, TooManyMails) as error:
        audit.record(Event.ADDRESS_REQUESTED, "failure", account=current_claims().subject, reason=error.reason)
        return _page(errors={"email": [error.message]}, new_address=form.email.data or "", status=error.status)
    return _address_done(Event.ADDRESS_REQUESTED)


@pages.post("/email/remove")
@token_required(fresh=TEN_MINUTES, act="remove your address")
def remove_email() -> BaseResponse:
    """Remove the address, confirmed or not. The confirmed one gets a notice."""
    settings, db = current_runtime().settings, current_db()
    facts = request_facts(settings)
    with write_transaction(db):
        email.change(db, settings, _own_account(), None, facts)
    return _address_done(Event.ADDRESS_CHANGED)


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
    response = clear_session(redirect(url_for("home.home", deleted=""), 303), runtime.settings)
    cookies.clear_device(response, runtime.settings)
    return response


def _own_account() -> Account:
    """The visitor's account, locked until the transaction ends."""
    account = current_db().get(Account, current_claims().subject, with_for_update=True, populate_existing=True)
    if account is None:
        raise InvalidToken("account deleted meanwhile", TokenFault.ENDED)
    return account


def _address_done(event: Event) -> BaseResponse:
    audit.record(event, "success", account=current_claims().subject)
    return redirect(url_for("account.account", _anchor="address"), 303)


def _page(
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    new_address: str = "",
    changed: bool = False,
    status: int = 200,
) -> BaseResponse:
    """The page, with the errors of the form that was sent, by field, and the address that it contained."""
    page = render_page(
        "daypass/pages/account.html",
        own=own_pass(gate.current_pass().token, current_runtime().keys.ring),
        addresses=queries.addresses(current_connection(), current_claims().subject),
        errors=errors,
        new_address=new_address,
        changed=changed,
    )
    return make_response(page, status)
