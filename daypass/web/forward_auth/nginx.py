"""The check for nginx's `auth_request`, which understands only 200, 401 and 403.

nginx discards the body of a check. For the page that explains a 403 it asks again, with the query `explain`.
If the database cannot be reached the response is 503. nginx then refuses the request, and logs an error.
"""

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from daypass.net.request_target import RequestTarget, from_url
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken
from daypass.web.challenges import challenge
from daypass.web.forward_auth.common import ProxyProtocol, reported, sign_in_url
from daypass.web.navigation import is_navigation

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

EXPLAIN = "explain"  # the query of such a request; a check has none, whatever the query of the page


def requested_page(environ: "WSGIEnvironment") -> RequestTarget:
    """The page in `X-Original-URL`. Raises AmbiguousTarget."""
    return from_url(requested_url(environ), _method(environ))


def requested_url(environ: "WSGIEnvironment") -> str:
    """The URL of that page. Raises AmbiguousTarget."""
    return reported(environ, "X-Original-URL", separator=",http")


def sign_in(runtime: Runtime, environ: "WSGIEnvironment", error: InvalidToken) -> Response:
    """401. For page visits, it has the URL of the sign-in page."""
    response = Response(status=error.status, headers={"WWW-Authenticate": challenge(error) or ""})
    if is_navigation(environ, runtime.settings):
        response.location = sign_in_url(runtime, requested_url(environ), _method(environ))
    return response


def explains(environ: "WSGIEnvironment") -> bool:
    """Whether nginx has refused the request, and asks for the page that says why."""
    return bool(environ["QUERY_STRING"] == EXPLAIN)


def _method(environ: "WSGIEnvironment") -> str:
    return reported(environ, "X-Original-Method")


NGINX = ProxyProtocol("nginx", requested_page, requested_url, sign_in, explains)
