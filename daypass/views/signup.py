"""New accounts: sign up, and the first account by its one-time link."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, setup_state, tokens
from daypass.database import writing
from daypass.entering import begin_session, hasher
from daypass.errors import (
    DaypassError,
    InvalidName,
    InvalidToken,
    NameTaken,
    SetupDone,
    SignupClosed,
    WeakPassword,
)
from daypass.extensions import db, process
from daypass.forms import EntryForm, SetupForm, SignupForm
from daypass.views.arrival import enter, held_session, open_way_back, way_back

pages = Blueprint("signup", __name__)


@pages.get("/signup")
def signup() -> BaseResponse:
    _only_if_open()
    return _form(SignupForm(data={"next": request.args.get("next")}))


@pages.post("/signup", endpoint="signup_post")
def make_account() -> BaseResponse:
    _only_if_open()
    form = SignupForm(request.form)
    try:
        name, password_hash = _new_credentials(form)
        held = held_session()
        with writing(db.session):
            account = accounts.sign_up(db.session, name, password_hash)
            claims = begin_session(db.session, account, replaces=held)
        return enter(claims, way_back(form.next.data), "sign_up")
    except (InvalidName, NameTaken, WeakPassword) as error:
        _mark(form, error)
        return _form(form, error.status)


@pages.get("/setup")
def setup() -> BaseResponse:
    token = request.args.get("token", "")
    try:
        _check_setup_token(token)
        return make_response(render_template("daypass/pages/setup.html", form=SetupForm(data={"token": token})))
    except (InvalidToken, SetupDone) as error:
        return _dead_link(error)


@pages.post("/setup", endpoint="setup_post")
def make_first_account() -> BaseResponse:
    form = SetupForm(request.form)
    try:
        link_id = _check_setup_token(form.token.data or "")
        name, password_hash = _new_credentials(form)
        with writing(db.session):
            account = accounts.create_first(db.session, link_id, name, password_hash)
            claims = begin_session(db.session, account)
        return enter(claims, way_back(None), "set_up")
    except (InvalidToken, SetupDone) as error:
        return _dead_link(error)
    except (InvalidName, NameTaken, WeakPassword) as error:
        _mark(form, error)
        return make_response(render_template("daypass/pages/setup.html", form=form), error.status)


def _only_if_open() -> None:
    if not process().settings.signup:
        raise SignupClosed("sign-up is closed")


def _new_credentials(form: EntryForm) -> tuple[str, str]:
    """Name and password hash for a new account. Raises InvalidName, WeakPassword or Busy."""
    name, password = accounts.canonical(form.username.data or ""), form.password.data or ""
    return name, hasher().hash_new(password, name)


def _mark(form: EntryForm, error: DaypassError) -> None:
    """Put the error at its field; what was typed is still there, the password aside."""
    events.record("set_up" if isinstance(form, SetupForm) else "sign_up", "failure", reason=error.reason)
    field = form.password if isinstance(error, WeakPassword) else form.username
    field.errors = [*getattr(error, "advice", [error.sentence])]


def _form(form: SignupForm, status: int = 200) -> Response:
    open_way_back(form.next.data)
    return make_response(render_template("daypass/pages/signup.html", form=form), status)


def _check_setup_token(token: str) -> str:
    """The id of the live set-up link. Raises SetupDone once set-up is done, InvalidToken for any other link."""
    if setup_state.is_done(db.session):
        raise SetupDone("set-up is done")
    read = tokens.decode(
        token,
        ring=process().keys.ring,
        issuer=process().settings.base_url,
        purposes={tokens.SETUP: tokens.SETUP_LIFETIME},
        now=datetime.now(UTC),
    )
    setup_state.check_link(db.session, read.claims.session_id)
    return read.claims.session_id


def _dead_link(error: DaypassError) -> Response:
    events.record("set_up", "failure", reason=error.reason)
    dead = "This link is no longer good. Use the one that the last start printed, or start Daypass again for a new one."
    sentence = error.sentence if isinstance(error, SetupDone) else dead
    return make_response(render_template("daypass/pages/setup.html", form=None, sentence=sentence), SetupDone.status)
