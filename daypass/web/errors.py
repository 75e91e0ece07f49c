"""Error handlers: a page for browsers, problem details (RFC 9457) for programs."""

import logging
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, json, make_response, render_template, request
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from daypass.audit.events import Event
from daypass.errors import DaypassError, InvalidRequest, ServiceUnavailable
from daypass.throttling.errors import Busy
from daypass.tokens.errors import InvalidToken
from daypass.web import audit, cookies, reauthentication, resent_request, security_headers
from daypass.web.challenges import challenge
from daypass.web.context import current_runtime
from daypass.web.forms import LoginForm
from daypass.web.gate import current_claims
from daypass.web.navigation import is_navigation
from daypass.web.request_errors import ReauthenticationRequired
from daypass.web.verdict import presented_bad_cookie

MESSAGES = {
    400: ("Not understood", "The request could not be understood."),
    404: ("Page not found", "There is no page at this address."),
    405: ("Not possible", "This address does not do what was asked of it."),
    413: ("Too large", "What was sent is larger than 64 KiB, so it was not read."),
}
IN_PATH = "!$&'()*+,/:;=@"  # what stands in a path as it is (RFC 3986 section 3.3)
IN_QUERY = IN_PATH + '?%[]{}|^`<>"'  # quoted by the browser already, as far as it did
SERVER_ERROR = ("Something went wrong", "Something went wrong on our side.")

log = logging.getLogger("daypass")


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(DaypassError, on_daypass_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(SQLAlchemyError, on_database_error)
    app.register_error_handler(Exception, on_unexpected_error)


def on_daypass_error(error: DaypassError) -> Response:
    """An error of our own, as page or JSON; one that is our fault is logged as well."""
    if isinstance(error, Busy):
        audit.record(Event.BUSY, "failure", reason=error.reason)
    elif error.status >= 500:
        log.error("request %s: %s", audit.request_id(), error.reason)
    if isinstance(error, InvalidToken) and is_navigation(request):
        response = _invalid_token_page(error)
    elif isinstance(error, ReauthenticationRequired) and is_navigation(request):
        response = _confirm_page(error)
    else:
        response = _answer(error.status, error.title, error.message)
    if value := challenge(error):
        response.headers["WWW-Authenticate"] = value
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def on_http_error(error: HTTPException) -> Response:
    """An error of Werkzeug's or Flask's: 404, 405, 413 ..."""
    status = error.code or 500
    title, message = MESSAGES.get(status, SERVER_ERROR if status >= 500 else MESSAGES[400])
    response = _answer(status, title, message)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


def on_database_error(error: SQLAlchemyError) -> Response:
    """The database failed where nobody expected it to: shut, and said so (ASVS 16.5.2).

    Text that it does not take, such as NUL in PostgreSQL, is the request's fault.
    """
    if isinstance(error, DataError):
        return on_daypass_error(InvalidRequest("text that the database does not take"))
    log.error("request %s: the database failed", audit.request_id(), exc_info=error)
    return on_daypass_error(ServiceUnavailable(f"database: {type(error).__name__}"))


def on_unexpected_error(error: Exception) -> Response:
    """Anything else: the log has it in full, the visitor gets an id that finds it there."""
    log.error("request %s failed", audit.request_id(), exc_info=error)
    return _answer(500, *SERVER_ERROR, error_id=audit.request_id())


def _answer(status: int, title: str, message: str, *, error_id: str | None = None) -> Response:
    """An error as a page for browsers, as problem details (RFC 9457) for programs."""
    if is_navigation(request):
        page = render_template(_error_template(), status=status, title=title, message=message, error_id=error_id)
        return make_response(page, status)
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": message}
    if error_id:
        problem["instance"] = f"urn:daypass:error:{error_id}"
    return Response(json.dumps(problem), status, content_type="application/problem+json")


def _invalid_token_page(error: InvalidToken) -> Response:
    """The page "Invalid token", with the form that leads back to the page asked for; a bad cookie is cleared."""
    asked_for = request.full_path.removesuffix("?") if request.method in ("GET", "HEAD") else None
    form = LoginForm(data={"next": _as_in_url() if asked_for else None})
    page = render_template("daypass/pages/invalid_token.html", message=error.message, asked_for=asked_for, form=form)
    response = make_response(page, error.status)
    if presented_bad_cookie():
        cookies.clear_token(response, current_runtime().settings)
    return response


def _as_in_url() -> str:
    """Path and query of the request as they stand in a URL, where all is ASCII."""
    path = quote(request.path, safe=IN_PATH)
    return f"{path}?{quote(request.query_string, safe=IN_QUERY)}" if request.query_string else path


def _confirm_page(error: ReauthenticationRequired) -> Response:
    """The page that asks for the password, and then continues the request."""
    interrupted = resent_request.seal(current_runtime().settings, current_claims().subject)
    page = render_template(
        "daypass/pages/confirm_password.html",
        action=_as_in_url(),
        error=error,
        password_field=reauthentication.PASSWORD_FIELD,
        request_field=resent_request.FIELD,
        interrupted=interrupted,
    )
    return make_response(page, error.status)


def _error_template() -> str:
    if security_headers.is_relayed():
        return "daypass/pages/protected_host.html"
    if isinstance(request.routing_exception, SecurityError):
        return "daypass/pages/unknown_host.html"
    return "daypass/pages/error.html"
