"""The check for nginx's `auth_request`, which understands only 200, 401 and 403."""

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
    """Check access to the page in `X-Original-URL`.

    For page visits, a 401 has the URL of the sign-in page. If the database cannot be reached the response is 503. nginx
    then refuses the request, and logs an error.
    """
    url, method = reported("X-Original-URL", separator=",http"), reported("X-Original-Method")
    try:
        return check_access(from_url(url, method))
    except InvalidToken as error:
        response = Response(status=error.status, headers={"WWW-Authenticate": challenge(error) or ""})
        if is_navigation(request):
            response.location = sign_in_url(url, method)
        return response
