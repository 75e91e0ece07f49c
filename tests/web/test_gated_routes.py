"""Every route is gated or listed as open, so a forgotten decorator is found."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PAGE, Person
from tests.helpers.gated_routes import OPEN_ROUTES, REQUIRED_ROLES, gated_routes
from tests.helpers.tokens import tampered


def test_every_route_is_gated_or_listed_as_open(app: Flask) -> None:
    gated = {
        rule.rule: getattr(app.view_functions[rule.endpoint], "required_role", "not gated")
        for rule in app.url_map.iter_rules()
        if rule.rule not in OPEN_ROUTES
    }
    assert gated == {path: role or "anyone signed in" for path, role in REQUIRED_ROLES.items()}


def test_no_gated_route_opens_without_a_token(app: Flask) -> None:
    client = app.test_client()
    assert {client.open(path, method=method).status_code for path, method in gated_routes(app)} == {401}


def test_no_gated_route_opens_with_a_tampered_token(app: Flask, sign_in: Callable[..., Person]) -> None:
    client, token = app.test_client(), tampered(sign_in("alice").token)
    headers = {"Authorization": f"Bearer {token}"}
    responses = {client.open(path, method=method, headers=headers).status_code for path, method in gated_routes(app)}
    assert responses == {401}


def test_admin_routes_are_only_for_admins(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    assert alice.client.get("/admin").status_code == 200
    for path, method in [(path, method) for path, method in gated_routes(app) if REQUIRED_ROLES[path] == "admin"]:
        assert bob.client.open(path, method=method, headers=PAGE).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/members",
        "/account",
        "/account/sessions",
        "/lab",
        "/lab/attacks",
        "/admin",
        "/admin/keys",
        "/admin/rules",
        "/admin/mails",
    ],
)
def test_every_page_behind_the_gate_offers_to_sign_out(sign_in: Callable[..., Person], path: str) -> None:
    page = sign_in("alice", ["admin"]).client.get(path, headers=PAGE).text
    assert 'action="/logout"' in page
