"""Which page a request asks for, in the one spelling that rules are held against; what has two readings is refused."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from daypass.errors import UnclearLocation
from daypass.unicode_paths import ambiguity
from daypass.values import is_host

LONGEST = 8192  # characters of a request target
HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,254})(?::([1-9][0-9]{0,4}))?")
URL = re.compile(r"(?:https?|wss?)://([^/?#]+)(.*)", re.DOTALL)
METHOD = re.compile(r"[A-Z][A-Z-]{0,31}")
PLAIN = re.compile(r"[!-~]*")  # printable ASCII: whatever else a path has, browsers send percent-encoded
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
CONTROLS = re.compile(r"[\0-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Location:
    """What is asked for: the host without port, the path decoded and without query, the method."""

    host: str
    path: str
    method: str = "GET"

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments; a slash at the end makes no difference."""
        return segments(self.path)


def segments(path: str) -> tuple[str, ...]:
    """`/docs/a.html` as ("docs", "a.html"), `/docs/` as ("docs",), `/` as ()."""
    return tuple(segment for segment in path.split("/") if segment)


def location(host: str, target: str, method: str) -> Location:
    """The location that a Host header, a request target in origin-form (RFC 9112 section 3.2.1) and a method name.

    Raises UnclearLocation. The port decides nothing: it is the visitor's word, and proxies choose the app by name.
    """
    return Location(host_and_port(host)[0], path_of(target), method_of(method))


def of_url(url: str, method: str) -> Location:
    """The location that an absolute URL names, as a proxy tells it. Raises UnclearLocation."""
    return location(*split_url(url), method)


def split_url(url: str) -> tuple[str, str]:
    """Host, perhaps with a port, and request target of an http or WebSocket URL. Raises UnclearLocation."""
    found = URL.fullmatch(url)
    if found is None:
        raise UnclearLocation("it is not a URL such as https://docs.example.org/guide/")
    host, target = found.groups()
    return host, target if target.startswith("/") else f"/{target}"


def typed_url(text: str, method: str) -> Location:
    """The location that a browser would ask for if somebody typed this. Raises UnclearLocation."""
    text = text.strip().partition("#")[0]
    url = text if "://" in text else f"https://{text}"
    return of_url(quote(url.encode("utf-8", "surrogatepass"), safe=PRINTABLE), method)


def host_and_port(text: str) -> tuple[str, int | None]:
    """A host in lower case, without one dot at its end, IPv6 in brackets and shortest form; and the port, if told.

    Raises UnclearLocation for all that is not one host: userinfo, commas, space, letters outside ASCII.
    """
    found = HOST.fullmatch(text.lower()) if text.isascii() else None
    name, port = found.groups() if found else ("", None)
    if not name or int(port or 1) > 65535:
        raise UnclearLocation("the host is not one name or address")
    return _bracketed(name) if name.startswith("[") else _named(name), int(port) if port else None


def _named(name: str) -> str:
    name = name.removesuffix(".")
    if not is_host(name):
        raise UnclearLocation("the host is not one name or address")
    return name


def _bracketed(name: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
    except ValueError:
        raise UnclearLocation("the host is not one name or address") from None


def path_of(target: str) -> str:
    """The decoded path of a request target, without its query. Raises UnclearLocation for a path with two readings."""
    raw, _, query = target.partition("?")
    if not raw.startswith("/"):
        raise UnclearLocation("the path does not begin with a slash")
    if len(target) > LONGEST:
        raise UnclearLocation(f"it is longer than {LONGEST} characters")
    if not PLAIN.fullmatch(raw) or "#" in raw or CONTROLS.search(query):
        raise UnclearLocation("it has characters that browsers would encode")
    if "%" in ESCAPE.sub("", raw):
        raise UnclearLocation("it has a % that encodes nothing")
    if "%2f" in raw.lower():
        raise UnclearLocation("the path has an encoded slash")
    try:
        return decoded_path(unquote_to_bytes(raw).decode())
    except UnicodeDecodeError:
        raise UnclearLocation("the path is not UTF-8") from None


def decoded_path(path: str) -> str:
    """A path that is decoded already, if it has one reading alone; letters with accents composed (NFC).

    Raises UnclearLocation for what servers and apps read in different ways: CVEs of other gateways stand behind each.
    """
    path = unicodedata.normalize("NFC", path)  # first, since it makes a semicolon of U+037E
    if CONTROLS.search(path):
        raise UnclearLocation("the path has control characters")
    if "\\" in path or ";" in path:
        raise UnclearLocation("the path has a backslash or a semicolon")
    if ESCAPE.search(path):
        raise UnclearLocation("the path is encoded twice")
    if not path.startswith("/") or "//" in path:
        raise UnclearLocation("the path has two slashes in a row, or none at its beginning")
    for reason in filter(None, map(ambiguity, segments(path))):
        raise UnclearLocation(reason)
    return path


def method_of(text: str) -> str:
    """A method as it is (they are case-sensitive, RFC 9110 section 9.1). Raises UnclearLocation."""
    if not METHOD.fullmatch(text):
        raise UnclearLocation("the method is not one word in capitals")
    return text
