"""Forgotten passwords: ask for a link, and set a new password with it (ASVS 6.4.3)."""

from flask import Blueprint, Response, make_response, request

from daypass.accounts import mail_links, recovery
from daypass.accounts.errors import InvalidLink, MailNotSetUp, WeakPassword
from daypass.accounts.notices import notify
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.attempts import address_limit, client_hasher, require_attempt
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import ForgotForm, ResetForm
from daypass.web.link_pages import invalid_link_page, link_page
from daypass.web.notices import request_facts
from daypass.web.rendering import render_page

pages = Blueprint("recovery", __name__)

CHANGED = "Your password was changed, and all your sessions were ended. Sign in with the new one."
REOPENED = "Your account is open again, and has the new password. Sign in with it."


@pages.get("/forgot")
def forgot() -> str:
    _check_mail()
    return render_page("daypass/pages/forgot.html", form=ForgotForm(), sent=False)


@pages.post("/forgot", endpoint="forgot_post")
def request_link() -> str:
    """Ask for a link. The response is the same for every input, because the account is looked up later."""
    _check_mail()
    form, settings, db = ForgotForm(request.form), current_runtime().settings, current_db()
    require_attempt(db, address_limit(settings, "mail", settings.limit_mail))
    with write_transaction(db):
        recovery.request(db, form.account.data or "")
    audit.record(Event.RESET_REQUESTED, "success")
    return render_page("daypass/pages/forgot.html", form=None, sent=True)


@pages.get("/reset")
def reset() -> Response:
    """Show the form. Nothing changes, so a mail scanner that opens the link does not use it up."""
    token = request.args.get("token", "")
    try:
        _, account = _check(token)
    except InvalidLink as error:
        return _invalid(error)
    return _form(ResetForm(data={"token": token}), account.name)


@pages.post("/reset", endpoint="reset_post")
def set_password() -> Response:
    """Set the password, end all sessions, and show the sign-in form. Nobody is signed in by it.

    An account that its owner has locked is open again afterwards.
    """
    form = ResetForm(request.form)
    runtime, db = current_runtime(), current_db()
    facts = request_facts(runtime.settings)
    try:
        claims, account = _check(form.token.data or "")
        name = account.name
        db.rollback()
        password_hash = client_hasher(runtime).hash_new(form.password.data or "", name)
        with write_transaction(db):
            account, was_locked = recovery.reset(db, claims.subject, claims.session_id, password_hash)
            notify(db, runtime.settings, account, Kind.PASSWORD_RESET, facts, to=account.email)
    except InvalidLink as error:
        return _invalid(error)
    except WeakPassword as error:
        form.password.errors = error.advice
        return _form(form, name, error.status)
    audit.record(Event.PASSWORD_RESET, "success", account=claims.subject)
    if was_locked:
        audit.record(Event.ACCOUNT_REOPENED, "success", account=claims.subject)
    notice = REOPENED if was_locked else CHANGED
    page = render_page("daypass/pages/login.html", username=name, notice=notice)
    return link_page(make_response(page))


def _check_mail() -> None:
    if not current_runtime().settings.sends_mail:
        raise MailNotSetUp("no mail server is set up")


def _check(token: str) -> tuple[Claims, Account]:
    """The claims of a current link, and its account. Raises InvalidLink."""
    runtime, db = current_runtime(), current_db()
    claims = mail_links.read(runtime.settings, runtime.keys.current(), purposes.RESET, token)
    return claims, recovery.check_link(db.get(Account, claims.subject), claims.session_id)


def _form(form: ResetForm, name: str, status: int = 200) -> Response:
    return link_page(make_response(render_page("daypass/pages/reset.html", form=form, name=name), status))


def _invalid(error: InvalidLink) -> Response:
    audit.record(Event.PASSWORD_RESET, "failure", reason=error.reason)
    return invalid_link_page(error)
