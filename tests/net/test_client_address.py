"""The client address of a request, behind trusted and other proxies."""

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daypass.database.models import AuthSession
from daypass.web.client import client_address
from daypass.web.context import current_db, current_runtime
from tests.conftest import PAGE, PASSWORD
from tests.helpers.rounds import rounds

PEER, CLIENT = "10.1.0.5", "198.51.100.7"
SECRET = "5e0c7d29ab4416f38c9e02b7d5a1f364"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {
        "DAYPASS_TRUSTED_PROXIES": "10.1.0.0/24,2001:db8:1::/48,127.0.0.1",
        "DAYPASS_PROXY_SECRET": SECRET,
    }


def address(app: Flask, peer: str | None, forwarded: str | None, secret: str | None = None) -> str | None:
    values = {"HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_DAYPASS_PROXY_SECRET": secret}
    headers = {name: value for name, value in values.items() if value is not None}
    with app.test_request_context(environ_overrides=headers | {"REMOTE_ADDR": peer}):
        return client_address(request.environ, current_runtime().settings)


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        (None, PEER),
        (CLIENT, CLIENT),
        (f"127.0.0.1, {CLIENT}", CLIENT),
        (f"6.6.6.6, 7.7.7.7,{CLIENT}", CLIENT),
        (f"6.6.6.6,{CLIENT}, 10.1.0.9", CLIENT),
        (f"6.6.6.6, {CLIENT}, 2001:db8:1::1, 10.1.0.9", CLIENT),
        (f"{CLIENT}, 10.1.0.9, 6.6.6.6", "6.6.6.6"),
        (f" {CLIENT}\t", CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        (f"::ffff:{CLIENT}", CLIENT),
        (f"{CLIENT}, ::ffff:10.1.0.9", CLIENT),
        ("fe80::7%eth0", "fe80::7"),
        ("10.1.0.7, 10.1.0.8", "10.1.0.7"),  # the visitor is in the network of the proxies
        ("", PEER),
        (",", PEER),
        ("unknown", PEER),
        (f"{CLIENT}, unknown", PEER),
        (f"{CLIENT}, unknown, 10.1.0.9", "10.1.0.9"),
        (f"{CLIENT},", PEER),
        (f"{CLIENT}, ", PEER),
        ("_hidden", PEER),
        (f"for={CLIENT}", PEER),
        ("198.51.100.007", PEER),
        ("3325256711", PEER),
        ("<script>", PEER),
        ("x" * 10_000, PEER),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_rightmost_hop_that_is_not_a_trusted_proxy_is_the_client(
    app: Flask, forwarded: str | None, found: str
) -> None:
    """Attack 12."""
    assert address(app, PEER, forwarded) == found


@pytest.mark.parametrize("peer", ["192.0.2.1", "10.1.1.5", "::1", "2001:db8:2::1"])
def test_headers_from_an_untrusted_address_are_ignored(app: Flask, peer: str) -> None:
    """Attack 12."""
    for forwarded in (CLIENT, "127.0.0.1", f"{CLIENT}, {PEER}"):
        for secret in (None, "", SECRET[:-1], f"{SECRET},{SECRET}"):
            assert address(app, peer, forwarded, secret) == peer


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8:2::1", "", None])
def test_a_proxy_with_the_secret_is_trusted_at_any_address(app: Flask, peer: str | None) -> None:
    assert address(app, peer, f"6.6.6.6, {CLIENT}", SECRET) == CLIENT
    assert address(app, peer, f"6.6.6.6, {CLIENT}, {PEER}", SECRET) == CLIENT
    assert address(app, peer, "unknown", SECRET) == peer


def is_not_a_proxy(address: IPv4Address) -> bool:
    return not str(address).startswith("10.1.0.") and str(address) != "127.0.0.1"


@pytest.mark.parametrize("peer", ["::ffff:10.1.0.5", "2001:db8:1::5", "127.0.0.1"])
def test_a_proxy_is_trusted_over_ipv4_and_ipv6(app: Flask, peer: str) -> None:
    assert address(app, peer, CLIENT) == CLIENT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(full=200, quick=50))
@given(st.text(st.characters(max_codepoint=0xFF)), st.integers(0, 2**32 - 1).map(IPv4Address).filter(is_not_a_proxy))
def test_forged_hops_to_the_left_have_no_effect(app: Flask, forged: str, real: IPv4Address) -> None:
    assert address(app, PEER, f"{forged},{real}") == str(real)


def test_events_and_sessions_have_the_visitors_address(
    app: Flask, client: FlaskClient, add_account: Callable[..., str], events: Callable[[], list[dict[str, str]]]
) -> None:
    add_account("alice")
    forwarded = {"X-Forwarded-For": f"6.6.6.6, {CLIENT}", "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", headers=PAGE | forwarded, data=form).status_code == 303
    assert [event["address"] for event in events()] == [CLIENT]
    with app.app_context():
        assert [session.address for session in current_db().query(AuthSession)] == [CLIENT]


def test_without_x_forwarded_for_no_other_header_names_an_address(
    client: FlaskClient, events: Callable[[], list[dict[str, str]]]
) -> None:
    client.get("/members", headers={"X-Real-IP": CLIENT, "Forwarded": f"for={CLIENT}", "CF-Connecting-IP": CLIENT})
    assert [event["address"] for event in events()] == ["127.0.0.1"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "444"},
        {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "X-Original-URL": "/members"},
        {"Forwarded": "host=evil.example;proto=https", "X-Forwarded-Uri": "/members", "X-Rewrite-URL": "/members"},
        {"Remote-User": "alice", "X-Forwarded-User": "alice"},
    ],
    ids=str,
)
def test_no_other_header_of_a_trusted_proxy_has_an_effect_on_our_own_pages(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    plain, response = client.get("/login", headers=PAGE), client.get("/login", headers=PAGE | headers)
    assert (response.status_code, response.text) == (plain.status_code, plain.text)
    assert client.get("/members", headers=PAGE | headers).status_code == 401
