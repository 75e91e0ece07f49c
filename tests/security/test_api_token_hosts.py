"""API tokens (K) with a changed, missing or misplaced `hosts` claim."""

import pytest

from tests.helpers.api_tokens import OWN, new_api_token
from tests.security.decoding import DAY
from tests.security.forging import OMITTED, Target
from tests.security.target_app import TargetApp, as_bearer, as_cookie, difference

WRONG: dict[str, object] = {
    "missing": OMITTED,
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


def api_target(target_app: TargetApp, hosts: list[str] | None) -> Target:
    """The app's target, with an API token of the same account."""
    target = target_app.target
    _, token = new_api_token(target_app.app, target.payload["sub"], hosts)
    return Target(target.key, token, target.admin_token, target.listener, target.canary)


@pytest.mark.row(71)
def test_the_hosts_of_an_api_token_are_those_of_its_session(target_app: TargetApp) -> None:
    target = api_target(target_app, [OWN])
    assert target_app.get(as_bearer(target.token)).status_code == 200
    assert target_app.get(as_bearer(target.with_claims(hosts=[OWN]))).status_code == 200
    for name, value in WRONG.items():
        for carrier in (as_bearer, as_cookie):
            assert (name, difference(target_app.get(carrier(target.with_claims(hosts=value))))) == (name, None)


@pytest.mark.row(71)
def test_a_token_for_an_app_gets_no_more_hosts(target_app: TargetApp) -> None:
    """Our own pages refuse it as issued (403), and every change of it (401)."""
    target = api_target(target_app, ["app.example.org"])
    assert target_app.get(as_bearer(target.token)).status_code == 403
    for value in ([OWN], ["app.example.org", OWN], [OWN, "app.example.org"], ["localhost"], OMITTED):
        assert difference(target_app.get(as_bearer(target.with_claims(hosts=value)))) is None


@pytest.mark.row(71)
def test_a_token_issued_before_scopes_existed_gets_none(target_app: TargetApp) -> None:
    target = api_target(target_app, None)
    assert "hosts" not in target.payload
    assert target_app.get(as_bearer(target.token)).status_code == 200
    for value in ([OWN], ["app.example.org"], None, []):
        assert difference(target_app.get(as_bearer(target.with_claims(hosts=value)))) is None


@pytest.mark.row(71)
def test_a_session_token_has_no_hosts_and_does_not_pass_as_an_api_token(target_app: TargetApp) -> None:
    for change in ({"hosts": [OWN]}, {"hosts": None}, {"hosts": [OWN], "aud": "api"}, {"aud": "api"}):
        for carrier in (as_bearer, as_cookie):
            assert difference(target_app.get(carrier(target_app.target.with_claims(**change)))) is None


@pytest.mark.row(71)
def test_an_api_token_does_not_pass_as_a_session_token(target_app: TargetApp) -> None:
    target = api_target(target_app, [OWN])
    as_session = {
        "aud": "session",
        "exp": target.payload["iat"] + DAY,
    }  # otherwise it would be refused for its lifetime
    for change in (as_session, as_session | {"hosts": OMITTED}):
        assert difference(target_app.get(as_bearer(target.with_claims(**change)))) is None
