"""Row 71 (K): an API token whose scope of hosts was changed, left out or put where none belongs."""

import pytest

from tests.helpers.api_tokens import OWN, new_api_token
from tests.security.forging import GONE, Target
from tests.security.target_app import World, as_bearer, as_cookie, difference

WRONG: dict[str, object] = {
    "missing": GONE,
    "null": None,
    "true": True,
    "text": OWN,
    "empty": [],
    "empty-text": [""],
    "wildcard": ["*"],
    "twice": [OWN, OWN],
    "one-more": [OWN, "app.example.org"],
    "another": ["app.example.org"],
    "upper-case": ["APP.EXAMPLE.ORG"],
    "dot-behind": [f"{OWN}."],
    "port": [f"{OWN}:8000"],
    "space": [f"{OWN} "],
    "newline": [f"{OWN}\n"],
    "nul": [f"{OWN}\0"],
    "lone-surrogate": ["\ud800"],
    "number": [1],
    "null-inside": [OWN, None],
    "nested": [[OWN]],
    "object": {OWN: True},
    "very-long": ["a" * 1500],
    "many": [f"{number}.example" for number in range(60)],
}


def api_target(world: World, hosts: list[str] | None) -> Target:
    """The world's target, with an API token of the same account in place of the session's."""
    target = world.target
    _, token = new_api_token(world.app, target.payload["sub"], hosts)
    return Target(target.key, token, target.admin_token, target.listener, target.canary)


@pytest.mark.row(71)
def test_the_hosts_of_an_api_token_are_those_of_its_session(world: World) -> None:
    target = api_target(world, [OWN])
    assert world.get(as_bearer(target.token)).status_code == 200
    assert world.get(as_bearer(target.with_claims(hosts=[OWN]))).status_code == 200
    for name, value in WRONG.items():
        for carrier in (as_bearer, as_cookie):
            assert (name, difference(world.get(carrier(target.with_claims(hosts=value))))) == (name, None)


@pytest.mark.row(71)
def test_a_token_for_an_app_gets_no_more_hosts(world: World) -> None:
    """It is refused on our own pages as it is, and every change of it is no token at all."""
    target = api_target(world, ["app.example.org"])
    assert world.get(as_bearer(target.token)).status_code == 403
    for value in ([OWN], ["app.example.org", OWN], [OWN, "app.example.org"], ["localhost"], GONE):
        assert difference(world.get(as_bearer(target.with_claims(hosts=value)))) is None


@pytest.mark.row(71)
def test_a_token_from_before_there_were_scopes_gets_none(world: World) -> None:
    target = api_target(world, None)
    assert "hosts" not in target.payload
    assert world.get(as_bearer(target.token)).status_code == 200
    for value in ([OWN], ["app.example.org"], None, []):
        assert difference(world.get(as_bearer(target.with_claims(hosts=value)))) is None


@pytest.mark.row(71)
def test_a_session_has_no_hosts_and_is_no_api_token(world: World) -> None:
    for change in ({"hosts": [OWN]}, {"hosts": None}, {"hosts": [OWN], "aud": "api"}, {"aud": "api"}):
        for carrier in (as_bearer, as_cookie):
            assert difference(world.get(carrier(world.target.with_claims(**change)))) is None


@pytest.mark.row(71)
def test_an_api_token_is_no_session(world: World) -> None:
    target = api_target(world, [OWN])
    for change in ({"aud": "session"}, {"aud": "session", "hosts": GONE}):
        assert difference(world.get(as_bearer(target.with_claims(**change)))) is None
