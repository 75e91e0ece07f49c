"""Sign in and sign out, for browsers and for programs."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import credentials
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.errors import WrongCredentials
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.runtime import db, process
from daypass.sessions import lifecycle
from daypass.web import audit, gate
from daypass.web.browser_session import enter, held_session, leave
from daypass.web.errors import bearer, is_navigation
from daypass.web.forms import LoginForm
from daypass.web.request_errors import UnsupportedMediaType
from daypass.web.return_to import allow_form_redirect, return_target, shares_cookie
from daypass.web.sign_in import hasher, sign_token, start_session

pages = Blueprint("signin", __name__)


@pages.get("/login")
def login() -> BaseResponse:
    """The form; who is signed in already and comes from a page on another host goes back to it at once."""
    back = return_target(request.args.get("next"))
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
    raise UnsupportedMediaType("login with another media type")


def _login_by_form() -> BaseResponse:
    form = LoginForm(request.form)
    try:
        proof = _proof(form.username.data or "", form.password.data or "")
        held = held_session()
        with write_transaction(db.session):
            account = credentials.redeem(db.session, proof)
            claims = start_session(db.session, account, keep=form.keep.data, replaces=held)
        return enter(claims, return_target(form.next.data), "sign_in")
    except WrongCredentials as error:
        response = _form(form, error.sentence, error.status)
        response.headers["WWW-Authenticate"] = bearer()
        return response


def _form(form: LoginForm, error: str | None = None, status: int = 200) -> Response:
    allow_form_redirect(form.next.data)
    return make_response(render_template("login.html", form=form, error=error), status)


def _login_by_json() -> Response:
    username, password = _texts(_json(), "username", "password")
    proof = _proof(username, password)
    with write_transaction(db.session):
        claims = start_session(db.session, credentials.redeem(db.session, proof))
    audit.record("sign_in", "success", account=claims.subject, session=claims.session_id)
    return jsonify(token=sign_token(claims), expires_at=claims.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


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


def _proof(username: str, password: str) -> PasswordProof:
    """Proof of the password; a failure is logged with its cause, which the visitor is not told."""
    try:
        return credentials.check_password(db.session, hasher(), username, password)
    except WrongCredentials as error:
        audit.record("sign_in", "failure", account=error.account_id, reason=error.reason)
        raise


@pages.post("/logout")
def logout() -> BaseResponse:
    """End the session in the database, so that every copy of its token is refused from now on, and clear the cookie.

    While the database cannot be asked this is a 503: nobody is told that a session ended which did not.
    """
    held = gate.verdict(request)
    if isinstance(held, gate.Pass):
        with write_transaction(db.session):
            lifecycle.end(db.session, held.claims.session_id, "signed_out")
        process().revocations.note(held.claims)
        audit.record("sign_out", "success", account=held.claims.subject, session=held.claims.session_id)
    response = redirect(url_for("home.home", signed_out=""), 303) if is_navigation(request) else Response(status=204)
    is_program = isinstance(held, gate.Pass) and held.is_program
    return response if is_program else leave(response)  # an API token came without a cookie to clear
