"""The target of a check: it has one reading, or the check is refused.

The attacks are those in SECURITY.md, "Attacks on a gate behind a proxy".
"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.conftest import Person
from tests.web.forward_auth.proxy_checks import (
    APP,
    LOGIN,
    NAVIGATION,
    NGINX,
    Proxy,
    as_wsgi_text,
    check_with_raw_headers,
    cookie_header,
    refused,
)

Events = Callable[[], list[dict[str, str]]]


@pytest.mark.parametrize("host", ["APP.Example.ORG", f"{APP}.", f"{APP}:443", f"{APP}:8443", "APP.EXAMPLE.ORG.:1"])
def test_a_host_in_another_spelling_is_the_same_host(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, host: str
) -> None:
    """Attack 4."""
    statuses = [proxy.check(client, target, alice, host=host).status_code for target in ("/public", "/x", "/staff")]
    assert statuses == [200, 200, 403]
    assert proxy.check(client, "/x", host=host).status_code == 401


OTHER_HOSTS = [
    "elsewhere.example", LOGIN, "example.org", "x.app.example.org", "xapp.example.org", f"{APP}..", f".{APP}", "",
    f"{APP}@evil.example", f"evil.example@{APP}", f"{APP},{APP}", f"{APP}, evil.example", f"{APP}:0", f"{APP}:99999",
    f"{APP}:443:443", f" {APP}", f"{APP} ", f"{APP}\t", f"{APP}/", f"{APP}/public", f"{APP}?", f"{APP}#", f"{APP}\\x",
    f"{APP}%00", "app%2eexample.org", "\uff41pp.example.org", "app\u3002example.org", "xn--app.example.org",
    "127.0.0.1", "[::1]", "*", "null"
]  # fmt: skip


def test_any_other_host_is_refused(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    """Attacks 4 and 10. In a URL, the host ends at a slash, a ? or a #."""
    valid_in_url = {f"{APP}/", f"{APP}/public", f"{APP}?", f"{APP}#"} if proxy is NGINX else set()
    for host in set(OTHER_HOSTS) - valid_in_url:
        for headers in (alice, {}, NAVIGATION):
            response = proxy.check(client, "/public", headers, host=as_wsgi_text(host))
            assert refused(response), ascii(host)


AMBIGUOUS = [
    "/..", "/public/..", "/public/../x", "/public/../../x", "/x/../public", "/./public", "/public/.", "/public/...",
    "/public/%2e%2e/x", "/public/%2E%2e%2Fx", "/public/..%2fx", "/public%2f..%2fx", "/public%2Fx", "/public/..%5cx",
    "/public/..\\x", "\\public", "/\\public", "//public", "/public//x", "//evil.example/public", "/public;x",
    "/public;/../x", "/public/..;/x", "/public%3b/x", "/public%00", "/public%00/x", "/public\0",
    "/public%0a", "/public\n",
    "/public%0d%0aX: y", "/public%7f", "/public%252e%252e/x", "/%2570ublic", "/public%25%32%65",
    "/public%c0%ae%c0%ae/x",
    "/public./x", "/public%20/x", "/public%E2%80%8B./x", "/public/%EF%BC%8E%EF%BC%8E/x", "/public%EF%BC%8Fx",
    "/public%CD%BEx",
    "/public%ff", "/public%", "/public%2", "/public%zz", "/public%u002e", "/public\x80", "/publi\u010d", "/public x",
    "/public\t", "/public#", "/public#/x", "/x#/public", "/" + "x" * 9000, "/public?" + "x" * 9000, "/public?\0",
    "/public?\n", "public", "", "*", "?", "#", "/public,/x", "/public?,/x", "/public?, /x",
    "/public?,\t/x", "/public, /x"
]  # fmt: skip
# In a URL these name another host or page, or cannot be mistaken for a header that was sent twice.
VALID_IN_URL = {"", "?", "public", "*", "/public,/x", "/public?,/x", "/public?, /x", "/public, /x"}


def test_a_path_with_two_readings_is_refused_to_everybody(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy
) -> None:
    """Attacks 5, 6, 7 and 10."""
    bob = cookie_header(sign_in("bob", ["staff", "admin"]))
    for target in set(AMBIGUOUS) - (VALID_IN_URL if proxy is NGINX else set()):
        for headers in ({}, NAVIGATION, bob):
            assert refused(check_with_raw_headers(client, proxy, proxy.headers(as_wsgi_text(target)) | headers)), ascii(
                target
            )[:40]


@pytest.mark.parametrize(
    ("target", "anonymous"),
    [
        ("/x?/public", 401),
        ("/x?=/../public", 401),
        ("/public?x=/../staff", 200),
        ("/public?x=1,2,3", 200),
        ("/public/a,b,c", 200),
        ("/public%23", 401),
        ("/public%3fx", 401),
        ("/public/%23/x", 200),
        ("/%70ublic", 200),
        ("/public/%20x", 200),
        ("/public/%c3%bc", 200),
        ("/public?\xfc", 200),
    ],
)
def test_only_the_decoded_path_decides(client: FlaskClient, proxy: Proxy, target: str, anonymous: int) -> None:
    """Attack 5."""
    assert proxy.check(client, target).status_code == anonymous


@pytest.mark.parametrize(
    "method", ["", "get", "Get", "GET,POST", "GET, GET", "GET POST", "G\tET", "GET/", "G" * 33, "1", "\xff"]
)
def test_a_method_that_is_not_one_word_is_refused(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, method: str
) -> None:
    """Attack 10."""
    assert proxy.check(client, "/public", alice, method=method).status_code == 403


@pytest.mark.parametrize("scheme", ["", "ftp", "HTTPS", "https,http", "https, https", "javascript", "file", "\xff"])
def test_a_scheme_other_than_http_or_websocket_is_refused(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, scheme: str
) -> None:
    """Attack 10."""
    assert proxy.check(client, "/public", alice, scheme=scheme).status_code == 403


def test_a_check_without_one_of_its_headers_is_refused(
    client: FlaskClient, alice: dict[str, str], events: Events, proxy: Proxy
) -> None:
    """Attack 11: a client can have it removed by naming it in `Connection`."""
    headers = proxy.headers("/public")
    for name in headers:
        fewer = {other: value for other, value in headers.items() if other != name}
        assert client.get(proxy.path, headers=fewer | alice).status_code == 403
        assert client.get(proxy.path, headers=fewer | alice | {name: ""}).status_code == 403
    assert {event["event"] for event in events()} == {"page_refused"}
    assert {event["reason"].partition(" ")[0] for event in events()} == set(headers)
    assert proxy.check(client, "/x", {"Connection": "Cookie"}).status_code == 401


def test_a_check_with_a_duplicate_header_is_refused(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    """Attack 10: the server joins both values with a comma."""
    other = proxy.headers("/x", host="far.example", scheme="http", method="POST")
    for once in (proxy.headers("/public"), proxy.headers("/public?a=b")):
        for name, value in once.items():
            for pair in ((value, value), (value, other[name]), (other[name], value)):
                for separator in (",", ", "):
                    twice = once | alice | {name: separator.join(pair)}
                    assert client.get(proxy.path, headers=twice).status_code == 403, twice
