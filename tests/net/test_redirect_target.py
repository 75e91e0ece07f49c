"""Redirect targets after signing in."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daypass.net.redirect_target import HOME, MAX_URL_LENGTH, safe_path, safe_url
from tests.helpers.redirect_targets import HOSTILE, LEAVING_SITE, ODD_PATHS

BASE = "https://app.example/"

VALID_PATHS = [
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
    "/" + "x" * (MAX_URL_LENGTH - 1),
]


def stays(target: str) -> bool:
    """Whether a browser on BASE that is sent to `target` stays on its origin.

    As browsers read it (WHATWG URL): space at the ends, tabs and line ends are removed, a backslash is a slash, and
    any number of slashes begins an authority.
    """
    text = re.sub(r"[\t\r\n]", "", target.strip("".join(map(chr, range(33))))).replace("\\", "/")
    if text.startswith("//") or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text):
        return False
    there = urlsplit(urljoin(BASE, text))
    return (there.scheme, there.netloc) == ("https", "app.example")


@pytest.mark.parametrize("target", LEAVING_SITE, ids=ascii)
def test_a_target_that_leaves_the_site_leads_home(target: str) -> None:
    assert not stays(target)
    assert safe_path(target) == HOME


@pytest.mark.parametrize("target", ODD_PATHS, ids=lambda target: ascii(target)[:40])
def test_a_target_that_is_not_plainly_a_path_leads_home(target: str) -> None:
    assert safe_path(target) == HOME


def test_no_target_leads_home() -> None:
    assert safe_path(None) == HOME == "/"


@pytest.mark.parametrize("target", VALID_PATHS, ids=lambda target: target[:40])
def test_a_path_on_this_site_is_kept_as_it_is(target: str) -> None:
    assert stays(target)
    assert safe_path(target) == target


PIECES = ["/", "\\", "\t", "\n", "\r", "\0", " ", ":", "@", "?", "#", "%", ".", "[", "]", "evil.example", "https:", "é"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
@example("/\t/evil.example")
def test_nothing_leads_off_the_site(target: str) -> None:
    path = safe_path(target)
    assert path in (HOME, target)
    assert stays(path)
    assert path.isascii()
    assert path.isprintable()


@given(st.from_regex(r"/[!-~]*", fullmatch=True))
def test_no_path_leads_off_the_site(target: str) -> None:
    path = safe_path(target)
    assert path in (HOME, target)
    assert stays(path)


# The hosts that the rules name, with their ports.
RULE_HOSTS = {"app.example": None, "nas.example": 8443, "[2001:db8::1]": None}
LOGIN = "https://login.example"

RETURN_URLS = {
    "https://app.example/": "https://app.example/",
    "https://app.example": "https://app.example/",
    "https://app.example?x=/y": "https://app.example/?x=/y",
    "https://app.example#row": "https://app.example/#row",
    "https://App.Example./x?y=//z#w": "https://app.example/x?y=//z#w",
    "https://app.example:443/x": "https://app.example/x",
    "https://nas.example/x": "https://nas.example/x",
    "https://nas.example:8443/x": "https://nas.example:8443/x",
    "https://[2001:DB8::1]/x": "https://[2001:db8::1]/x",
    "https://app.example/@evil.example": "https://app.example/@evil.example",
    "https://app.example//evil.example": "https://app.example//evil.example",
}


@pytest.mark.parametrize("target", HOSTILE, ids=lambda target: ascii(target)[:48])
def test_a_url_that_is_not_plainly_on_a_host_of_the_rules_is_refused(target: str | None) -> None:
    assert safe_url(target, LOGIN, RULE_HOSTS) is None


@pytest.mark.parametrize("target", RETURN_URLS)
def test_a_url_on_a_host_of_the_rules_is_kept(target: str) -> None:
    assert safe_url(target, LOGIN, RULE_HOSTS) == RETURN_URLS[target]


def test_hosts_of_the_rules_may_have_our_own_scheme_and_port() -> None:
    base_url = "http://login.localhost:8080"
    for url in ("http://app.example:8080/x", "http://app.example/x", "https://app.example/x"):
        assert safe_url(url, base_url, RULE_HOSTS) == url
    assert safe_url("http://app.example:8081/x", base_url, RULE_HOSTS) is None


def test_where_the_rules_name_no_host_no_url_is_kept() -> None:
    assert safe_url("https://app.example/", LOGIN, {}) is None
    assert safe_url(f"{LOGIN}/", LOGIN, {}) is None


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from([*PIECES, "app.example", "://", "443", "x"]), max_size=9).map("".join)
    )
)
@example("https://evil.example\\@app.example/")
def test_no_url_leads_to_a_host_that_is_not_named(target: str) -> None:
    for text in (target, f"https://{target}", f"https://app.example{target}"):
        url = safe_url(text, LOGIN, RULE_HOSTS)
        if url is not None:
            assert re.match(r"https://(app\.example|nas\.example(:8443)?|\[2001:db8::1\])[/?#]", url)
            assert url.isascii() and url.isprintable() and "\\" not in url
