"""The site's pages: the files of the folder that DAYPASS_SITE names, behind the gate and the rules."""

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
from daypass.web.security_headers import mark_site_file
from daypass.web.verdict import check_scope, visitor

NOT_FOUND = "404.html"
WITHOUT_RULES = Decision(SIGNED_IN, api_tokens=True)
BLOCK = 256 * 1024  # bytes: what is no larger leaves in one piece, and a slow reader of it holds no thread

pages = Blueprint("site", __name__)


class Outside(PathConverter):
    """A path that is not one of Daypass's own, which begin with `-/`."""

    regex = r"(?!-(?:/|\Z))[^/][\s\S]*?"


class Blocks(FileWrapper):
    """A file in blocks, as long as it was when it was opened: what is added to it meanwhile is not sent."""

    def __init__(self, page: OpenFile) -> None:
        super().__init__(page.file, BLOCK)
        self._size = page.size

    def __next__(self) -> bytes:
        block = self.file.read(min(BLOCK, self._size - self.file.tell()))
        if not block:
            raise StopIteration
        return block


@pages.get("/", defaults={"path": ""}, provide_automatic_options=False)
@pages.get("/<outside:path>", provide_automatic_options=False)
def page(path: str) -> BaseResponse:
    """The file at this path, for visitors to whom the rules open it; the path of a folder ends with a slash."""
    found = _opened(path, None)
    return _for_holder(path) if found is None else _answer(path, found)


@token_required(api_tokens=True)
def _for_holder(path: str) -> BaseResponse:
    found = _opened(path, current_pass())
    if found is None:
        check_scope(current_pass(), scopes.own_host(current_runtime().settings), api_tokens=False)
        audit.record(Event.PAGE_CLOSED, "failure", account=current_claims().subject)
        raise AccessDenied("the rules do not allow this account", "Your pass does not open this page.")
    return _answer(path, found)


def _opened(path: str, somebody: Pass | None) -> OpenFile | NotServed | None:
    """What is at this path; None where the rules close it to the visitor, who is None if not signed in.

    Links do not get around the rules: they must open the path that a link leads to as well.
    """
    if not _may_see(path, somebody):
        return None
    found = _find(path)
    with ExitStack() as closing:
        if isinstance(found, OpenFile):
            closing.callback(found.file.close)
        if not _may_see(_real_path(path, found), somebody):
            return None
        closing.pop_all()
    return found


def _real_path(path: str, found: OpenFile | NotServed) -> str:
    """Where the path leads once links are followed; itself where that is nowhere in the folder."""
    if isinstance(found, OpenFile):
        return found.path
    folder = current_runtime().settings.site
    return (files.real_path(folder, path) if folder else None) or path


def _may_see(path: str, somebody: Pass | None) -> bool:
    """Whether the rules open a path to the visitor; to an API token only those open it that are for programs too."""
    decision = _decision(path)
    if somebody is not None and somebody.is_api_token and not decision.api_tokens:
        return decision.allow.public
    return decision.allow.includes(somebody.claims if somebody else None)


def _decision(path: str) -> Decision:
    """Who may see the page at this path: whoever is signed in, or where there are rules, who is meant by them."""
    book = current_runtime().rules
    if book.path is None:
        return WITHOUT_RULES
    asked = RequestTarget(_own_host(book.rules), check_decoded_path(f"/{path}"), request.method)
    return book.rules.decide(asked)


def _own_host(rules: Rules) -> str:
    """The site's host; of the names of loopback, which are one, the one that the rules name."""
    settings = current_runtime().settings
    own = scopes.own_host(settings)
    return next((host for host in (own, *settings.trusted_hosts) if host in rules.hosts), own)


def _answer(path: str, found: OpenFile | NotServed) -> BaseResponse:
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
    """The site's own page for what is not there, if it has one; programs get ours."""
    own = _own_404() if is_navigation(request) else None
    if own is None:
        abort(404)
    return _without_body_for_head(_whole(own, 404), own)


def _own_404() -> OpenFile | None:
    """The site's 404.html, if it has one and the rules open it to the visitor."""
    found = _opened(NOT_FOUND, visitor())
    return found if isinstance(found, OpenFile) else None


def _whole(found: OpenFile, status: int = 200) -> Response:
    response = Response(
        Blocks(found), status, content_type=content_types.content_type(found.name), direct_passthrough=True
    )
    response.content_length = found.size
    return mark_site_file(response)


def _if_changed(found: OpenFile) -> Response:
    """The file, or the part of it that was asked for, unless the browser has it already (RFC 9110 sections 13, 14)."""
    response = _whole(found)
    response.set_etag(found.etag)
    response.last_modified = datetime.fromtimestamp(found.modified // 10**9, UTC)
    try:
        response.make_conditional(_asked(), accept_ranges=True, complete_length=found.size)
        if response.status_code == 412:
            abort(412)
    except BaseException:
        found.file.close()
        raise
    return _without_body_for_head(response, found)


def _asked() -> dict[str, object]:
    """The request, without a Range that is not one plain range of a GET: that is answered with the whole file."""
    wanted = request.range
    if request.method == "GET" and wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        return request.environ
    return {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}


def _without_body_for_head(response: Response, found: OpenFile) -> Response:
    """Close the file at once where nothing of it is sent: then the server never comes to close it."""
    if request.method == "HEAD" or response.status_code == 304:
        found.file.close()
        response.response = []
    return response
