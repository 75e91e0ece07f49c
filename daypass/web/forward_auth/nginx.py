"""The check for nginx's `auth_request`: 200, 401 and 403 are all that it understands."""

from flask import Blueprint, Response, request

from daypass.net.request_target import from_url
from daypass.tokens.errors import InvalidToken
from daypass.web.challenges import challenge
from daypass.web.forward_auth.common import check_access, reported, sign_in_url, trusted_proxies_only
from daypass.web.navigation import is_navigation

pages = Blueprint("nginx", __name__, url_prefix="/gate")


@pages.get("/nginx")
@trusted_proxies_only
def check() -> Response:
    """Whether the page of `X-Original-URL` opens. A 401 tells a browser that navigates where to sign in.

    Where that cannot be found out it is 503, of which nginx makes an error: shut, and seen in its log.
    """
    url, method = reported("X-Original-URL", separator=",http"), reported("X-Original-Method")
    try:
        return check_access(from_url(url, method))
    except InvalidToken as error:
        response = Response(status=error.status, headers={"WWW-Authenticate": challenge(error) or ""})
        if is_navigation(request):
            response.location = sign_in_url(url, method)
        return response
