"""The site: which file of its folder a path names, opened so that it can be no other."""

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
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")  # U+FFFD stands where a URL had bytes that are not UTF-8
# What opening a file can fail with that is the path's fault; all else, such as too many open files, is not.
MISSING_ERRNOS = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EINVAL,  # a link that became a file while it was read
    errno.ELOOP,
    errno.EMLINK,  # what FreeBSD says for O_NOFOLLOW in place of ELOOP
    errno.EACCES,
    errno.ENAMETOOLONG,
    errno.ENXIO,  # a socket, or a device that is not there
    errno.EOPNOTSUPP,
}
O_SEARCH = getattr(os, "O_PATH", os.O_RDONLY)  # a folder that may be passed through need not be readable


class NotServed(StrEnum):
    """Why a path names no file of the folder."""

    HIDDEN = "it has a name in it that begins with a dot, or that is no plain name"
    NOTHING = "there is no such file"
    NO_FILE = "it is neither a file nor a folder"
    OUTSIDE = "a link leads out of the folder"
    SLASH = "it is a folder, and the path ends without a slash"


@dataclass(frozen=True)
class OpenFile:
    """A file, open for reading; whoever asked for it closes it. `size` is in bytes, `modified` in ns since 1970.

    `path` is where it really is in the folder, with no link in it, as it would be asked for.
    """

    file: io.FileIO
    name: str
    path: str
    size: int
    modified: int

    @property
    def etag(self) -> str:
        """What changes when the file does (RFC 9110 section 8.8.3), the same on every node that has its copy."""
        return f"{self.modified:x}-{self.size:x}"


def open_file(folder: Path, path: str) -> OpenFile | NotServed:
    """The file that a decoded path without its first slash names; a path that ends with a slash means its index.html.

    Links are followed as long as they stay inside, and hidden names are hidden behind links too. Raises OSError for
    what is no fault of the path.
    """
    names = _names(path)
    if not all(map(_is_plain, names)):
        return NotServed.HIDDEN
    try:
        return _reached(os.path.realpath(folder), names, path) or _of_folder(folder, path)
    except OSError as error:
        if error.errno not in MISSING_ERRNOS:
            raise
        return NotServed.NOTHING


def real_path(folder: Path, path: str) -> str | None:
    """Where a decoded path leads in the folder with links followed, whether or not a file is there.

    None for a path that is not plain, or that leads out of the folder.
    """
    names = _names(path)
    inside = _inside(os.path.realpath(folder), names) if all(map(_is_plain, names)) else None
    return None if inside is None else _as_asked(inside, path)


def _names(path: str) -> list[str]:
    """The names in a path; a slash at its end means the folder's page."""
    *above, last = path.split("/")
    return [*above, last or INDEX]


def _as_asked(inside: tuple[str, ...], path: str) -> str:
    """The path that these names are asked for under: a folder's page without its name where `path` leaves it out."""
    folders_page = (not path or path.endswith("/")) and inside[-1:] == (INDEX,)
    return "/".join((*inside[:-1], "") if folders_page else inside)


def _reached(root: str, names: list[str], path: str) -> OpenFile | NotServed | None:
    """What these names lead to below the root, links and all; None for a folder."""
    inside = _inside(root, names)
    if inside is None:
        return NotServed.OUTSIDE
    if not all(map(_is_plain, inside)):
        return NotServed.HIDDEN
    return _page(_open(root, inside), names[-1], _as_asked(inside, path))


def _inside(root: str, names: list[str]) -> tuple[str, ...] | None:
    """The names below the root that these lead to, with no link among them; None for outside of it."""
    joined = safe_join(root, *names)
    real = PurePath(os.path.realpath(joined)) if joined else None
    return real.relative_to(root).parts if real and real.is_relative_to(root) else None


def _is_plain(name: str) -> bool:
    return name != "" and not name.startswith(".") and not FORBIDDEN_CHARACTERS.search(name) and ambiguity(name) is None


def _open(root: str, names: tuple[str, ...]) -> int:
    """Open what is at the end of these names, which no link is among any more.

    Should one of them have become a link since they were read, this fails (CWE-367): what is opened is inside. It does
    not wait for whoever writes to a FIFO.
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
    """What was opened, if it is a file; None for a folder."""
    told = os.fstat(opened)
    if stat.S_ISREG(told.st_mode):
        return OpenFile(io.FileIO(opened), name, path, told.st_size, told.st_mtime_ns)
    os.close(opened)
    return None if stat.S_ISDIR(told.st_mode) else NotServed.NO_FILE


def _of_folder(folder: Path, path: str) -> NotServed:
    """A folder is shown by its index.html, under a path that ends with a slash; it is never listed."""
    index = NotServed.NOTHING if path.endswith("/") or not path else open_file(folder, f"{path}/")
    if isinstance(index, NotServed):
        return NotServed.NOTHING
    index.file.close()
    return NotServed.SLASH
