"""The headers and the body of a response that carries a file."""

from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header
from werkzeug.wsgi import FileWrapper

from daypass.static_site.content_types import content_type
from daypass.static_site.files import COMPRESSED, OpenFile
from daypass.web.start_response import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BLOCK_BYTES = 256 * 1024  # smaller files are sent in one piece, so that slow readers hold no thread
MAX_HEADERS = 256  # values of Accept-Encoding that are remembered


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


def content_headers(found: OpenFile) -> Headers:
    """The headers that describe the body."""
    headers = [("Content-Type", content_type(found.name)), ("Content-Length", str(found.size))]
    return [*headers, ("Content-Encoding", found.encoding)] if found.encoding else headers


def validators(found: OpenFile) -> Headers:
    """The headers by which a browser finds out whether its copy is current (RFC 9110 sections 8.8 and 12.5.5)."""
    modified = formatdate(found.modified // 10**9, usegmt=True)
    always = [("Accept-Ranges", "bytes"), ("Vary", "Accept-Encoding")]
    return [("ETag", f'"{found.etag}"'), ("Last-Modified", modified), *always]


def accepted_encodings(environ: "WSGIEnvironment") -> tuple[str, ...]:
    """The content codings that the client accepts; none if it wants a part of the file (RFC 9110 section 12.5.3)."""
    return () if "HTTP_RANGE" in environ else _accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(MAX_HEADERS)
def _accepted(header: str) -> tuple[str, ...]:
    accepted = parse_accept_header(header)
    return tuple(coding for coding in COMPRESSED if accepted.quality(coding) > 0)
