"""Forged headers, cookies and tokens at checks.

The attacks are those in SECURITY.md, "Attacks on a gate behind a proxy".
"""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Person
from tests.helpers.tokens import reset_link_token
from tests.web.forward_auth.proxy_checks import ALICE, ANONYMOUS, APP, FORWARD, IDENTITY_HEADERS, NGINX, Proxy, identity


@pytest.mark.parametrize(
    "other",
    [
        {"X-Forwarded-Uri": "/public"},
        {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "http", "X-Forwarded-Method": "POST"},
        {"X-Original-URL": f"https://{APP}/public", "X-Original-Method": "GET"},
        {"X-Original-Uri": "/public", "X-Rewrite-Url": "/public", "X-Forwarded-Prefix": "/public"},
        {"Forwarded": f"host={APP};proto=https", "X-Original-Host": "elsewhere.example"},
        {"X-HTTP-Method-Override": "GET", "X-Forwarded-Port": "1", "X-Url-Scheme": "http"},
    ],
    ids=str,
)
def test_the_headers_of_the_other_proxies_are_ignored(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, other: dict[str, str]
) -> None:
    """Attack 1."""
    foreign = {name: value for name, value in other.items() if name not in proxy.headers()}
    assert foreign or proxy is not NGINX or "X-Original-URL" in other
    assert proxy.check(client, "/x", foreign).status_code == 401
    assert proxy.check(client, "/staff", foreign | alice).status_code == 403
    assert proxy.check(client, "/x", foreign | alice).status_code == 200


def test_a_check_with_only_the_other_proxys_headers_is_refused(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    other = FORWARD if proxy is NGINX else NGINX
    for headers in (other.headers("/public"), other.headers("/public") | alice):
        assert client.get(proxy.path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "forged",
    [
        {name: "admin" for name in IDENTITY_HEADERS},
        {"Remote-User": "bob"},
        {"Remote_User": "bob", "Remote.User": "bob", "REMOTE_USER": "bob"},
        {"X-Forwarded-User": "bob", "X-Remote-User": "bob", "X-Auth-Request-User": "bob"},
        {"User-Agent": "kube-probe/1.29", "X-Health-Check": "1"},
        {"User-Agent": "ELB-HealthChecker/2.0", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
        {"Authorization": "Basic Ym9iOmJvYg==", "Sec-Purpose": "prefetch", "X-Internal": "true"},
        {"Access-Control-Request-Method": "POST", "Origin": f"https://{APP}"},
    ],
    ids=str,
)
def test_no_header_of_a_client_signs_it_in_or_opens_a_page(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy, forged: dict[str, str]
) -> None:
    """Attacks 8, 9 and 13."""
    user = {"REMOTE_USER": "bob", "AUTH_TYPE": "Basic"}
    headers = proxy.headers("/bob") | forged
    assert client.get(proxy.path, headers=headers, environ_overrides=user).status_code == 401
    assert client.get(proxy.path, headers=headers | alice, environ_overrides=user).status_code == 403
    public = proxy.headers("/public") | forged
    assert identity(client.get(proxy.path, headers=public, environ_overrides=user)) == ANONYMOUS
    assert identity(client.get(proxy.path, headers=public | alice, environ_overrides=user)) == ALICE


def test_a_token_in_the_query_is_ignored(client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy) -> None:
    """Attack 21."""
    token = sign_in("alice").token
    for name in ("token", "access_token", "__Secure-daypass"):
        assert proxy.check(client, f"/x?{name}={token}").status_code == 401
        assert client.get(f"{proxy.path}?{name}={token}", headers=proxy.headers("/x")).status_code == 401


def test_a_reset_link_is_not_a_pass(app: Flask, client: FlaskClient, proxy: Proxy) -> None:
    """Attacks 14 and 21: its purpose is another one."""
    token = reset_link_token(app)
    for headers in ({"Cookie": f"__Secure-daypass={token}"}, {"Authorization": f"Bearer {token}"}):
        assert proxy.check(client, "/x", headers).status_code == 401
        assert identity(proxy.check(client, "/public", headers)) == ANONYMOUS


@pytest.mark.parametrize("name", ["daypass", "__Host-daypass", "__secure-daypass", "Remote-User"])
def test_a_cookie_with_another_name_is_ignored(
    client: FlaskClient, sign_in: Callable[..., Person], proxy: Proxy, name: str
) -> None:
    assert proxy.check(client, "/x", {"Cookie": f"{name}={sign_in('alice').token}"}).status_code == 401


def test_with_an_invalid_token_only_public_pages_open_and_the_visitor_is_anonymous(
    client: FlaskClient, proxy: Proxy
) -> None:
    for headers in ({"Cookie": "__Secure-daypass=a.b.c"}, {"Authorization": "Bearer a.b.c"}):
        public, closed = proxy.check(client, "/public", headers), proxy.check(client, "/x", headers)
        assert (public.status_code, identity(public)) == (200, ANONYMOUS)
        assert closed.status_code == 401
        assert 'error="invalid_token"' in closed.headers["WWW-Authenticate"]
