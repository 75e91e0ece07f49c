"""Sign in and sign out, for browsers and for programs."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, gate, sessions
from daypass.accounts import Proof
from daypass.answers import bearer, navigates
from daypass.database import writing
from daypass.entering import begin_session, hasher, signed
from daypass.errors import InvalidRequest, UnsupportedMedia, WrongCredentials
from daypass.extensions import db, process
from daypass.forms import LoginForm
from daypass.views.arrival import enter, held_session, leave, open_way_back, shares_cookie, way_back

pages = Blueprint("signin", __name__)


@pages.get("/login")
def login() -> BaseResponse:
    """The form; who is signed in already and comes from a page on another host goes back to it at once."""
    back = way_back(request.args.get("next"))
    if shares_cookie(back) and (held := gate.visitor()) and held.from_cookie:
        return redirect(back, 303)
    return _form(LoginForm(data={"next": request.args.get("next")}))


@pages.post("/login", endpoint="login_post")
def check_login() -> BaseResponse:
    """A form gets the cookie and goes on to the page asked for; JSON gets the token as JSON."""
    match request.mimetype:
        case "application/json":
            return _login_by_json()
        case "application/x-www-form-urlencoded" | "multipart/form-data":
            return _login_by_form()
    raise UnsupportedMedia("login with another media type")


def _login_by_form() -> BaseResponse:
    form = LoginForm(request.form)
    try:
        proof = _proof(form.username.data or "", form.password.data or "")
        held = held_session()
        with writing(db.session):
            account = accounts.redeem(db.session, proof)
            claims = begin_session(db.session, account, keep=form.keep.data, replaces=held)
        return enter(claims, way_back(form.next.data), "sign_in")
    except WrongCredentials as error:
        response = _form(form, error.sentence, error.status)
        response.headers["WWW-Authenticate"] = bearer()
        return response


def _form(form: LoginForm, error: str | None = None, status: int = 200) -> Response:
    open_way_back(form.next.data)
    return make_response(render_template("daypass/pages/login.html", form=form, error=error), status)


def _login_by_json() -> Response:
    username, password = _texts(_json(), "username", "password")
    proof = _proof(username, password)
    with writing(db.session):
        claims = begin_session(db.session, accounts.redeem(db.session, proof))
    events.record("sign_in", "success", account=claims.subject, session=claims.session_id)
    return jsonify(token=signed(claims), expires_at=claims.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _json() -> object:
    """The JSON of the request, or None where it is none, or nested deeper than Python reads."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _texts(document: object, *names: str) -> list[str]:
    """The texts of these names out of a JSON object. Raises InvalidRequest."""
    values = [document.get(name) for name in names] if isinstance(document, dict) else []
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(names):
        raise InvalidRequest("JSON fields", sentence=f"Send a JSON object with the texts {' and '.join(names)}.")
    return texts


def _proof(username: str, password: str) -> Proof:
    """Proof of the password; a failure is logged with its cause, which the visitor is not told."""
    try:
        return accounts.check_password(db.session, hasher(), username, password)
    except WrongCredentials as error:
        events.record("sign_in", "failure", account=error.account_id, reason=error.reason)
        raise


@pages.post("/logout")
def logout() -> BaseResponse:
    """End the session in the database, so that every copy of its token is refused from now on, and clear the cookie.

    While the database cannot be asked this is a 503: nobody is told that a session ended which did not.
    """
    held = gate.verdict(request)
    if isinstance(held, gate.Pass):
        with writing(db.session):
            sessions.end(db.session, held.claims.session_id, "signed_out")
        process().revocations.note(held.claims)
        events.record("sign_out", "success", account=held.claims.subject, session=held.claims.session_id)
    response = redirect(url_for("home.home", signed_out=""), 303) if navigates(request) else Response(status=204)
    is_program = isinstance(held, gate.Pass) and held.is_program
    return response if is_program else leave(response)  # an API token came without a cookie to clear
