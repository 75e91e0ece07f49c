"""For sign-in views of the app's own: sign the visitor in and out, and find the page to return to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Response, after_this_request, request
from sqlalchemy.exc import SQLAlchemyError

from daypass.errors import ServiceUnavailable
from daypass.gate import Pass
from daypass.net.redirect_target import safe_path
from daypass.runtime import Runtime
from daypass.tokens.claims import Token
from daypass.web import cookies
from daypass.web.browser_sign_in import SignedIn, current_browser
from daypass.web.context import current_db, current_runtime
from daypass.web.csrf import refuse_cross_site
from daypass.web.device_cookie import set_device_cookie
from daypass.web.sign_in import clear_session, sign_token
from daypass.web.sign_in_password import sign_in_with_password
from daypass.web.sign_out import end_session
from daypass.web.verdict import hide_visitor, replace_verdict, verdict

COOKIE_CHANGE = "daypass.cookie_change"  # key in the environ: the last one of the view


def sign_in(name: str, password: str, *, keep: bool) -> None:
    """Sign the visitor in: `Daypass.sign_in`."""
    runtime = current_runtime()
    with _session_change(runtime):
        browser = current_browser(runtime)
        signed_in = sign_in_with_password(runtime, current_db(), browser, name, password, persistent=keep)
    replace_verdict(request.environ, Pass(Token(signed_in.claims, {}), from_cookie=True))
    _change_cookie(partial(_set_cookies, runtime, signed_in))


def sign_out() -> bool:
    """Sign the visitor out: `Daypass.sign_out`."""
    runtime = current_runtime()
    with _session_change(runtime):
        found = verdict(runtime, request.environ)
        is_signed_in = isinstance(found, Pass) and not found.is_api_token
        if isinstance(found, Pass) and is_signed_in:
            end_session(found)
    hide_visitor(request.environ)
    _change_cookie(partial(clear_session, settings=runtime.settings))
    return is_signed_in


def return_target(text: str | None) -> str:
    """A path of this app, as the visitor asked for it: `Daypass.return_target`."""
    return safe_path(text, current_runtime().settings.home)


@contextmanager
def _session_change(runtime: Runtime) -> Iterator[None]:
    """Refuse requests from other sites, and turn errors of the database into one that views of the app can show."""
    try:
        runtime.start()
        refuse_cross_site(request.environ)
        yield
    except SQLAlchemyError as error:
        raise ServiceUnavailable(f"database: {type(error).__name__}") from error


def _change_cookie(change: Callable[[Response], object]) -> None:
    """Change the cookies of the response. If a view does it twice, only the last change counts."""
    if COOKIE_CHANGE not in request.environ:
        after_this_request(_with_changed_cookie)
    request.environ[COOKIE_CHANGE] = change


def _with_changed_cookie(response: Response) -> Response:
    request.environ[COOKIE_CHANGE](response)
    return response


def _set_cookies(runtime: Runtime, signed_in: SignedIn, response: Response) -> None:
    """Set the cookies, also on a response that has them already: browsers use the last one."""
    claims = signed_in.claims
    cookies.set_token(response, runtime.settings, sign_token(runtime, claims), claims)
    set_device_cookie(runtime, response, claims.subject, signed_in.device_id)
