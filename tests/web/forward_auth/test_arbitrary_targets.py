"""Checks of arbitrary text: nothing opens that a simple reading does not allow."""

import re
from posixpath import normpath
from urllib.parse import unquote

from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.helpers.rounds import rounds
from tests.web.forward_auth.proxy_checks import (
    ANONYMOUS,
    APP,
    LOGIN,
    NAVIGATION,
    NGINX,
    Proxy,
    as_wsgi_text,
    check_with_raw_headers,
    identity,
)

PIECES = ["/public", "/staff", "/", "//", "..", ".", "%2e", "%2f", "%5c", "%00", "%25", "\\", ";", "?", "#", ",", "x"]
HOSTS = st.one_of(
    st.just(APP),
    st.lists(st.sampled_from([APP, ".", ":443", "@", ",", "evil.example", "/", "?", "#", "[", "]"]), max_size=4).map(
        "".join
    ),
    st.text(max_size=20),
)
TARGETS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=30).map("/{}".format))
SCHEMES_AND_METHODS = st.one_of(
    st.sampled_from(["GET", "HEAD", "POST", "https", "http", "wss", "get", ""]), st.text(max_size=8)
)


def is_plainly_public(host: str, target: str) -> bool:
    """Whether, simply read, the target is on the host APP in the public folder."""
    path = normpath(re.sub("/+", "/", unquote(re.split("[?#]", target)[0]).replace("\\", "/")))
    name = re.sub(r"\.?(:\d+)?$", "", host.lower())
    return name == APP and (path == "/public" or path.startswith("/public/"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(full=400, quick=100))
@given(host=HOSTS, target=TARGETS, scheme=SCHEMES_AND_METHODS, method=SCHEMES_AND_METHODS)
@example(host=APP, target="/public", scheme="https", method="GET")
@example(host=APP, target="/public/..%2fstaff", scheme="https", method="GET")
def test_with_any_headers_only_a_plainly_public_page_opens_to_everybody(
    client: FlaskClient, proxy: Proxy, host: str, target: str, scheme: str, method: str
) -> None:
    headers = {
        name: as_wsgi_text(value)
        for name, value in proxy.headers(target, host=host, scheme=scheme, method=method).items()
    }
    for extra in ({}, NAVIGATION):
        response = check_with_raw_headers(client, proxy, headers | extra)
        assert response.status_code in ((200, 401, 403) if proxy is NGINX else (200, 302, 401, 403))
        if response.status_code == 200:
            assert method in ("GET", "HEAD")
            assert is_plainly_public(host, target)
            assert identity(response) == ANONYMOUS
        if response.location is not None:
            assert re.match(rf"https://{re.escape(LOGIN)}/login(\?next=http|$)", response.location)
            assert response.location.isascii() and response.location.isprintable()


SEGMENTS = st.lists(st.sampled_from(["public", "staff", "bob", "x", "Public", "a.b"]), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(full=150, quick=37))
@given(segments=SEGMENTS, slash=st.sampled_from(["", "/"]), query=st.sampled_from(["", "?x=/public", "?/staff/.."]))
def test_plain_paths_open_exactly_to_those_whom_the_rules_name(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, segments: list[str], slash: str, query: str
) -> None:
    """The rules once more: the first segment decides; else one has to sign in."""
    first = segments[0] if segments else ""
    target = "/" + "/".join(segments) + (slash if segments else "") + query
    anonymous = 200 if first == "public" else 401
    signed_in = 403 if first in ("staff", "bob") else 200
    assert proxy.check(client, target).status_code == anonymous
    assert proxy.check(client, target, alice).status_code == signed_in
