"""Errors as answers: a page for browsers, problem details (RFC 9457) for programs."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, g, json, make_response, render_template, request
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.http import quote_header_value

from daypass import cookies, events, fresh
from daypass.errors import (
    Busy,
    DaypassError,
    Fault,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    RoleMissing,
    StaleLogin,
    Unavailable,
)
from daypass.extensions import process
from daypass.forms import LoginForm

SENTENCES = {
    400: ("Not understood", "The request could not be understood."),
    404: ("Page not found", "There is no page at this address."),
    405: ("Not possible", "This address does not do what was asked of it."),
    413: ("Too large", "What was sent is larger than 64 KiB, so it was not read."),
}
IN_PATH = "!$&'()*+,/:;=@"  # what stands in a path as it is (RFC 3986 section 3.3)
IN_QUERY = IN_PATH + '?%[]{}|^`<>"'  # quoted by the browser already, as far as it did
NOBODY_TO_BLAME = ("Something went wrong", "Something went wrong here. It is not your doing.")

log = logging.getLogger("daypass")


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(DaypassError, on_daypass_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(SQLAlchemyError, on_database_error)
    app.register_error_handler(Exception, on_surprise)


def navigates(request: Request) -> bool:
    """Whether a browser wants a page to show, rather than a script or program an answer to read.

    Nobody is shown a page under `/api`, whose answers are JSON, errors included.
    """
    if request.path.startswith(f"{process().settings.prefix}/api/"):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("Accept", "").lower()


def on_daypass_error(error: DaypassError) -> Response:
    """An error of our own, as page or JSON; one that is our fault is logged as well."""
    if isinstance(error, Busy):
        events.record("busy", "failure", reason=error.reason)
    elif error.status >= 500:
        log.error("request %s: %s", events.request_id(), error.reason)
    if isinstance(error, InvalidToken) and navigates(request):
        response = _invalid_token_page(error)
    elif isinstance(error, StaleLogin) and navigates(request):
        response = _confirm_page(error)
    else:
        response = _answer(error.status, error.title, error.sentence)
    if told := challenge(error):
        response.headers["WWW-Authenticate"] = told
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def on_http_error(error: HTTPException) -> Response:
    """An error of Werkzeug's or Flask's: 404, 405, 413 ..."""
    status = error.code or 500
    title, sentence = SENTENCES.get(status, NOBODY_TO_BLAME if status >= 500 else SENTENCES[400])
    response = _answer(status, title, sentence)
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
    log.error("request %s: the database failed", events.request_id(), exc_info=error)
    return on_daypass_error(Unavailable(f"database: {type(error).__name__}"))


def on_surprise(error: Exception) -> Response:
    """Anything else: the log has it in full, the visitor gets an id that finds it there."""
    log.error("request %s failed", events.request_id(), exc_info=error)
    return _answer(500, *NOBODY_TO_BLAME, error_id=events.request_id())


def _answer(status: int, title: str, sentence: str, *, error_id: str | None = None) -> Response:
    """An error as a page for browsers, as problem details (RFC 9457) for programs."""
    if navigates(request):
        template = (
            "daypass/pages/unknown_host.html"
            if isinstance(request.routing_exception, SecurityError)
            else "daypass/pages/error.html"
        )
        template = "daypass/pages/protected_host.html" if g.get("elsewhere") else template
        page = render_template(template, status=status, title=title, sentence=sentence, error_id=error_id)
        return make_response(page, status)
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    if error_id:
        problem["instance"] = f"urn:daypass:error:{error_id}"
    return Response(json.dumps(problem), status, content_type="application/problem+json")


def _invalid_token_page(error: InvalidToken) -> Response:
    """The page "Invalid token", with the form that leads back to the page asked for; a bad cookie is cleared."""
    asked_for = request.full_path.removesuffix("?") if request.method in ("GET", "HEAD") else None
    form = LoginForm(data={"next": _as_in_url() if asked_for else None})
    page = render_template("daypass/pages/invalid_token.html", sentence=error.sentence, asked_for=asked_for, form=form)
    response = make_response(page, error.status)
    if g.get("clear_cookie"):
        cookies.clear(response, process().settings)
    return response


def _as_in_url() -> str:
    """Path and query of the request as they stand in a URL, where all is ASCII."""
    path = quote(request.path, safe=IN_PATH)
    return f"{path}?{quote(request.query_string, safe=IN_QUERY)}" if request.query_string else path


def _confirm_page(error: StaleLogin) -> Response:
    """The page that asks for the password and sends the same form again; the old password field is not among it."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != fresh.FIELD]
    page = render_template(
        "daypass/pages/confirm_password.html", action=request.path, fields=fields, error=error, field=fresh.FIELD
    )
    return make_response(page, error.status)


def challenge(error: DaypassError) -> str | None:
    """The WWW-Authenticate of RFC 6750 section 3: without an error code where no token was sent."""
    if isinstance(error, RoleMissing):
        return bearer(error="insufficient_scope", error_description=f"The role {error.role} is missing.")
    if isinstance(error, InsufficientScope):
        return bearer(error="insufficient_scope", error_description=error.sentence)
    if isinstance(error, StaleLogin):  # RFC 9470 section 3
        description = "The password must have been typed more recently."
        return bearer(
            error="insufficient_user_authentication", error_description=description, max_age=str(error.max_age)
        )
    if isinstance(error, InvalidToken) and error.fault is not Fault.MISSING:
        return bearer(error="invalid_token", error_description=error.sentence)
    return bearer() if error.status == HTTPStatus.UNAUTHORIZED else None


def bearer(**parameters: str) -> str:
    """A challenge of the Bearer scheme; its parameters stand in quotes (RFC 6750 section 3)."""
    told = {"realm": "Daypass", **parameters}.items()
    return "Bearer " + ", ".join(f"{name}={quote_header_value(value, allow_token=False)}" for name, value in told)
