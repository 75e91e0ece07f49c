"""Which page a request asks for, in the one spelling that rules are held against; what has two readings is refused."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from daypass.net.errors import AmbiguousTarget
from daypass.net.hosts import parse_host
from daypass.net.unicode_paths import ambiguity

MAX_TARGET_LENGTH = 8192  # characters of a request target
URL = re.compile(r"(?:https?|wss?)://([^/?#]+)(.*)", re.DOTALL)
METHOD = re.compile(r"[A-Z][A-Z-]{0,31}")
PLAIN = re.compile(r"[!-~]*")  # printable ASCII: whatever else a path has, browsers send percent-encoded
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class RequestTarget:
    """What is asked for: the host without port, the path decoded and without query, the method."""

    host: str
    path: str
    method: str = "GET"

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments; a slash at the end makes no difference."""
        return path_segments(self.path)


def path_segments(path: str) -> tuple[str, ...]:
    """`/docs/a.html` as ("docs", "a.html"), `/docs/` as ("docs",), `/` as ()."""
    return tuple(segment for segment in path.split("/") if segment)


def request_target(host: str, target: str, method: str) -> RequestTarget:
    """The target that a Host header, a request target in origin-form (RFC 9112 section 3.2.1) and a method name.

    Raises AmbiguousTarget. The port decides nothing: it is the visitor's word, and proxies choose the app by name.
    """
    return RequestTarget(parse_host(host)[0], parse_path(target), parse_method(method))


def from_url(url: str, method: str) -> RequestTarget:
    """The target that an absolute URL names, as a proxy tells it. Raises AmbiguousTarget."""
    return request_target(*split_url(url), method)


def split_url(url: str) -> tuple[str, str]:
    """Host, perhaps with a port, and request target of an http or WebSocket URL. Raises AmbiguousTarget."""
    found = URL.fullmatch(url)
    if found is None:
        raise AmbiguousTarget("it is not a URL such as https://docs.example.org/guide/")
    host, target = found.groups()
    return host, target if target.startswith("/") else f"/{target}"


def from_typed_url(text: str, method: str) -> RequestTarget:
    """The target that a browser would ask for if somebody typed this. Raises AmbiguousTarget."""
    text = text.strip().partition("#")[0]
    url = text if "://" in text else f"https://{text}"
    return from_url(quote(url.encode("utf-8", "surrogatepass"), safe=PRINTABLE), method)


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


def parse_method(text: str) -> str:
    """A method as it is (they are case-sensitive, RFC 9110 section 9.1). Raises AmbiguousTarget."""
    if not METHOD.fullmatch(text):
        raise AmbiguousTarget("the method is not one word in capitals")
    return text
