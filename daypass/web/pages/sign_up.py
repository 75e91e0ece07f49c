"""New accounts: sign-up, and the first account with its one-time link."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, names, requests
from daypass.accounts.errors import (
    InvalidName,
    InvalidSetupLink,
    InvitationRequired,
    NameTaken,
    SetupComplete,
    SignupClosed,
    WeakPassword,
)
from daypass.accounts.setup import check_link
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import DaypassError
from daypass.settings.sign_up import SignUp
from daypass.web import audit
from daypass.web.attempts import address_limit, client_hasher, require_attempt
from daypass.web.browser_sign_in import current_browser, sign_in_browser, signed_in_response
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import CredentialsForm, SetupForm, SignupForm
from daypass.web.page_url import page_url
from daypass.web.rendering import render_page
from daypass.web.return_to import allow_form_redirect, return_target
from daypass.web.signed_in_page import is_signed_in, signed_in_page

pages = Blueprint("signup", __name__)


@pages.get("/signup")
def signup() -> BaseResponse:
    _check_open()
    target = request.args.get("next")
    return signed_in_page(target) if is_signed_in(current_runtime()) else _form(SignupForm(data={"next": target}))


@pages.post("/signup", endpoint="signup_post")
def create_account() -> BaseResponse:
    _check_open()
    form = SignupForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        require_attempt(db, address_limit(runtime.settings, "sign-up", runtime.settings.limit_signup))
        name, password_hash = _new_credentials(form)
        browser = current_browser(runtime)
        if runtime.settings.signup is SignUp.APPROVE:
            return _request_account(name, password_hash)
        with write_transaction(db):
            account = accounts.sign_up(db, name, password_hash)
            signed_in = sign_in_browser(db, account, runtime.settings, browser, Event.SIGN_UP)
        return signed_in_response(runtime, signed_in, return_target(runtime, form.next.data))
    except (InvalidName, NameTaken, WeakPassword) as error:
        _mark(form, error)
        return _form(form, error.status)


def _request_account(name: str, password_hash: str) -> Response:
    """Create an account that waits for approval, and say so. Nobody is signed in."""
    db = current_db()
    with write_transaction(db):
        account = requests.create(db, name, password_hash)
        requests.tell_administrators(db, current_runtime().settings)
        audit.record_with(db, Event.ACCOUNT_REQUESTED, account=account.id)
    return make_response(render_page("daypass/pages/account_requested.html", name=name))


@pages.get("/setup")
def setup() -> BaseResponse:
    code = request.args.get("code", "")
    try:
        check_link(current_db(), code, datetime.now(UTC))
        return make_response(render_page("daypass/pages/setup.html", form=SetupForm(data={"code": code})))
    except (InvalidSetupLink, SetupComplete) as error:
        return _invalid_link_page(error)


@pages.post("/setup", endpoint="setup_post")
def create_first_account() -> BaseResponse:
    form = SetupForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        code, now = form.code.data or "", datetime.now(UTC)
        check_link(db, code, now)  # before the password is hashed
        name, password_hash = _new_credentials(form)
        browser = current_browser(runtime)
        with write_transaction(db):
            account = accounts.create_first(db, code, now, name, password_hash)
            signed_in = sign_in_browser(db, account, runtime.settings, browser, Event.SET_UP)
        return signed_in_response(runtime, signed_in, page_url("home.home"))
    except (InvalidSetupLink, SetupComplete) as error:
        return _invalid_link_page(error)
    except (InvalidName, NameTaken, WeakPassword) as error:
        _mark(form, error)
        return make_response(render_page("daypass/pages/setup.html", form=form), error.status)


def _check_open() -> None:
    signup = current_runtime().settings.signup
    if signup is SignUp.INVITE:
        raise InvitationRequired("sign-up by invitation")
    if not signup.has_form:
        raise SignupClosed("sign-up is closed")


def _new_credentials(form: CredentialsForm) -> tuple[str, str]:
    """Name and password hash for a new account.

    Raises InvalidName, WeakPassword or Busy.
    """
    name, password = names.canonical(form.username.data or ""), form.password.data or ""
    return name, client_hasher(current_runtime()).hash_new(password, name)


def _mark(form: CredentialsForm, error: DaypassError) -> None:
    """Log the error, and set it on the field that it belongs to."""
    audit.record(Event.SET_UP if isinstance(form, SetupForm) else Event.SIGN_UP, "failure", reason=error.reason)
    field = form.password if isinstance(error, WeakPassword) else form.username
    field.errors = [*getattr(error, "advice", [error.message])]


def _form(form: SignupForm, status: int = 200) -> Response:
    allow_form_redirect(current_runtime(), form.next.data)
    needs_approval = current_runtime().settings.signup is SignUp.APPROVE
    return make_response(render_page("daypass/pages/signup.html", form=form, needs_approval=needs_approval), status)


def _invalid_link_page(error: InvalidSetupLink | SetupComplete) -> Response:
    audit.record(Event.SET_UP, "failure", reason=error.reason)
    page = render_page("daypass/pages/setup.html", form=None, message=error.message)
    return make_response(page, error.status)
