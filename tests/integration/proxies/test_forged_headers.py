"""Headers that apps trust do not reach the app from a client."""

import re

import pytest

from tests.helpers.project import ROOT
from tests.integration.proxies.deployment import APP, SCRIPT, Deployment
from tests.integration.proxies.raw_http import HANDSHAKE

IDENTITY = [
    *(f"X-Forwarded-{what}" for what in ("User", "Preferred-Username", "Email", "Groups", "Access-Token")),
    *(f"X-Auth-Request-{what}" for what in ("User", "Preferred-Username", "Email", "Groups", "Access-Token")),
    *(f"X-Remote-{what}" for what in ("User", "Name", "Email", "Groups")),
    *(f"X-WEBAUTH-{what}" for what in ("USER", "NAME", "EMAIL", "GROUPS", "ROLE")),
    *(f"X-Authentik-{what}" for what in ("Username", "Uid", "Name", "Email", "Groups", "Jwt")),
]
LOCATION = [
    *(f"X-Original-{what}" for what in ("URL", "URI", "Method", "Host")),
    "X-Rewrite-URL",
    *(f"X-Forwarded-{what}" for what in ("Uri", "Method", "Prefix", "Port", "Server", "Scheme", "Ssl")),
]
ADDRESS = ["Forwarded", "X-Real-IP", "X-Client-IP"]
OF_PROXIES = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"]
FORGED = "forged"


def spellings(name: str) -> list[str]:
    """A header's name with swapped case and with every other separator."""
    return [name, name.swapcase(), *(name.replace("-", between) for between in "_.!#$%&'*+^`|~" if "-" in name)]


def forged(*names: str) -> list[tuple[str, str]]:
    return [(spelling, FORGED) for name in names for spelling in spellings(name)]


@pytest.mark.parametrize("name", [*IDENTITY, *LOCATION, *ADDRESS, *OF_PROXIES])
def test_no_spelling_of_a_forged_header_reaches_the_app(deployment: Deployment, bob: str, name: str) -> None:
    for target, token in (("/", bob), ("/public/", None)):
        seen = deployment.forwarded(target, forged(name), token=token)
        assert [pair for pair in seen.headers if FORGED in pair[1]] == []


def test_no_forged_header_reaches_the_app_with_a_websocket(deployment: Deployment, bob: str) -> None:
    assert deployment.socket(bob, [(name, FORGED) for name in [*IDENTITY, *LOCATION, *ADDRESS]]) == "hello"
    assert [pair for pair in deployment.app.seen[-1].headers if FORGED in pair[1]] == []


def test_the_address_the_host_and_the_scheme_are_the_proxys_own(deployment: Deployment, bob: str) -> None:
    forwarded = [
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
    ]
    for headers in (
        [],
        forwarded,
        [("Connection", "close, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto"), *forwarded],
    ):
        seen = deployment.forwarded("/", [*SCRIPT, *headers], token=bob)
        assert seen.all("X-Forwarded-For") == ["127.0.0.1"]
        assert seen.all("X-Forwarded-Host") in ([APP], [f"{APP}:{deployment.port}"])
        assert seen.all("X-Forwarded-Proto") == ["https"]
        assert seen.all("X-Real-IP") in ([], ["127.0.0.1"])


def test_headers_that_an_app_may_read_still_reach_it(deployment: Deployment, bob: str) -> None:
    sent = [("X-Requested-With", "XMLHttpRequest"), ("X-Api-Key", "a"), ("If-None-Match", '"b"'), ("Range", "bytes=0-")]
    seen = deployment.forwarded("/", [*sent, *HANDSHAKE[2:]], token=bob)
    assert {name: seen.all(name) for name, _ in sent} == {name: [value] for name, value in sent}


def test_the_docs_name_each_forged_header() -> None:
    text = (ROOT / "docs/gateway.md").read_text()
    families = re.findall(r"`([\w-]+-)\*`", text)
    missing = [name for name in [*IDENTITY, *LOCATION, *ADDRESS] if f"`{name}`" not in text]
    assert [name for name in missing if not name.startswith(tuple(families))] == []
