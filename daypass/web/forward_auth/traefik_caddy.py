"""The check for Traefik's ForwardAuth and Caddy's `forward_auth`.

Both relay every response except 2xx to the visitor.
"""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.errors import AmbiguousTarget
from daypass.net.request_target import request_target
from daypass.tokens.errors import InvalidToken
from daypass.web.forward_auth.common import check_access, reported, sign_in_url, trusted_proxies_only
from daypass.web.navigation import is_navigation

SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}

pages = Blueprint("forward", __name__, url_prefix="/gate")


@pages.get("/forward")
@trusted_proxies_only
def check() -> BaseResponse:
    """Check access to the page in `X-Forwarded-*`.

    Page visits are redirected to sign in; others get 401.
    """
    scheme, host, method = _scheme(), reported("X-Forwarded-Host"), reported("X-Forwarded-Method")
    target = reported("X-Forwarded-Uri", separator=",/")
    try:
        return check_access(request_target(host, target, method))
    except InvalidToken:
        if not is_navigation(request):
            raise
        return redirect(sign_in_url(f"{scheme}://{host}{target}", method))


def _scheme() -> str:
    try:
        return SCHEMES[reported("X-Forwarded-Proto")]
    except KeyError:
        raise AmbiguousTarget("X-Forwarded-Proto is not a known scheme") from None
