"""Sign in and sign out, for browsers and programs."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import credentials
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.errors import WrongCredentials
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.gate import Pass
from daypass.sessions import lifecycle
from daypass.web import audit
from daypass.web.challenges import bearer
from daypass.web.context import current_db, current_hasher, current_runtime
from daypass.web.forms import LoginForm
from daypass.web.navigation import is_navigation
from daypass.web.request_errors import UnsupportedMediaType
from daypass.web.return_to import allow_form_redirect, return_target, shares_cookie
from daypass.web.sign_in import clear_session, sign_token, signed_in_response, start_session
from daypass.web.verdict import browser_session_id, current_verdict, visitor

pages = Blueprint("signin", __name__)


@pages.get("/login")
def login() -> BaseResponse:
    """Show the sign-in form.

    Visitors who are signed in already and came from a protected host are redirected straight back.
    """
    runtime = current_runtime()
    target = return_target(runtime, request.args.get("next"))
    if shares_cookie(target, runtime.settings) and (own := visitor()) and own.from_cookie:
        return redirect(target, 303)
    return _form(LoginForm(data={"next": request.args.get("next")}))


@pages.post("/login", endpoint="login_post")
def check_login() -> BaseResponse:
    """Sign in.

    A form gets the cookie and a redirect to the requested page; JSON gets the token as JSON.
    """
    match request.mimetype:
        case "application/json":
            return _login_by_json()
        case "application/x-www-form-urlencoded" | "multipart/form-data":
            return _login_by_form()
    raise UnsupportedMediaType("login with another media type")


def _login_by_form() -> BaseResponse:
    form = LoginForm(request.form)
    runtime, db = current_runtime(), current_db()
    try:
        proof = _proof(form.username.data or "", form.password.data or "")
        replaced = browser_session_id()
        with write_transaction(db):
            account = credentials.redeem(db, proof)
            claims = start_session(db, account, runtime.settings, persistent=form.keep.data, replaces=replaced)
        return signed_in_response(runtime, claims, return_target(runtime, form.next.data), Event.SIGN_IN)
    except WrongCredentials as error:
        response = _form(form, error.message, error.status)
        response.headers["WWW-Authenticate"] = bearer()
        return response


def _form(form: LoginForm, error: str | None = None, status: int = 200) -> Response:
    allow_form_redirect(current_runtime(), form.next.data)
    return make_response(render_template("daypass/pages/login.html", form=form, error=error), status)


def _login_by_json() -> Response:
    username, password = _strings(_json(), "username", "password")
    proof = _proof(username, password)
    runtime, db = current_runtime(), current_db()
    with write_transaction(db):
        claims = start_session(db, credentials.redeem(db, proof), runtime.settings)
    audit.record(Event.SIGN_IN, "success", account=claims.subject, session=claims.session_id)
    return jsonify(token=sign_token(runtime, claims), expires_at=claims.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _json() -> object:
    """The JSON of the request; None if it is invalid, or nested too deeply."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _strings(document: object, *names: str) -> list[str]:
    """The strings with these names in a JSON object. Raises InvalidRequest."""
    values = [document.get(name) for name in names] if isinstance(document, dict) else []
    strings = [value for value in values if isinstance(value, str)]
    if len(strings) != len(names):
        raise InvalidRequest("JSON fields", message=f"Send a JSON object with the strings {' and '.join(names)}.")
    return strings


def _proof(username: str, password: str) -> PasswordProof:
    """Check the password.

    A failure is logged with its reason, which the visitor does not see.
    """
    try:
        return credentials.check_password(current_db(), current_hasher(), username, password)
    except WrongCredentials as error:
        audit.record(Event.SIGN_IN, "failure", account=error.account_id, reason=error.reason)
        raise


@pages.post("/logout")
def logout() -> BaseResponse:
    """End the session, so that every copy of its token is refused.

    The response is 503 while the database cannot be reached, because the session would not be ended.
    """
    verdict = current_verdict()
    if isinstance(verdict, Pass):
        db, claims = current_db(), verdict.claims
        with write_transaction(db):
            lifecycle.end(db, claims.session_id, "signed_out")
        audit.record(Event.SIGN_OUT, "success", account=claims.subject, session=claims.session_id)
    response = redirect(url_for("home.home", signed_out=""), 303) if is_navigation(request) else Response(status=204)
    if isinstance(verdict, Pass) and verdict.is_api_token:
        return response  # it came without a cookie to clear
    return clear_session(response, current_runtime().settings)
