"""Which pages a guest link opens."""

from datetime import UTC, datetime

import pytest

from daypass.errors import AmbiguousTarget
from daypass.guest_links.coverage import Guest, SharedPath
from daypass.net.request_target import request_target
from daypass.rules.parser import read_rules

HOST = "docs.example.org"
RULES = read_rules(f"""
[[rule]]
host = "{HOST}"
path = "/docs/inner"
allow = {{ roles = ["staff"] }}

[[rule]]
host = "{HOST}"
path = "/docs/forms"
methods = ["GET"]
allow = "signed-in"

[[rule]]
host = "{HOST}"
allow = {{ roles = ["reader"] }}

[[rule]]
host = "other.example.org"
allow = {{ roles = ["reader"] }}
""")


def opens(path: str, target: str, *, host: str = HOST, method: str = "GET", of: str = HOST) -> bool:
    """Whether a link to this path of the host `of` opens a request."""
    shared = SharedPath("1", "Draft", of, path, datetime.now(UTC))
    return Guest((shared,)).opens(request_target(host, target, method), RULES.decide)


@pytest.mark.parametrize(
    "target", ["/docs/", "/docs", "/docs/a.html", "/docs/deep/er/", "/docs/a.html?x=/../", "/d%6fcs/"]
)
def test_a_path_that_ends_in_a_slash_includes_what_is_below_it(target: str) -> None:
    assert opens("/docs/", target)


@pytest.mark.parametrize("target", ["/docs-private", "/docs-private/", "/doc", "/", "/DOCS/", "/x/docs/"])
def test_a_path_ends_at_a_whole_segment(target: str) -> None:
    assert not opens("/docs/", target)


@pytest.mark.parametrize("target", ["/docs/a.html/", "/docs/a.html/b", "/docs/a.htmlx", "/docs/", "/docs/a"])
def test_a_path_without_a_slash_at_the_end_is_one_page(target: str) -> None:
    assert opens("/docs/a.html", "/docs/a.html")
    assert not opens("/docs/a.html", target)


@pytest.mark.parametrize(
    "target",
    ["/docs/../secret", "/docs/%2e%2e/secret", "/docs/.%2e/secret", "/docs/..%2fsecret", "/docs//secret",
     "/docs/%252e%252e/secret", "/docs\\..\\secret", "/docs/..;/secret"],
)  # fmt: skip
def test_tricks_with_the_path_are_refused_before_a_link_is_asked(target: str) -> None:
    with pytest.raises(AmbiguousTarget):
        opens("/docs/", target)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_guests_only_read(method: str) -> None:
    assert opens("/docs/", "/docs/", method="HEAD")
    assert not opens("/docs/", "/docs/", method=method)


def test_a_link_is_for_one_host() -> None:
    assert not opens("/docs/", "/docs/", host="other.example.org")
    assert not opens("/docs/", "/docs/", of="other.example.org")


@pytest.mark.parametrize("target", ["/docs/inner", "/docs/inner/", "/docs/inner/deep", "/docs/forms/"])
def test_a_part_that_another_rule_decides_about_needs_a_link_of_its_own(target: str) -> None:
    assert not opens("/docs/", target)
    assert opens("/docs/inner/", "/docs/inner/deep")


def test_a_host_that_the_rules_do_not_name_any_more_is_closed() -> None:
    assert not opens("/", "/", host="gone.example.org", of="gone.example.org")


def test_a_link_to_a_whole_host_opens_what_the_same_rule_decides_about() -> None:
    assert opens("/", "/anything/at/all")
    assert not opens("/", "/docs/inner/")
