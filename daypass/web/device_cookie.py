"""The cookie by which an account knows a browser. Visitors can do without it.

It opens nothing: it only lets its owner sign in while strangers guess the password.
"""

from datetime import UTC, datetime

from flask import request
from werkzeug.wrappers import Response

from daypass.accounts import devices
from daypass.runtime import Runtime
from daypass.tokens import codec, purposes
from daypass.tokens.errors import InvalidToken
from daypass.web import cookies
from daypass.web.credentials import find_cookie


def presented_device(runtime: Runtime) -> str | None:
    """The id of the current browser, if its cookie holds a valid token. Raises ServiceUnavailable.

    Only the database tells which account knows it.
    """
    text = find_cookie(request.environ.get("HTTP_COOKIE", ""), runtime.settings.device_cookie_name)
    if text is None:
        return None
    try:
        token = codec.decode(
            text,
            ring=runtime.keys.current(),
            issuer=runtime.settings.issuer,
            purposes={purposes.DEVICE: purposes.DEVICE_LIFETIME},
            now=datetime.now(UTC),
        )
    except InvalidToken:
        return None
    return token.claims.session_id


def set_device_cookie(runtime: Runtime, response: Response, account_id: str, device_id: str) -> None:
    """Let this browser be known to the account."""
    now = datetime.now(UTC).replace(microsecond=0)
    claims = devices.device_claims(runtime.settings.issuer, account_id, device_id, now)
    cookies.set_device(response, runtime.settings, codec.encode(claims, runtime.keys.current().signing))
