"""The static site: the files in DAYPASS_SITE, behind the gate and the rules."""

from contextlib import ExitStack
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import FileWrapper

from daypass.audit.events import Event
from daypass.gate import Pass
from daypass.net.paths import check_decoded_path
from daypass.net.request_target import RequestTarget
from daypass.rules.model import SIGNED_IN, Decision, Rules
from daypass.sessions import scopes
from daypass.static_site import content_types, files
from daypass.static_site.files import NotServed, OpenFile
from daypass.web import audit
from daypass.web.context import current_runtime
from daypass.web.gate import current_claims, current_pass, token_required
from daypass.web.navigation import is_navigation
from daypass.web.request_errors import AccessDenied
from daypass.web.security_headers import SITE_FILE
from daypass.web.verdict import check_scope, visitor

NOT_FOUND = "404.html"
IS_FILE = "_daypass_is_file"  # attribute of a response; Flask may change its class
WITHOUT_RULES = Decision(SIGNED_IN, api_tokens=True)
BLOCK_BYTES = 256 * 1024  # smaller files are sent in one piece, so that slow readers hold no thread

pages = Blueprint("site", __name__)


class SitePath(PathConverter):
    """A path of the static site: any path outside of `-/`, Daypass's own prefix."""

    regex = r"(?!-(?:/|\Z))[^/][\s\S]*?"


class Blocks(FileWrapper):
    """A file in blocks.

    Sends no more than the file had when it was opened, even if it grows meanwhile.
    """

    def __init__(self, page: OpenFile) -> None:
        super().__init__(page.file, BLOCK_BYTES)
        self._size = page.size

    def __next__(self) -> bytes:
        block = self.file.read(min(BLOCK_BYTES, self._size - self.file.tell()))
        if not block:
            raise StopIteration
        return block


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
    found = _opened(path, None)
    return _page_for_pass(path) if found is None else _respond(path, found)


@token_required(api_tokens=True)
def _page_for_pass(path: str) -> BaseResponse:
    runtime, own = current_runtime(), current_pass()
    found = _opened(path, own)
    if found is None:
        check_scope(runtime, request.environ, own, scopes.own_host(runtime.settings), api_tokens=False)
        audit.record(Event.PAGE_CLOSED, "failure", account=current_claims().subject)
        raise AccessDenied("the rules do not allow this account", "You do not have access to this page.")
    return _respond(path, found)


def _opened(path: str, visitor_pass: Pass | None) -> OpenFile | NotServed | None:
    """Open what is at this path; None if the rules do not allow the visitor.

    visitor_pass: None for visitors who are not signed in. If the path leads through symbolic links, the rules must also
    allow the path that they lead to.
    """
    if not _may_see(path, visitor_pass):
        return None
    found = _find(path)
    with ExitStack() as closing:
        if isinstance(found, OpenFile):
            closing.callback(found.file.close)
        if not _may_see(_real_path(path, found), visitor_pass):
            return None
        closing.pop_all()
    return found


def _real_path(path: str, found: OpenFile | NotServed) -> str:
    """The path after following links; the path itself if that is not in the folder."""
    if isinstance(found, OpenFile):
        return found.path
    folder = current_runtime().settings.site
    return (files.real_path(folder, path) if folder else None) or path


def _may_see(path: str, visitor_pass: Pass | None) -> bool:
    """Whether the rules allow the visitor this path.

    API tokens need a rule that allows them.
    """
    decision = _decision(path)
    if visitor_pass is not None and visitor_pass.is_api_token and not decision.api_tokens:
        return decision.allow.public
    return decision.allow.includes(visitor_pass.claims if visitor_pass else None)


def _decision(path: str) -> Decision:
    """Who may see this path, by the rules; without rules, everyone who is signed in."""
    loader = current_runtime().rules
    if loader.path is None:
        return WITHOUT_RULES
    target = RequestTarget(_own_host(loader.rules), check_decoded_path(f"/{path}"), request.method)
    return loader.rules.decide(target)


def _own_host(rules: Rules) -> str:
    """The site's host; if it has several names, the one that the rules use."""
    settings = current_runtime().settings
    own = scopes.own_host(settings)
    return next((host for host in (own, *settings.trusted_hosts) if host in rules.hosts), own)


def _respond(path: str, found: OpenFile | NotServed) -> BaseResponse:
    match found:
        case OpenFile():
            return _if_changed(found)
        case NotServed.SLASH:
            return redirect(url_for("site.page", path=f"{path}/") + _query())
    return _missing()


def _find(path: str) -> OpenFile | NotServed:
    folder = current_runtime().settings.site
    return NotServed.NOTHING if folder is None else files.open_file(folder, path)


def _query() -> str:
    return f"?{request.query_string.decode('latin-1')}" if request.query_string else ""


def _missing() -> Response:
    """The site's own 404 page for browsers, if it has one; otherwise ours."""
    own = _own_404() if is_navigation(request.environ, current_runtime().settings) else None
    if own is None:
        abort(404)
    return _without_body_for_head(_whole(own, 404), own)


def _own_404() -> OpenFile | None:
    """The site's 404.html, if it has one and the rules allow the visitor to see it."""
    found = _opened(NOT_FOUND, visitor(current_runtime(), request.environ))
    return found if isinstance(found, OpenFile) else None


def _whole(found: OpenFile, status: int = 200) -> Response:
    response = Response(
        Blocks(found), status, content_type=content_types.content_type(found.name), direct_passthrough=True
    )
    response.content_length = found.size
    setattr(response, IS_FILE, True)
    return response


def _if_changed(found: OpenFile) -> Response:
    """Send the file or the requested range, unless the browser has it already.

    RFC 9110 sections 13 and 14.
    """
    response = _whole(found)
    response.set_etag(found.etag)
    response.last_modified = datetime.fromtimestamp(found.modified // 10**9, UTC)
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
