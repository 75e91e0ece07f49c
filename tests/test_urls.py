"""Where one may be sent after signing in."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daypass.urls import HOME, LONGEST, safe_path

BASE = "https://app.example/"

# Where each of these leads away from the site: security.md 3.5, and the way back of proxies.md.
LEAVING = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "https:///evil.example",
    "HTTPS://evil.example",
    "http://app.example@evil.example",
    "https://evil.example\\@app.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "//evil.example/%2f..",
    "//[::1",
]
# What stays, and is still not a path that we would send anybody to.
ODD = [
    "http://[::1",
    "https://[::1",
    "/x\r\nSet-Cookie: a=b",
    "/x\nb",
    "/x\0b",
    "/x\x1bb",
    "/x\x7fb",
    "/x b",
    "/x\\b",
    "/x?next=\\evil",
    "/x#\\evil",
    " /x",
    "/x ",
    "/é",
    "/\u2028",
    "/\u3002evil.example",
    "/\uff0fevil.example",
    "/\u2215evil.example",
    "/\ud800",
    ".evil.example",
    "@evil.example",
    "evil.example",
    "?next=/x",
    "#x",
    "",
    "/" + "x" * LONGEST,
    "/" * 10_000,
]
GOOD = [
    "/",
    "/members",
    "/members/",
    "/members?page=2&sort=-name#row-3",
    "/members//twice",
    "/.",
    "/..",
    "/a:b@c",
    "/@evil.example",
    "/.evil.example",
    "/https://evil.example",
    "/?next=https://evil.example",
    "/?next=//evil.example",
    "/%5Cevil.example",
    "/%2Fevil.example",
    "/%09/evil.example",
    "/a[b]{c}|d~e;f=g,h'i\"j<k>l`m^n!o$p*q+r",
    "/" + "x" * (LONGEST - 1),
]


def stays(target: str) -> bool:
    """Whether a browser on BASE that is sent to `target` stays on its origin.

    As browsers read it (WHATWG URL): space at the ends goes, tabs and line ends go, a backslash is a slash, and
    whatever number of slashes begins an authority.
    """
    text = re.sub(r"[\t\r\n]", "", target.strip("".join(map(chr, range(33))))).replace("\\", "/")
    if text.startswith("//") or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text):
        return False
    there = urlsplit(urljoin(BASE, text))
    return (there.scheme, there.netloc) == ("https", "app.example")


@pytest.mark.parametrize("target", LEAVING, ids=ascii)
def test_a_target_that_leaves_the_site_leads_home(target: str) -> None:
    assert not stays(target)
    assert safe_path(target) == HOME


@pytest.mark.parametrize("target", ODD, ids=lambda target: ascii(target)[:40])
def test_a_target_that_is_not_plainly_a_path_leads_home(target: str) -> None:
    assert safe_path(target) == HOME


def test_no_target_leads_home() -> None:
    assert safe_path(None) == HOME == "/"


@pytest.mark.parametrize("target", GOOD, ids=lambda target: target[:40])
def test_a_path_on_this_site_is_kept_as_it_is(target: str) -> None:
    assert stays(target)
    assert safe_path(target) == target


PIECES = ["/", "\\", "\t", "\n", "\r", "\0", " ", ":", "@", "?", "#", "%", ".", "[", "]", "evil.example", "https:", "é"]


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
@example("/\t/evil.example")
def test_nothing_leads_off_the_site(target: str) -> None:
    path = safe_path(target)
    assert path in (HOME, target)
    assert stays(path)
    assert path.isascii()
    assert path.isprintable()


@settings(deadline=None)
@given(st.from_regex(r"/[!-~]*", fullmatch=True))
def test_no_path_leads_off_the_site(target: str) -> None:
    path = safe_path(target)
    assert path in (HOME, target)
    assert stays(path)
