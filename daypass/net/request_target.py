"""The page that a request asks for, in canonical form. Ambiguous targets are rejected."""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from daypass.errors import AmbiguousTarget
from daypass.net.hosts import parse_host
from daypass.net.paths import parse_path, path_segments

URL = re.compile(r"(?:https?|wss?)://([^/?#]+)(.*)", re.DOTALL)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110 section 9.2.1
METHOD = re.compile(r"[A-Z][A-Z-]{0,31}")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True)
class RequestTarget:
    """The host without port, the decoded path without query, and the method of a request."""

    host: str
    path: str
    method: str = "GET"

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path's segments, regardless of a trailing slash."""
        return path_segments(self.path)


def request_target(host: str, target: str, method: str) -> RequestTarget:
    """Parse a Host header, a request target in origin-form (RFC 9112 section 3.2.1) and a method.

    Raises AmbiguousTarget. The port is ignored: the client chooses it, and proxies select the app by host name.
    """
    return RequestTarget(parse_host(host)[0], parse_path(target), parse_method(method))


def from_url(url: str, method: str) -> RequestTarget:
    """Parse an absolute URL, as sent by a proxy. Raises AmbiguousTarget."""
    return request_target(*split_url(url), method)


def split_url(url: str) -> tuple[str, str]:
    """Split an HTTP or WebSocket URL into host, with its port if any, and request target. Raises AmbiguousTarget."""
    found = URL.fullmatch(url)
    if found is None:
        raise AmbiguousTarget("it is not a URL such as https://docs.example.org/guide/")
    host, target = found.groups()
    return host, target if target.startswith("/") else f"/{target}"


def from_typed_url(text: str, method: str) -> RequestTarget:
    """The target that a browser would request for typed text. Raises AmbiguousTarget."""
    text = text.strip().partition("#")[0]
    url = text if "://" in text else f"https://{text}"
    return from_url(quote(url.encode("utf-8", "surrogatepass"), safe=PRINTABLE), method)


def parse_method(text: str) -> str:
    """Check a method, which is case-sensitive (RFC 9110 section 9.1). Raises AmbiguousTarget."""
    if not METHOD.fullmatch(text):
        raise AmbiguousTarget("the method is not one word in capital letters")
    return text
