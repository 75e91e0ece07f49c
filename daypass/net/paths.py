"""Paths of request targets in canonical form, in which rules match them. Ambiguous paths are rejected."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from daypass.errors import AmbiguousTarget
from daypass.net.unicode_paths import TOO_MANY_MARKS, ambiguity, has_too_many_marks

MAX_TARGET_LENGTH = 8192  # characters of a request target
PLAIN = re.compile(r"[!-~]*")  # printable ASCII: browsers percent-encode everything else
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f]")


def path_segments(path: str) -> tuple[str, ...]:
    """`/docs/a.html` as ("docs", "a.html"), `/docs/` as ("docs",), `/` as ()."""
    return tuple(segment for segment in path.split("/") if segment)


def parse_path(target: str) -> str:
    """The decoded path of a request target, without its query. Raises AmbiguousTarget."""
    raw, _, query = target.partition("?")
    if not raw.startswith("/"):
        raise AmbiguousTarget("the path does not begin with a slash")
    if len(target) > MAX_TARGET_LENGTH:
        raise AmbiguousTarget(f"it is longer than {MAX_TARGET_LENGTH} characters")
    if not PLAIN.fullmatch(raw) or "#" in raw or CONTROLS.search(query):
        raise AmbiguousTarget("it has characters that browsers would encode")
    return _decode(raw)


@lru_cache(1024)
def _decode(raw: str) -> str:
    """The decoded path. Raises AmbiguousTarget."""
    if "%" in ESCAPE.sub("", raw):
        raise AmbiguousTarget("it has a % that is not followed by two hexadecimal digits")
    if "%2f" in raw.lower():
        raise AmbiguousTarget("the path has an encoded slash")
    try:
        return check_decoded_path(unquote_to_bytes(raw).decode())
    except UnicodeDecodeError:
        raise AmbiguousTarget("the path is not UTF-8") from None


def check_decoded_path(path: str) -> str:
    """Check an already decoded path, and normalize it to NFC.

    Raises AmbiguousTarget for anything that servers and apps interpret differently; each check is for a CVE of another
    gateway.
    """
    if not path.isascii() and has_too_many_marks(path):
        raise AmbiguousTarget(TOO_MANY_MARKS)
    path = unicodedata.normalize("NFC", path)  # first, because NFC turns U+037E into a semicolon
    if CONTROLS.search(path):
        raise AmbiguousTarget("the path has control characters")
    if "\\" in path or ";" in path:
        raise AmbiguousTarget("the path has a backslash or a semicolon")
    if ESCAPE.search(path):
        raise AmbiguousTarget("the path is encoded twice")
    if not path.startswith("/") or "//" in path:
        raise AmbiguousTarget("the path has two slashes in a row, or does not begin with one")
    for reason in filter(None, map(ambiguity, path_segments(path))):
        raise AmbiguousTarget(reason)
    return path
