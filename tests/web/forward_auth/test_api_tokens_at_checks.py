"""API tokens at checks: the rule and the token's hosts must both allow it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.web.context import current_runtime
from tests.conftest import PAGE, Person
from tests.helpers.api_tokens import new_api_token
from tests.helpers.tokens import bearer_header
from tests.web.forward_auth.proxy_checks import (
    ANONYMOUS,
    APP,
    IDENTITY_HEADERS,
    LOGIN,
    NAVIGATION,
    Proxy,
    cookie_header,
    identity,
)

OTHER = "reports.example.org"
RULES = f"""
[[rule]]
host = ["{APP}", "{OTHER}"]
path = "/public"
allow = "public"

[[rule]]
host = ["{APP}", "{OTHER}"]
path = "/export"
allow = "signed-in"
programs = true

[[rule]]
host = "{APP}"
path = "/staff/export"
allow = {{ roles = ["staff"] }}
programs = true

[[rule]]
host = "{APP}"
path = "/closed"
allow = "signed-in"
programs = false

[[rule]]
host = "{APP}"
path = "/members"
allow = "signed-in"
"""
INSUFFICIENT_SCOPE = 'Bearer realm="Daypass", error="insufficient_scope", error_description="{}"'
NOT_THIS_PAGE = "This page does not allow API tokens."


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    Path(environ["DAYPASS_RULES"]).write_text(RULES)
    return environ


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["staff"])


@pytest.fixture
def program(app: Flask, alice: Person) -> dict[str, str]:
    """The headers of alice's program, whose token is only for the app's host."""
    return bearer_header(new_api_token(app, alice.claims.subject, [APP])[1])


def refusal_challenge(client: FlaskClient, proxy: Proxy, target: str, program: dict[str, str], host: str = APP) -> str:
    """The challenge of a refusal, which must be a plain 403 for any kind of request."""
    for headers in ({}, NAVIGATION, {"Accept": "application/json"}):
        response = proxy.check(client, target, headers | program, host=host)
        assert (response.status_code, identity(response)) == (403, [None] * 4)
        assert "Location" not in response.headers
        assert "Set-Cookie" not in response.headers
    challenge: str = response.headers.get("WWW-Authenticate", "")
    return challenge


@pytest.mark.parametrize("target", ["/export", "/export/2026.csv", "/export/?all=1"])
def test_a_program_opens_a_page_whose_rule_lets_programs_in_and_is_named(
    client: FlaskClient, program: dict[str, str], proxy: Proxy, target: str
) -> None:
    response = proxy.check(client, target, program)
    assert (response.status_code, identity(response)) == (200, ["alice", "alice", "", ""])


@pytest.mark.parametrize("target", ["/closed", "/members", "/", "/anything", "/staff"])
def test_a_program_is_refused_where_no_rule_lets_programs_in(
    client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy, target: str
) -> None:
    """No rule matches the last three: visitors need to sign in, programs are refused."""
    assert proxy.check(client, target, cookie_header(alice)).status_code == 200
    assert refusal_challenge(client, proxy, target, program) == INSUFFICIENT_SCOPE.format(NOT_THIS_PAGE)


def test_programs_of_accounts_that_the_rule_leaves_out_are_refused(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy
) -> None:
    """The program of the fixture has no role; the other one has the role staff."""
    staff = bearer_header(new_api_token(app, alice.claims.subject, [APP], ["staff"])[1])
    response = proxy.check(client, "/staff/export", staff)
    assert (response.status_code, identity(response)) == (200, ["alice", "alice", "", "staff"])
    refusal_challenge(client, proxy, "/staff/export", program)


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("hosts", "opens"),
    [([APP], [APP]), ([OTHER], [OTHER]), ([APP, OTHER], [APP, OTHER]), ([LOGIN], []), (None, [])],
    ids=str,
)
def test_a_token_is_only_for_its_hosts(
    app: Flask, client: FlaskClient, alice: Person, proxy: Proxy, hosts: list[str] | None, opens: list[str]
) -> None:
    """A token without hosts is an old one, which is for Daypass's own host only."""
    program = bearer_header(new_api_token(app, alice.claims.subject, hosts)[1])
    for host in (APP, OTHER):
        if host in opens:
            assert proxy.check(client, "/export", program, host=host).status_code == 200
        else:
            message = f"This API token is not valid for the host {host}."
            assert refusal_challenge(client, proxy, "/export", program, host) == INSUFFICIENT_SCOPE.format(message)


@pytest.mark.parametrize("host", ["APP.Example.ORG", f"{APP}.", f"{APP}:8443"])
def test_a_host_in_another_spelling_is_the_same_host_for_scopes_too(
    client: FlaskClient, program: dict[str, str], proxy: Proxy, host: str
) -> None:
    assert proxy.check(client, "/export", program, host=host).status_code == 200


@pytest.mark.parametrize("host", ["elsewhere.example", LOGIN, f"x.{APP}", "example.org"])
def test_a_host_that_no_rule_names_is_refused_even_if_the_token_names_it(
    app: Flask, client: FlaskClient, alice: Person, proxy: Proxy, host: str
) -> None:
    refusal_challenge(
        client, proxy, "/export", bearer_header(new_api_token(app, alice.claims.subject, [APP, host])[1]), host
    )


def test_on_a_public_page_a_program_is_anonymous(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy
) -> None:
    elsewhere = bearer_header(new_api_token(app, alice.claims.subject, [OTHER])[1])
    for headers in (program, elsewhere):
        response = proxy.check(client, "/public", headers)
        assert (response.status_code, identity(response)) == (200, ANONYMOUS)


def test_an_api_token_in_a_cookie_is_not_accepted(app: Flask, client: FlaskClient, alice: Person, proxy: Proxy) -> None:
    token = new_api_token(app, alice.claims.subject, [APP])[1]
    assert proxy.check(client, "/export", {"Cookie": f"__Secure-daypass={token}"}).status_code == 401


def test_a_revoked_token_is_refused(app: Flask, client: FlaskClient, program: dict[str, str], proxy: Proxy) -> None:
    """Signing out ends a token, also one that is not for Daypass's own host."""
    assert client.post("/logout", base_url=f"https://{LOGIN}", headers=program).status_code == 204
    assert proxy.check(client, "/export", program).status_code == 401


def test_a_refusal_is_logged_with_the_page_and_why(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy,
    events: Callable[[], list[dict[str, str]]],
) -> None:  # fmt: skip
    proxy.check(client, "/closed?secret=1", program)
    proxy.check(client, "/export", program, host=OTHER)
    logged = [[event[name] for name in ("event", "account", "host", "page", "reason")] for event in events()]
    account = alice.claims.subject
    assert logged == [
        ["api_token_refused", account, APP, "/closed", "this page does not allow API tokens"],
        ["api_token_refused", account, OTHER, "/export", f"the token is not valid for {OTHER}"],
    ]


def test_changed_rules_apply_at_once(
    app: Flask, client: FlaskClient, program: dict[str, str], proxy: Proxy, environ: dict[str, str]
) -> None:
    assert proxy.check(client, "/export", program).status_code == 200
    with app.app_context():
        loader = current_runtime().rules
        Path(environ["DAYPASS_RULES"]).write_text(RULES.replace("programs = true", "programs = false"))
        loader._rules = loader.load()
    assert proxy.check(client, "/export", program).status_code == 403


def test_no_identity_header_of_the_client_helps(client: FlaskClient, program: dict[str, str], proxy: Proxy) -> None:
    refusal_challenge(
        client, proxy, "/closed", program | {name: "alice" for name in IDENTITY_HEADERS} | {"Accept": PAGE["Accept"]}
    )
