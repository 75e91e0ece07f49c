"""Sign in and sign out, for browsers and programs."""

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import credentials
from daypass.accounts.errors import WrongCredentials
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.gate import Pass
from daypass.throttling.errors import TooManyAttempts
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.browser_sign_in import current_browser, signed_in_response
from daypass.web.challenges import challenge
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import SignedOutMessage, leave_message
from daypass.web.forms import LoginForm
from daypass.web.navigation import is_navigation, prefers_json
from daypass.web.notices import notify_new_program, request_facts
from daypass.web.page_url import page_url
from daypass.web.request_errors import UnsupportedMediaType
from daypass.web.return_to import return_target, sign_out_target
from daypass.web.ruled_urls import shares_cookie
from daypass.web.sign_in import clear_session, sign_token, start_session
from daypass.web.sign_in_page import failed_sign_in_page, sign_in_page
from daypass.web.sign_in_password import prove_password, sign_in_with_password
from daypass.web.sign_out import end_session
from daypass.web.signed_in_page import is_signed_in, signed_in_page
from daypass.web.template_filters import iso
from daypass.web.verdict import verdict

pages = Blueprint("signin", __name__)


@pages.get("/login")
def login() -> BaseResponse:
    """Show the sign-in form.

    Visitors who are signed in already may continue, or sign in as somebody else. Those who came from a protected host
    are redirected straight back, unless they ask to sign in as somebody else.
    """
    runtime, target = current_runtime(), request.args.get("next")
    if not is_signed_in(runtime):
        return sign_in_page(target)
    url = return_target(runtime, target)
    return redirect(url, 303) if shares_cookie(url, runtime.settings) else signed_in_page(target)


@pages.post("/login", endpoint="login_post")
def check_login() -> BaseResponse:
    """Sign in.

    A form gets the cookie and a redirect to the requested page, or JSON if it asks for that. JSON gets the token as
    JSON.
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
        name, password = form.username.data or "", form.password.data or ""
        signed_in = sign_in_with_password(
            runtime, db, current_browser(runtime), name, password, persistent=form.keep.data
        )
        response = signed_in_response(runtime, signed_in, return_target(runtime, form.next.data))
        return _as_json(response, signed_in.claims) if prefers_json(request.environ) else response
    except (WrongCredentials, TooManyAttempts) as error:
        if prefers_json(request.environ):
            raise
        return _failed(form, error)


def _as_json(redirect: BaseResponse, claims: Claims) -> BaseResponse:
    """Turn the redirect after signing in into JSON for a script, and keep its cookies. The token is only in them."""
    location = redirect.headers.pop("Location")
    response = jsonify(name=claims.name, expires_at=iso(claims.expires_at), location=location)
    response.headers.extend(("Set-Cookie", cookie) for cookie in redirect.headers.getlist("Set-Cookie"))
    return response


def _failed(form: LoginForm, error: WrongCredentials | TooManyAttempts) -> Response:
    """The form again, with the error."""
    response = failed_sign_in_page(form, error)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    elif value := challenge(error):
        response.headers["WWW-Authenticate"] = value
    return response


def _login_by_json() -> Response:
    username, password = _strings(_json(), "username", "password")
    runtime, db = current_runtime(), current_db()
    proof = prove_password(runtime, db, username, password)
    facts = request_facts(runtime.settings)
    with write_transaction(db):
        account = credentials.redeem(db, proof)
        notify_new_program(db, runtime.settings, account, facts)
        claims = start_session(db, account, runtime.settings)
        audit.record_with(db, Event.SIGN_IN, account=claims.subject, session=claims.session_id)
    return jsonify(token=sign_token(runtime, claims), expires_at=iso(claims.expires_at))


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


@pages.post("/logout")
def logout() -> BaseResponse:
    """End the session, so that every copy of its token is refused. A form leads to the page in its field `to`.

    The response is 503 while the database cannot be reached, because the session would not be ended.
    """
    runtime = current_runtime()
    found = verdict(runtime, request.environ)
    if isinstance(found, Pass):
        end_session(found)
    response: BaseResponse = Response(status=204)
    if is_page := is_navigation(request.environ, runtime.settings):
        response = redirect(sign_out_target(runtime, request.form.get("to")) or page_url("home.home"), 303)
    if isinstance(found, Pass) and found.is_api_token:
        return response  # it came without a cookie to clear
    clear_session(response, runtime.settings)
    if is_page:
        leave_message(response, runtime.settings, SignedOutMessage.SIGNED_OUT)
    return response
