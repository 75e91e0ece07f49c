"""The static site: requests that are refused, redirected, renew a session, or want a part of a file.

The middleware in `web/static_site` answers the others.
"""

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.events import Event
from daypass.gate import Pass
from daypass.guest_links.coverage import Guest
from daypass.sessions import scopes
from daypass.static_site.files import NotServed, OpenFile
from daypass.web import audit
from daypass.web.context import current_runtime
from daypass.web.current_pass import admitted_pass
from daypass.web.destination import destination
from daypass.web.gate import current_claims, token_required
from daypass.web.guests import guest
from daypass.web.navigation import is_navigation
from daypass.web.request_errors import AccessDenied
from daypass.web.security_headers import SITE_FILE
from daypass.web.static_site.access import may_see, open_for
from daypass.web.static_site.file_response import Blocks, accepted_encodings, content_headers, validators
from daypass.web.verdict import check_scope, visitor

NOT_FOUND = "404.html"
ENDPOINT = "site.page"
IS_FILE = "_daypass_is_file"  # attribute of a response; Flask may change its class

pages = Blueprint("site", __name__)


class SitePath(PathConverter):
    """A path of the static site: any path outside of `-/`, Daypass's own prefix."""

    regex = r"(?!-(?:/|\Z))[^/][\s\S]*?"


@pages.after_request
def _mark_site_file(response: Response) -> Response:
    """Let files have their own security headers. Errors, which may occur later, have those of our pages."""
    if hasattr(response, IS_FILE):
        request.environ[SITE_FILE] = True
    return response


@pages.get("/", defaults={"path": ""}, provide_automatic_options=False)
@pages.get("/<site_path:path>", provide_automatic_options=False)
def page(path: str) -> BaseResponse:
    """Serve the file at this path if the rules allow the visitor.

    Paths of folders end with a slash.
    """
    found = _opened(path, None) or _opened_for_guest(path)
    return _page_for_pass(path) if found is None else _respond(path, found)


def _opened_for_guest(path: str) -> OpenFile | NotServed | None:
    """Open what a guest link opens; None for visitors without one, and for those whose own pass opens the file."""
    runtime = current_runtime()
    found = guest(runtime, request.environ)
    if found is None or may_see(runtime, request.method, path, visitor(runtime, request.environ)):
        return None
    return _opened(path, found)


@token_required(api_tokens=True)
def _page_for_pass(path: str) -> BaseResponse:
    runtime, own = current_runtime(), admitted_pass()
    found = _opened(path, own)
    if found is None:
        check_scope(runtime, request.environ, own, scopes.own_host(runtime.settings), api_tokens=False)
        audit.record(Event.PAGE_CLOSED, "failure", account=current_claims().subject)
        raise AccessDenied("the rules do not allow this account", f"You do not have access to {_name(path)}.")
    return _respond(path, found)


def _name(path: str) -> str:
    """The file's page in words, by the title of its rule if there is one."""
    closed = destination(current_runtime(), quote(f"/{path}"))
    return closed.name if closed else "this page"


def _opened(path: str, visitor: Pass | Guest | None) -> OpenFile | NotServed | None:
    return open_for(current_runtime(), request.method, path, visitor, accepted_encodings(request.environ))


def _respond(path: str, found: OpenFile | NotServed) -> BaseResponse:
    match found:
        case OpenFile():
            return _if_changed(found)
        case NotServed.SLASH:
            return redirect(url_for("site.page", path=f"{path}/") + _query())
    return _missing()


def _query() -> str:
    return f"?{request.query_string.decode('latin-1')}" if request.query_string else ""


def _missing() -> Response:
    """The site's own 404 page for browsers, if it has one; otherwise ours."""
    own = _own_404() if is_navigation(request.environ, current_runtime().settings) else None
    if own is None:
        abort(404)
    return _without_body_for_head(_whole(own, 404), own)


def _own_404() -> OpenFile | None:
    """The site's 404.html, never compressed, if it has one and the rules allow the visitor to see it."""
    runtime = current_runtime()
    found = open_for(runtime, request.method, NOT_FOUND, visitor(runtime, request.environ))
    return found if isinstance(found, OpenFile) else None


def _whole(found: OpenFile, status: int = 200) -> Response:
    response = Response(Blocks(found), status, content_headers(found), direct_passthrough=True)
    setattr(response, IS_FILE, True)
    return response


def _if_changed(found: OpenFile) -> Response:
    """Send the file or the requested range, unless the browser has it already.

    RFC 9110 sections 13 and 14.
    """
    response = _whole(found)
    response.headers.extend(validators(found))
    try:
        response.make_conditional(_environ_for_range(), accept_ranges=True, complete_length=found.size)
        if response.status_code == 412:
            abort(412)
    except BaseException:
        found.file.close()
        raise
    return _without_body_for_head(response, found)


def _environ_for_range() -> dict[str, object]:
    """The environ, without a Range header that is not supported.

    Only a single byte range of a GET is supported. Other requests get the whole file.
    """
    requested = request.range
    if request.method == "GET" and requested is not None and requested.units == "bytes" and len(requested.ranges) == 1:
        return request.environ
    return {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}


def _without_body_for_head(response: Response, found: OpenFile) -> Response:
    """Close the file now if nothing of it is sent: the server would not close it."""
    if request.method == "HEAD" or response.status_code == 304:
        found.file.close()
        response.response = []
    return response
