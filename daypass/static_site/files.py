"""Find and open the file of a folder that a path names."""

import errno
import io
import os
import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from werkzeug.security import safe_join

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

    `path` is the URL path of its real location in the folder, with all links resolved.
    """

    file: io.FileIO
    name: str
    path: str
    size: int
    modified: int

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110 section 8.8.3), the same on every node that has a copy of the file."""
        return f"{self.modified:x}-{self.size:x}"


def open_file(folder: Path, path: str) -> OpenFile | NotServed:
    """Open the file for a decoded path without its leading slash; a trailing slash means index.html.

    Links are followed if they stay inside the folder. Names that begin with a dot are not served, even through links.
    Raises OSError for errors that the path does not cause.
    """
    names = _names(path)
    if not all(map(_is_plain, names)):
        return NotServed.HIDDEN
    try:
        return _open_real(os.path.realpath(folder), names, path) or _folder_reason(folder, path)
    except OSError as error:
        if error.errno not in MISSING_ERRNOS:
            raise
        return NotServed.NOTHING


def real_path(folder: Path, path: str) -> str | None:
    """The path in the folder after resolving links, whether or not there is a file.

    None if the path is not plain, or leads out of the folder.
    """
    names = _names(path)
    inside = _resolve(os.path.realpath(folder), names) if all(map(_is_plain, names)) else None
    return None if inside is None else _url_path(inside, path)


def _names(path: str) -> list[str]:
    """Split a path into names; a trailing slash means index.html."""
    *above, last = path.split("/")
    return [*above, last or INDEX]


def _url_path(inside: tuple[str, ...], path: str) -> str:
    """The URL path of these names, without index.html if `path` has a trailing slash."""
    folders_page = (not path or path.endswith("/")) and inside[-1:] == (INDEX,)
    return "/".join((*inside[:-1], "") if folders_page else inside)


def _open_real(root: str, names: list[str], path: str) -> OpenFile | NotServed | None:
    """Open what these names lead to below the root, following links; None for a folder."""
    inside = _resolve(root, names)
    if inside is None:
        return NotServed.OUTSIDE
    if not all(map(_is_plain, inside)):
        return NotServed.HIDDEN
    return _page(_open(root, inside), names[-1], _url_path(inside, path))


def _resolve(root: str, names: list[str]) -> tuple[str, ...] | None:
    """Resolve all links in these names; None if they lead out of the root."""
    joined = safe_join(root, *names)
    real = PurePath(os.path.realpath(joined)) if joined else None
    return real.relative_to(root).parts if real and real.is_relative_to(root) else None


def _is_plain(name: str) -> bool:
    return name != "" and not name.startswith(".") and not FORBIDDEN_CHARACTERS.search(name) and ambiguity(name) is None


def _open(root: str, names: tuple[str, ...]) -> int:
    """Open the last of these names, none of which is a link.

    Fails if one of them has become a link since they were resolved (CWE-367), so nothing outside is opened. Does not
    block on a FIFO.
    """
    at = os.open(root, O_SEARCH | os.O_DIRECTORY)
    try:
        for name in names[:-1]:
            below = os.open(name, O_SEARCH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        last = names[-1] if names else "."
        return os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=at)
    finally:
        os.close(at)


def _page(opened: int, name: str, path: str) -> OpenFile | NotServed | None:
    """Wrap a file descriptor, if it is a regular file; None for a folder."""
    status = os.fstat(opened)
    if stat.S_ISREG(status.st_mode):
        return OpenFile(io.FileIO(opened), name, path, status.st_size, status.st_mtime_ns)
    os.close(opened)
    return None if stat.S_ISDIR(status.st_mode) else NotServed.NO_FILE


def _folder_reason(folder: Path, path: str) -> NotServed:
    """The reason why a folder is not served: it has no index.html, or the path lacks the trailing slash."""
    index = NotServed.NOTHING if path.endswith("/") or not path else open_file(folder, f"{path}/")
    if isinstance(index, NotServed):
        return NotServed.NOTHING
    index.file.close()
    return NotServed.SLASH
