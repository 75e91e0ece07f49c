"""Error handlers: pages for browsers, problem details (RFC 9457) for programs."""

import logging

from flask import Blueprint, Flask, Response, make_response, request
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from daypass.errors import DaypassError, InvalidRequest, ServiceUnavailable
from daypass.tokens.errors import InvalidToken
from daypass.web import flask_wtf, reauthentication, resent_request
from daypass.web.act_origins import origin_url
from daypass.web.context import ERROR_HANDLER, current_runtime
from daypass.web.current_pass import current_claims
from daypass.web.forward_auth.closed_page import CLOSED_PAGE
from daypass.web.host_header import UNKNOWN_HOST
from daypass.web.navigation import is_navigation
from daypass.web.page_url import current_endpoint
from daypass.web.problems import note_error, problem, with_error_headers
from daypass.web.refused_pass import gate_said
from daypass.web.rendering import render_page
from daypass.web.request_errors import AccessDenied, ReauthenticationRequired
from daypass.web.request_id import request_id
from daypass.web.requested_url import requested_url
from daypass.web.security_headers import OWN_RESPONSE, RELAYED
from daypass.web.sign_in_page import refused_page

MESSAGES = {
    400: (InvalidRequest.title, InvalidRequest.message),
    404: ("Page not found", "There is no page at this address."),
    405: ("Not supported", "This address does not support this kind of request."),
    413: ("Too large", "Nothing was done, because the request is larger than 64 KiB."),
}
SERVER_ERROR = ("Something went wrong", "Something went wrong on our side.")

log = logging.getLogger("daypass")


def handle_own_errors(app: Flask) -> None:
    """Handle the errors of Daypass, which views of the app may cause too."""
    app.register_error_handler(DaypassError, on_daypass_error)
    app.extensions[ERROR_HANDLER] = on_daypass_error


def handle_all_errors(pages: Flask | Blueprint) -> None:
    """Handle all errors of an app, or of one blueprint."""
    pages.register_error_handler(DaypassError, on_daypass_error)
    pages.register_error_handler(HTTPException, on_http_error)
    pages.register_error_handler(SQLAlchemyError, on_database_error)
    pages.register_error_handler(Exception, on_unexpected_error)


def on_daypass_error(error: DaypassError) -> Response:
    """Handle an error of Daypass. Server errors (5xx) are logged too."""
    request.environ[OWN_RESPONSE] = True
    note_error(error)
    if isinstance(error, InvalidToken) and _is_navigation():
        response = refused_page(error)
    elif isinstance(error, ReauthenticationRequired) and _is_navigation():
        response = _confirm_page(error)
    else:
        denied = isinstance(error, AccessDenied)
        said = gate_said(error.fault) if isinstance(error, InvalidToken) else None
        response = _error_response(error.status, error.title, error.message, denied=denied, back=error.back, said=said)
    return with_error_headers(response, error)


def on_http_error(error: HTTPException) -> Response:
    """Handle an error of Werkzeug or Flask, such as 404, 405 or 413."""
    status = error.code or 500
    title, message = MESSAGES.get(status, SERVER_ERROR if status >= 500 else MESSAGES[400])
    response = _error_response(status, title, message)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


def on_database_error(error: SQLAlchemyError) -> Response:
    """Handle an unexpected database error with 503: fail closed (ASVS 16.5.2).

    Text that the database rejects, such as NUL in PostgreSQL, is an invalid request.
    """
    if isinstance(error, DataError):
        return on_daypass_error(InvalidRequest("text that the database rejects"))
    log.error("request %s: the database failed", request_id(request.environ), exc_info=error)
    return on_daypass_error(ServiceUnavailable(f"database: {type(error).__name__}"))


def on_unexpected_error(error: Exception) -> Response:
    """Handle any other exception.

    It is logged in full; the visitor gets the id of that log entry.
    """
    log.error("request %s failed", request_id(request.environ), exc_info=error)
    return _error_response(500, *SERVER_ERROR, error_id=request_id(request.environ))


def _error_response(
    status: int,
    title: str,
    message: str,
    *,
    denied: bool = False,
    back: tuple[str, str] | None = None,
    error_id: str | None = None,
    said: str | None = None,
) -> Response:
    """A page for browsers, problem details (RFC 9457) for programs.

    denied: whether another account may have access. back: endpoint and text of a link to where the visitor came from.
    said: the gate's exact message, for programs.
    """
    if _is_navigation():
        texts = {"title": title, "message": message, "denied": denied, "back": back, "error_id": error_id}
        closed = {"closed_page": request.environ.get(CLOSED_PAGE), "next": requested_url() if denied else None}
        return make_response(render_page(_error_template(), status=status, **texts, **closed), status)
    return problem(status, title, message, error_id=error_id, said=said)


def _confirm_page(error: ReauthenticationRequired) -> Response:
    """The page that asks for the password, and then repeats the interrupted request."""
    interrupted = resent_request.seal(current_runtime().settings, current_claims().subject)
    page = render_page(
        "daypass/pages/confirm_password.html",
        action=requested_url(),
        back=origin_url(),
        is_download=current_endpoint() == "own_data.export",
        error=error,
        password_field=reauthentication.PASSWORD_FIELD,
        request_field=resent_request.FIELD,
        interrupted=interrupted,
        csrf_field=flask_wtf.csrf_field(),
    )
    return make_response(page, error.status)


def _is_navigation() -> bool:
    return is_navigation(request.environ, current_runtime().settings)


def _error_template() -> str:
    if RELAYED in request.environ:
        return "daypass/pages/protected_host.html"
    if UNKNOWN_HOST in request.environ:
        return "daypass/pages/unknown_host.html"
    return "daypass/pages/error.html"
