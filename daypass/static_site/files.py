"""Find and open the file of a folder that a path names."""

import errno
import io
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePath

from daypass.net.unicode_paths import ambiguity

INDEX = "index.html"
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")  # U+FFFD replaces bytes of a URL that are not UTF-8
# Errors that the path causes. Others, such as too many open files, are errors of the server.
MISSING_ERRNOS = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EINVAL,  # a link was replaced by a file meanwhile
    errno.ELOOP,
    errno.EMLINK,  # FreeBSD, for O_NOFOLLOW, instead of ELOOP
    errno.EACCES,
    errno.ENAMETOOLONG,
    errno.ENXIO,  # a socket, or a missing device
    errno.EOPNOTSUPP,
}
O_SEARCH = getattr(os, "O_PATH", os.O_RDONLY)  # with O_PATH, folders need to be searchable only, not readable
O_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY  # does not block on a FIFO
COMPRESSED = {"br": ".br", "gzip": ".gz"}  # content codings (RFC 9110), the best first, with the ends of file names
MAX_PATHS = 4096  # whose names are remembered


class NotServed(StrEnum):
    """Why a path names no file of the folder."""

    HIDDEN = "it contains a name that begins with a dot or is not plain"
    NOTHING = "there is no such file"
    NO_FILE = "it is neither a file nor a folder"
    OUTSIDE = "a link leads out of the folder"
    SLASH = "it is a folder, and the path ends without a slash"


@dataclass(frozen=True)
class OpenFile:
    """A file, open for reading; the caller closes it. `size` is in bytes, `modified` in nanoseconds since 1970.

    `path` is the URL path of its real location in the folder, with all links resolved. `encoding` is the content coding
    of a compressed file, which stands for the file called `name`.
    """

    file: io.FileIO
    name: str
    path: str
    size: int
    modified: int
    encoding: str | None = None

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110 section 8.8.3), the same on every node that has a copy of the file."""
        return f"{self.modified:x}-{self.size:x}{f'-{self.encoding}' if self.encoding else ''}"


def open_file(folder: Path, path: str, encodings: Sequence[str] = ()) -> OpenFile | NotServed:
    """Open the file for a decoded path without its leading slash; a trailing slash means index.html.

    encodings: keys of COMPRESSED. If the file has one of these compressed files beside it, not older than itself, that
    one is opened instead.

    Links are followed if they stay inside the folder. Names that begin with a dot are not served, even through links.
    Raises OSError for errors that the path does not cause.
    """
    names = _plain_names(path)
    if names is None:
        return NotServed.HIDDEN
    try:
        return _open_names(folder, names, path, encodings) or _folder_reason(folder, path)
    except OSError as error:
        if error.errno not in MISSING_ERRNOS:
            raise
        return NotServed.NOTHING


def real_path(folder: Path, path: str) -> str | None:
    """The path in the folder after resolving links, whether or not there is a file.

    None if the path is not plain, or leads out of the folder.
    """
    names = _plain_names(path)
    inside = _resolve(os.path.realpath(folder), names) if names else None
    return None if inside is None else _url_path(inside, path)


@lru_cache(MAX_PATHS)
def _plain_names(path: str) -> tuple[str, ...] | None:
    """Split a path into names; a trailing slash means index.html. None if one of them is not plain."""
    *above, last = path.split("/")
    names = (*above, last or INDEX)
    return names if all(map(_is_plain, names)) else None


def _url_path(inside: tuple[str, ...], path: str) -> str:
    """The URL path of these names, without index.html if `path` has a trailing slash."""
    folders_page = (not path or path.endswith("/")) and inside[-1:] == (INDEX,)
    return "/".join((*inside[:-1], "") if folders_page else inside)


def _open_names(
    folder: Path, names: tuple[str, ...], path: str, encodings: Sequence[str]
) -> OpenFile | NotServed | None:
    """Open what these names lead to in the folder; None for a folder."""
    with suppress(OSError):  # most paths have no link, and so need no resolving
        return _open_real(str(folder), names, names[-1], path, encodings)
    inside = _resolve(root := os.path.realpath(folder), names)
    if inside is None:
        return NotServed.OUTSIDE
    if not all(map(_is_plain, inside)):
        return NotServed.HIDDEN
    return _open_real(root, inside, names[-1], _url_path(inside, path), encodings)


def _resolve(root: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Resolve all links in these names; None if they lead out of the root."""
    from werkzeug.security import safe_join  # few paths have a link; and commands need no Werkzeug

    joined = safe_join(root, *names)
    real = PurePath(os.path.realpath(joined)) if joined else None
    return real.relative_to(root).parts if real and real.is_relative_to(root) else None


def _is_plain(name: str) -> bool:
    return name != "" and not name.startswith(".") and not FORBIDDEN_CHARACTERS.search(name) and ambiguity(name) is None


def _open_real(
    root: str, names: tuple[str, ...], name: str, path: str, encodings: Sequence[str]
) -> OpenFile | NotServed | None:
    """Open the last of these names, or its compressed file; None for a folder.

    Fails if one of them is a link, or has become one since they were resolved (CWE-367), so nothing outside is opened.
    """
    with _open_folder(root, names[:-1]) as folder:
        opened = os.open(names[-1] if names else ".", O_FILE, dir_fd=folder)
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            os.close(opened)
            return None if stat.S_ISDIR(status.st_mode) else NotServed.NO_FILE
        for encoding in encodings:
            compressed = _open_compressed(folder, names[-1] + COMPRESSED[encoding], status)
            if compressed is not None:
                os.close(opened)
                return _page(*compressed, name, path, encoding)
        return _page(opened, status, name, path)


@contextmanager
def _open_folder(root: str, names: tuple[str, ...]) -> Iterator[int]:
    """The last of these folders, one in the other, none of which is a link; closed at the end of the `with` block."""
    at = os.open(root, O_SEARCH | os.O_DIRECTORY)
    try:
        for name in names:
            below = os.open(name, O_SEARCH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def _open_compressed(folder: int, name: str, original: os.stat_result) -> tuple[int, os.stat_result] | None:
    """A compressed file and its status. None if there is none, or it is older than the original, by whole seconds."""
    try:
        opened = os.open(name, O_FILE, dir_fd=folder)
    except OSError:
        return None
    status = os.fstat(opened)
    if stat.S_ISREG(status.st_mode) and int(status.st_mtime) >= int(original.st_mtime):
        return opened, status
    os.close(opened)
    return None


def _page(opened: int, status: os.stat_result, name: str, path: str, encoding: str | None = None) -> OpenFile:
    return OpenFile(io.FileIO(opened), name, path, status.st_size, status.st_mtime_ns, encoding)


def _folder_reason(folder: Path, path: str) -> NotServed:
    """The reason why a folder is not served: it has no index.html, or the path lacks the trailing slash."""
    index = NotServed.NOTHING if path.endswith("/") or not path else open_file(folder, f"{path}/")
    if isinstance(index, NotServed):
        return NotServed.NOTHING
    index.file.close()
    return NotServed.SLASH
