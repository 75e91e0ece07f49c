"""The check for nginx's `auth_request`: 200, 401 and 403 are all that it understands."""

from flask import Blueprint, Response, request

from daypass.net.request_target import from_url
from daypass.tokens.errors import InvalidToken
from daypass.web import errors
from daypass.web.forward_auth.common import for_proxies, let_in, sign_in_page, told

pages = Blueprint("nginx", __name__, url_prefix="/gate")


@pages.get("/nginx")
@for_proxies
def check() -> Response:
    """Whether the page of `X-Original-URL` opens. A 401 tells a browser that navigates where to sign in.

    Where that cannot be found out it is 503, of which nginx makes an error: shut, and seen in its log.
    """
    url, method = told("X-Original-URL", twice=",http"), told("X-Original-Method")
    try:
        return let_in(from_url(url, method))
    except InvalidToken as error:
        response = Response(status=error.status, headers={"WWW-Authenticate": errors.challenge(error) or ""})
        if errors.is_navigation(request):
            response.location = sign_in_page(url, method)
        return response
