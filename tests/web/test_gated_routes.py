"""Every route is either gated or on the list of open ones: one that forgot `@token_required` is found here."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PAGE, Person
from tests.helpers.tokens import tampered

OPEN = {
    "/",
    "/login",
    "/logout",
    "/signup",
    "/setup",
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/.well-known/security.txt",
    "/.well-known/change-password",
    "/static/<path:filename>",
    "/gate/nginx",  # for proxies: they ask for visitors who are not signed in too
    "/gate/forward",  # the same
}
GATED = {
    "/members": None,
    "/api/me": None,
    "/account": None,
    "/account/password": None,
    "/account/delete": None,
    "/account/sessions": None,
    "/account/sessions/<session_id>/end": None,
    "/account/sessions/<session_id>/name": None,
    "/account/sessions/end-others": None,
    "/account/tokens": None,
    "/lab": None,
    "/lab/attacks": None,
    "/lab/attacks/<name>": None,
    "/admin": "admin",
    "/admin/accounts/<account_id>/sign-out": "admin",
    "/admin/accounts/<account_id>/disable": "admin",
    "/admin/accounts/<account_id>/enable": "admin",
    "/admin/sign-out-everybody": "admin",
    "/admin/keys": "admin",
    "/admin/keys/rotate": "admin",
    "/admin/keys/<kid>/drop": "admin",
    "/admin/rules": "admin",
}


def gated_routes(app: Flask) -> list[tuple[str, str]]:
    """Path and method of every route that is not open."""
    return [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule not in OPEN
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def test_every_route_is_gated_or_on_the_list_of_open_ones(app: Flask) -> None:
    gated = {
        rule.rule: getattr(app.view_functions[rule.endpoint], "required_role", "not gated")
        for rule in app.url_map.iter_rules()
        if rule.rule not in OPEN
    }
    assert gated == {path: role or "anyone signed in" for path, role in GATED.items()}


def test_no_gated_route_answers_without_a_token(app: Flask) -> None:
    client = app.test_client()
    assert {client.open(path, method=method).status_code for path, method in gated_routes(app)} == {401}


def test_no_gated_route_answers_to_a_tampered_token(app: Flask, sign_in: Callable[..., Person]) -> None:
    client, token = app.test_client(), tampered(sign_in("alice").token)
    headers = {"Authorization": f"Bearer {token}"}
    answers = {client.open(path, method=method, headers=headers).status_code for path, method in gated_routes(app)}
    assert answers == {401}


def test_admin_routes_are_for_admins_alone(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    assert alice.client.get("/admin").status_code == 200
    for path, method in [(path, method) for path, method in gated_routes(app) if GATED[path] == "admin"]:
        assert bob.client.open(path, method=method, headers=PAGE).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/members", "/account", "/account/sessions", "/lab", "/lab/attacks", "/admin", "/admin/keys", "/admin/rules"],
)
def test_every_page_behind_the_gate_offers_to_sign_out(sign_in: Callable[..., Person], path: str) -> None:
    page = sign_in("alice", ["admin"]).client.get(path, headers=PAGE).text
    assert 'action="/logout"' in page
