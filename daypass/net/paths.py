"""Paths of request targets, in the one spelling that rules are held against; what has two readings is refused."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from daypass.errors import AmbiguousTarget
from daypass.net.unicode_paths import ambiguity

MAX_TARGET_LENGTH = 8192  # characters of a request target
PLAIN = re.compile(r"[!-~]*")  # printable ASCII: whatever else a path has, browsers send percent-encoded
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f]")


def path_segments(path: str) -> tuple[str, ...]:
    """`/docs/a.html` as ("docs", "a.html"), `/docs/` as ("docs",), `/` as ()."""
    return tuple(segment for segment in path.split("/") if segment)


def parse_path(target: str) -> str:
    """The decoded path of a request target, without its query. Raises AmbiguousTarget for a path with two readings."""
    raw, _, query = target.partition("?")
    if not raw.startswith("/"):
        raise AmbiguousTarget("the path does not begin with a slash")
    if len(target) > MAX_TARGET_LENGTH:
        raise AmbiguousTarget(f"it is longer than {MAX_TARGET_LENGTH} characters")
    if not PLAIN.fullmatch(raw) or "#" in raw or CONTROLS.search(query):
        raise AmbiguousTarget("it has characters that browsers would encode")
    if "%" in ESCAPE.sub("", raw):
        raise AmbiguousTarget("it has a % that encodes nothing")
    if "%2f" in raw.lower():
        raise AmbiguousTarget("the path has an encoded slash")
    try:
        return check_decoded_path(unquote_to_bytes(raw).decode())
    except UnicodeDecodeError:
        raise AmbiguousTarget("the path is not UTF-8") from None


def check_decoded_path(path: str) -> str:
    """A path that is decoded already, if it has one reading alone; letters with accents composed (NFC).

    Raises AmbiguousTarget for what servers and apps read in different ways: CVEs of other gateways stand behind each.
    """
    path = unicodedata.normalize("NFC", path)  # first, since it makes a semicolon of U+037E
    if CONTROLS.search(path):
        raise AmbiguousTarget("the path has control characters")
    if "\\" in path or ";" in path:
        raise AmbiguousTarget("the path has a backslash or a semicolon")
    if ESCAPE.search(path):
        raise AmbiguousTarget("the path is encoded twice")
    if not path.startswith("/") or "//" in path:
        raise AmbiguousTarget("the path has two slashes in a row, or none at its beginning")
    for reason in filter(None, map(ambiguity, path_segments(path))):
        raise AmbiguousTarget(reason)
    return path
