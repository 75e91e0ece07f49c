"""For sign-in views of the app's own: sign the visitor in and out, and find the page to return to."""

from functools import partial

from flask import after_this_request, request

from daypass.gate import Pass
from daypass.net.redirect_target import safe_path
from daypass.tokens.claims import Token
from daypass.web.browser_sign_in import current_browser, set_cookies
from daypass.web.context import current_db, current_runtime
from daypass.web.csrf import refuse_cross_site
from daypass.web.sign_in_password import sign_in_with_password
from daypass.web.verdict import replace_verdict


def sign_in(name: str, password: str, *, keep: bool) -> None:
    """Sign the visitor in: `Daypass.sign_in`."""
    runtime = current_runtime()
    runtime.start()
    refuse_cross_site(request.environ)
    browser = current_browser(runtime)
    signed_in = sign_in_with_password(runtime, current_db(), browser, name, password, persistent=keep)
    after_this_request(partial(set_cookies, runtime, signed_in))
    replace_verdict(request.environ, Pass(Token(signed_in.claims, {}), from_cookie=True))


def return_target(text: str | None) -> str:
    """A path of this app, as the visitor asked for it: `Daypass.return_target`."""
    return safe_path(text, current_runtime().settings.home)
