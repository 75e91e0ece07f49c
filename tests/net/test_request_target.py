"""The target of a request: one spelling, or refused as ambiguous."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.errors import AmbiguousTarget
from daypass.net.hosts import parse_host
from daypass.net.paths import MAX_TARGET_LENGTH, parse_path
from daypass.net.request_target import (
    RequestTarget,
    from_typed_url,
    from_url,
    parse_method,
    request_target,
)

HOSTS = {
    "docs.example.org": ("docs.example.org", None),
    "DOCS.Example.ORG": ("docs.example.org", None),
    "docs.example.org.": ("docs.example.org", None),
    "docs.example.org:443": ("docs.example.org", 443),
    "Docs.example.org.:8443": ("docs.example.org", 8443),
    "localhost:65535": ("localhost", 65535),
    "xn--bcher-kva.example": ("xn--bcher-kva.example", None),
    "192.0.2.1:80": ("192.0.2.1", 80),
    "[2001:DB8:0::1]": ("[2001:db8::1]", None),
    "[::1]:8000": ("[::1]", 8000),
}

# Attacks 4, 7, 10 and 22 in SECURITY.md, and addresses in spellings that browsers normalize.
ODD_HOSTS = [
    "",
    ".",
    " ",
    ":443",
    "docs.example.org..",
    ".docs.example.org",
    "docs..example.org",
    "docs.example.org:",
    "docs.example.org:0",
    "docs.example.org:0443",
    "docs.example.org:65536",
    "docs.example.org:4430000000",
    "docs.example.org:+443",
    "docs.example.org:http",
    "docs.example.org:443:443",
    "docs.example.org, evil.example",
    "docs.example.org,docs.example.org",
    "docs.example.org evil.example",
    " docs.example.org",
    "docs.example.org\t",
    "docs.example.org\r\nX: y",
    "docs.example.org\n",
    "docs.example.org\0",
    "user@docs.example.org",
    "docs.example.org@evil.example",
    "docs.example.org/x",
    "docs.example.org\\x",
    "docs.example.org?",
    "docs.example.org#",
    "docs%2eexample.org",
    "https://docs.example.org",
    "*.example.org",
    "-docs.example.org",
    "docs_.example.org",
    "docs.example.org\u3002",
    "doc\u017f.example.org",
    "\u212aelvin.example",
    "b\u00fccher.example",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "127.0.0.01",
    "256.0.0.1",
    "::1",
    "[::1",
    "[::1]x",
    "[::1%25eth0]",
    "[::1%eth0]",
    "[127.0.0.1]",
    "[docs.example.org]",
    "[]",
    "x" * 64 + ".example",
    "x." * 127 + "example",
    ("x" * 63 + ".") * 3 + "x" * 62,
    "\ud800",
]

PATHS = {
    "/": "/",
    "/docs": "/docs",
    "/docs/": "/docs/",
    "/docs/a.html?x=/../y": "/docs/a.html",
    "/public?x=/private": "/public",
    "/docs??": "/docs",
    "/a%20b": "/a b",
    "/%C3%BC%2epdf": "/\u00fc.pdf",
    "/u%CC%88": "/\u00fc",
    "/%23x": "/#x",
    "/%3Fx": "/?x",
    "/100%25": "/100%",
    "/a,b/@c:d=e&f+g": "/a,b/@c:d=e&f+g",
    "/...x/.well-known": "/...x/.well-known",
    "/" + "x" * (MAX_TARGET_LENGTH - 1): "/" + "x" * (MAX_TARGET_LENGTH - 1),
    "/x?\u00fc": "/x",
}

# Attacks 5, 6, 7 and 22 in SECURITY.md.
ODD_PATHS = [
    "",
    "*",
    "?x",
    "docs",
    "docs.example.org:443",
    "https://docs.example.org/",
    "//",
    "//docs",
    "/docs//",
    "/docs//a",
    "/.",
    "/..",
    "/./docs",
    "/docs/../private",
    "/docs/..",
    "/docs/.",
    "/docs/%2e%2e/private",
    "/docs/.%2E/private",
    "/docs/%2e",
    "/docs/.../x",
    "/docs/..%20/x",
    "/docs%2f..%2fprivate",
    "/docs%2Fa",
    "/docs\\a",
    "/docs%5ca",
    "/docs%5C..%5Cprivate",
    "/docs;a=b",
    "/docs;/../private",
    "/docs/..;/private",
    "/docs%3ba",
    "/docs%252e%252e/private",
    "/docs%252fprivate",
    "/docs/%25%32%65",
    "/docs%00",
    "/docs%00.pdf",
    "/docs\0",
    "/docs%0a",
    "/docs%0d%0aX: y",
    "/docs%7f",
    "/docs%c2%85",
    "/docs\r\nX: y",
    "/docs?a\r\nb",
    "/docs?a\0b",
    "/do cs",
    "/docs\t",
    "/docs#x",
    "/public#/../private",
    "/docs%",
    "/docs%2",
    "/docs%zz",
    "/docs%u002e",
    "/docs%ff",
    "/docs%c0%ae%c0%ae/private",
    "/docs%ed%a0%80",
    "/\u00fc",
    "/\ud800",
    "/" + "x" * MAX_TARGET_LENGTH,
    "/?" + "x" * MAX_TARGET_LENGTH,
]


@pytest.mark.parametrize("text", HOSTS, ids=ascii)
def test_a_host_has_one_spelling(text: str) -> None:
    assert parse_host(text) == HOSTS[text]


@pytest.mark.parametrize("text", ODD_HOSTS, ids=lambda text: ascii(text)[:40])
def test_a_host_that_is_not_plainly_one_is_refused(text: str) -> None:
    with pytest.raises(AmbiguousTarget):
        parse_host(text)


@pytest.mark.parametrize("target", PATHS, ids=lambda target: ascii(target)[:40])
def test_a_path_is_decoded_once_and_without_its_query(target: str) -> None:
    assert parse_path(target) == PATHS[target]


@pytest.mark.parametrize("target", ODD_PATHS, ids=lambda target: ascii(target)[:40])
def test_a_path_that_can_be_read_in_two_ways_is_refused(target: str) -> None:
    with pytest.raises(AmbiguousTarget):
        parse_path(target)


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "VERSION-CONTROL", "X"])
def test_a_method_is_taken_as_it_is(method: str) -> None:
    assert parse_method(method) == method


@pytest.mark.parametrize("method", ["", "get", "Get", "GET, POST", "GET,GET", " GET", "GET\n", "G\0", "GÉT", "X" * 33])
def test_a_method_that_is_not_one_word_in_capitals_is_refused(method: str) -> None:
    with pytest.raises(AmbiguousTarget):
        parse_method(method)


def test_the_port_of_a_request_makes_no_difference() -> None:
    assert request_target("docs.example.org:9999", "/x", "GET") == RequestTarget("docs.example.org", "/x")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://Docs.example.org/a?b", RequestTarget("docs.example.org", "/a")),
        ("http://docs.example.org", RequestTarget("docs.example.org", "/")),
        ("https://docs.example.org?b", RequestTarget("docs.example.org", "/")),
        ("wss://docs.example.org:8443/live", RequestTarget("docs.example.org", "/live")),
    ],
)
def test_a_url_names_host_and_path(url: str, target: RequestTarget) -> None:
    assert from_url(url, "GET") == target


@pytest.mark.parametrize(
    "url",
    [
        "docs.example.org/a",
        "//docs.example.org/a",
        "ftp://docs.example.org/a",
        "HTTPS://docs.example.org/a",
        "https:docs.example.org/a",
        "https:///a",
        "https://docs.example.org@evil.example/",
        "https://docs.example.org\\@evil.example/",
        "https://docs.example.org/a#b",
        "https://docs.example.org#b",
        "https://docs.example.org/a/../b",
        "https://docs.example.org//a",
        "https://docs.example.org/\u00fc",
        "https://docs.example.org,docs.example.org/a",
        "https://docs.example.org/a\n",
        "https://[::1/",
        "",
    ],
)
def test_a_url_that_is_not_plainly_one_is_refused(url: str) -> None:
    with pytest.raises(AmbiguousTarget):
        from_url(url, "GET")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        (" https://docs.example.org/guide/#install ", "/guide/"),
        ("docs.example.org/guide/", "/guide/"),
        ("docs.example.org", "/"),
        ("docs.example.org:8443/a b/\u00fc", "/a b/\u00fc"),
    ],
)
def test_a_typed_url_is_read_as_a_browser_would(typed: str, path: str) -> None:
    assert from_typed_url(typed, "GET") == RequestTarget("docs.example.org", path)


@given(st.text(), st.text(), st.text())
def test_any_text_is_a_target_or_refused(host: str, target: str, method: str) -> None:
    reads: list[Callable[[], RequestTarget]] = [
        lambda: request_target(host, target, method),
        lambda: from_typed_url(target, method),
        lambda: from_url(f"https://{host}/{target}", "GET"),
    ]
    for read in reads:
        try:
            found = read()
        except AmbiguousTarget as error:
            assert error.reason.isprintable()
        else:
            assert found.host == found.host.lower()
            assert found.path.startswith("/")
