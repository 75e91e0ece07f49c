"""The check for nginx's `auth_request`: 200, 401 and 403 are all that it understands."""

from flask import Blueprint, Response, request

from daypass import answers
from daypass.errors import InvalidToken
from daypass.locations import of_url
from daypass.views.checking import for_proxies, let_in, sign_in_page, told

pages = Blueprint("nginx", __name__, url_prefix="/gate")


@pages.get("/nginx")
@for_proxies
def check() -> Response:
    """Whether the page of `X-Original-URL` opens. A 401 tells a browser that navigates where to sign in.

    Where that cannot be found out it is 503, of which nginx makes an error: shut, and seen in its log.
    """
    url, method = told("X-Original-URL", twice=",http"), told("X-Original-Method")
    try:
        return let_in(of_url(url, method))
    except InvalidToken as error:
        response = Response(status=error.status, headers={"WWW-Authenticate": answers.challenge(error) or ""})
        if answers.navigates(request):
            response.location = sign_in_page(url, method)
        return response
