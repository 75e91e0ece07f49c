"""Static files, with a content hash in their URLs and compressed text.

Compressing a response that contains a secret can reveal the secret (BREACH). These files are the same for everyone and
contain none; pages are never compressed.
"""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

from daypass.web.page_url import page_url
from daypass.web.template_functions import add_functions

TEXT = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
CACHE_YEAR = "public, max-age=31536000, immutable"  # RFC 8246
REVALIDATE = "public, no-cache"
MAX_URLS = 256  # kept in memory
# Somebody may open a picture as a page of its own. It has styles, but no scripts and no origin.
PICTURE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class Representation:
    """The content of a file in one encoding."""

    content: bytes

    @cached_property
    def digest(self) -> str:
        """Identifies the content: 64 bits of its SHA-256, in hex."""
        return sha256(self.content).hexdigest()[:16]


@dataclass(frozen=True)
class StaticFile:
    """A file that was read.

    `gzipped` is None if its type is not compressed, or would not get smaller.
    """

    modified: int  # ns
    mimetype: str
    plain: Representation
    gzipped: Representation | None

    def best_for_client(self) -> Representation:
        """The representation that the request's Accept-Encoding prefers (RFC 9110)."""
        if self.gzipped and request.accept_encodings.best_match(["gzip", "identity"]) == "gzip":
            return self.gzipped
        return self.plain


class StaticFiles:
    """The files of a folder, and files that exist only in memory.

    Each file is read once per process; in debug mode, again when it changes.
    """

    def __init__(self, app: Flask, folder: Path, in_memory: Mapping[str, bytes]) -> None:
        self._app = app
        self._folder = folder
        self._in_memory = {name: _static_file(Path(name), content) for name, content in in_memory.items()}
        self._files: dict[str, StaticFile] = {}
        self._known_url = lru_cache(maxsize=MAX_URLS)(self._url)

    def url(self, name: str) -> str:
        """The URL of a file, with its content hash. Raises FileNotFoundError."""
        url = self._url if self._app.debug else self._known_url
        return url(name, request.script_root)

    def _url(self, name: str, prefix: str) -> str:
        """The URL, which begins with the prefix of the app's URLs."""
        file = self._find(name)
        if file is None:
            raise FileNotFoundError(name)
        return page_url("static", filename=name, v=file.plain.digest)

    def serve(self, filename: str) -> Response:
        """Serve a file.

        Caches may keep it without revalidation only if the URL has its current hash.
        """
        file = self._find(filename)
        if file is None:
            abort(404)
        sent = file.best_for_client()
        response = Response(sent.content, mimetype=file.mimetype)
        response.headers["Cache-Control"] = CACHE_YEAR if request.args.get("v") == file.plain.digest else REVALIDATE
        if file.gzipped:
            response.vary.add("Accept-Encoding")
        if file.mimetype == TEXT[".svg"]:
            response.headers["Content-Security-Policy"] = PICTURE_POLICY
        if sent is file.gzipped:
            response.content_encoding = "gzip"
        response.set_etag(sent.digest)
        response.make_conditional(request)
        return response

    def text(self, name: str) -> str:
        """The content of a text file. Raises FileNotFoundError."""
        file = self._find(name)
        if file is None:
            raise FileNotFoundError(name)
        return file.plain.content.decode()

    def _find(self, name: str) -> StaticFile | None:
        if name in self._in_memory:
            return self._in_memory[name]
        path = safe_join(str(self._folder), name)
        if path is None:
            return None
        cached = self._files.get(path)
        try:
            if cached is None or (self._app.debug and cached.modified != Path(path).stat().st_mtime_ns):
                cached = self._files[path] = _read(Path(path))
        except (OSError, ValueError):  # ValueError: NUL in the name
            return None
        return cached


def _read(path: Path) -> StaticFile:
    modified = path.stat().st_mtime_ns
    return _static_file(path, path.read_bytes(), modified)


def _static_file(path: Path, content: bytes, modified: int = 0) -> StaticFile:
    plain, text = Representation(content), TEXT.get(path.suffix)
    mimetype = text or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    gzipped = Representation(gzip.compress(content, mtime=0)) if text else None
    worth_it = gzipped is not None and len(gzipped.content) < len(content)
    return StaticFile(modified, mimetype, plain, gzipped if worth_it else None)


def init_app(app: Flask, folder: Path, in_memory: Mapping[str, bytes]) -> StaticFiles:
    """Give templates the function `static_url`.

    Returns the files: those of the folder, and these.
    """
    files = StaticFiles(app, folder, in_memory)
    add_functions(app, static_url=files.url)
    return files
