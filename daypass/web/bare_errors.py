"""The answers to refused requests in an app without the pages of Daypass: the app's own error pages.

Programs get problem details (RFC 9457). Visitors who have to sign in are redirected to the sign-in page.
"""

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, current_app, make_response, redirect, request
from werkzeug.exceptions import default_exceptions

from daypass.errors import DaypassError
from daypass.tokens.errors import InvalidToken
from daypass.web.context import ERROR_HANDLER, current_gate
from daypass.web.navigation import is_navigation
from daypass.web.problems import note_error, problem, with_error_headers
from daypass.web.request_errors import ReauthenticationRequired
from daypass.web.security_headers import OWN_RESPONSE

LoginUrl = Callable[[], str | None]
SIGN_IN_HELPS = (InvalidToken, ReauthenticationRequired)


def handle_errors(app: Flask, login_url: LoginUrl) -> None:
    """Handle the errors of Daypass. login_url: of the sign-in page for the current request, if there is one."""
    on_error = partial(_on_error, login_url)
    app.register_error_handler(DaypassError, on_error)
    app.extensions[ERROR_HANDLER] = on_error


def _on_error(login_url: LoginUrl, error: DaypassError) -> Response:
    note_error(error)
    if not is_navigation(request.environ, current_gate().settings):
        request.environ[OWN_RESPONSE] = True
        return with_error_headers(problem(error.status, error.title, error.message), error)
    if isinstance(error, SIGN_IN_HELPS) and (url := login_url()):
        response: Response = make_response(redirect(url, 303))
        return response
    return with_error_headers(_page_of_app(error), error)


def _page_of_app(error: DaypassError) -> Response:
    """The page that the app shows for this status."""
    shown = default_exceptions[error.status](error.message)
    return make_response(current_app.handle_user_exception(shown))
