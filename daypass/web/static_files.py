"""Static files: URLs with a content hash, which are cached for a year, and text compressed once per process.

Compression beside a secret gives the secret away (BREACH), so it is for these files alone, which are the same for
everybody. Pages are never compressed here.
"""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, request, url_for
from werkzeug.security import safe_join

TEXT = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_A_YEAR = "public, max-age=31536000, immutable"  # RFC 8246
REVALIDATED = "public, no-cache"


@dataclass(frozen=True)
class Representation:
    """The bytes that are sent for a file in one encoding."""

    content: bytes

    @cached_property
    def digest(self) -> str:
        """Identifies the bytes: 64 bits of their SHA-256, in hex."""
        return sha256(self.content).hexdigest()[:16]


@dataclass(frozen=True)
class StaticFile:
    """A file as it was read; `gzipped` is None if compression is not for its type or does not make it smaller."""

    modified: int  # ns
    mimetype: str
    plain: Representation
    gzipped: Representation | None

    def best_for_client(self) -> Representation:
        """The representation that the request's Accept-Encoding prefers (RFC 9110 section 12.5.3)."""
        if self.gzipped and request.accept_encodings.best_match(["gzip", "identity"]) == "gzip":
            return self.gzipped
        return self.plain


class StaticFiles:
    """The app's static folder, each file read once per process, or when it has changed if the app is in debug mode."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._files: dict[str, StaticFile] = {}

    def url(self, name: str) -> str:
        """The URL of a file with its content hash. Raises FileNotFoundError if there is no such file."""
        file = self._find(name)
        if file is None:
            raise FileNotFoundError(name)
        return url_for("static", filename=name, v=file.plain.digest)

    def serve(self, filename: str) -> Response:
        """Answer a request for a file; only a URL with the hash of what is sent may be cached without asking again."""
        file = self._find(filename)
        if file is None:
            abort(404)
        sent = file.best_for_client()
        response = Response(sent.content, mimetype=file.mimetype)
        response.headers["Cache-Control"] = FOR_A_YEAR if request.args.get("v") == file.plain.digest else REVALIDATED
        if file.gzipped:
            response.vary.add("Accept-Encoding")
        if sent is file.gzipped:
            response.content_encoding = "gzip"
        response.set_etag(sent.digest)
        response.make_conditional(request)
        return response

    def _find(self, name: str) -> StaticFile | None:
        path = safe_join(str(self._app.static_folder), name)
        if path is None:
            return None
        held = self._files.get(path)
        try:
            if held is None or (self._app.debug and held.modified != Path(path).stat().st_mtime_ns):
                held = self._files[path] = _read(Path(path))
        except (OSError, ValueError):  # ValueError: NUL in the name
            return None
        return held


def _read(path: Path) -> StaticFile:
    modified, plain = path.stat().st_mtime_ns, Representation(path.read_bytes())
    text = TEXT.get(path.suffix)
    mimetype = text or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    gzipped = Representation(gzip.compress(plain.content, mtime=0)) if text else None
    worth_it = gzipped is not None and len(gzipped.content) < len(plain.content)
    return StaticFile(modified, mimetype, plain, gzipped if worth_it else None)


def init_app(app: Flask) -> None:
    """Serve the app's static folder, and give templates the function `static_url`."""
    files = StaticFiles(app)
    app.view_functions["static"] = files.serve
    app.jinja_env.globals["static_url"] = files.url
