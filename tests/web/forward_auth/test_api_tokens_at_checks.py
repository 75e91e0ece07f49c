"""API tokens at the proxies' checks: the rule must let programs in, and the token must be for the page's host."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.web.context import current_runtime
from tests.conftest import PAGE, Person
from tests.helpers.api_tokens import bearer, new_api_token
from tests.web.forward_auth.proxy_checks import APP, IDENTITY, LOGIN, NAVIGATING, NOBODY, Proxy, cookie, identity

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
INSUFFICIENT = 'Bearer realm="Daypass", error="insufficient_scope", error_description="{}"'
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
    """What a program of alice's sends whose token is for the app's host alone."""
    return bearer(new_api_token(app, alice.claims.subject, [APP])[1])


def refused(client: FlaskClient, proxy: Proxy, target: str, program: dict[str, str], host: str = APP) -> str:
    """The sentence with which a program is refused, in the challenge; whatever it is that asks, and with no way in."""
    for headers in ({}, NAVIGATING, {"Accept": "application/json"}):
        answer = proxy.ask(client, target, headers | program, host=host)
        assert (answer.status_code, identity(answer)) == (403, [None] * 4)
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers
    told: str = answer.headers.get("WWW-Authenticate", "")
    return told


@pytest.mark.parametrize("target", ["/export", "/export/2026.csv", "/export/?all=1"])
def test_a_program_opens_what_the_rule_opens_to_programs_and_is_named(
    client: FlaskClient, program: dict[str, str], proxy: Proxy, target: str
) -> None:
    answer = proxy.ask(client, target, program)
    assert (answer.status_code, identity(answer)) == (200, ["alice", "alice", "", ""])


@pytest.mark.parametrize("target", ["/closed", "/members", "/", "/anything", "/staff"])
def test_a_program_is_refused_where_no_rule_lets_programs_in(
    client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy, target: str
) -> None:
    """The last three fit no rule: signed in is enough on a host that is named, and not for a program."""
    assert proxy.ask(client, target, cookie(alice)).status_code == 200
    assert refused(client, proxy, target, program) == INSUFFICIENT.format(NOT_THIS_PAGE)


def test_programs_of_those_whom_the_rule_leaves_out_are_refused(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy
) -> None:
    """The program of the fixture has no role, the other one has that of its maker."""
    staff = bearer(new_api_token(app, alice.claims.subject, [APP], ["staff"])[1])
    answer = proxy.ask(client, "/staff/export", staff)
    assert (answer.status_code, identity(answer)) == (200, ["alice", "alice", "", "staff"])
    refused(client, proxy, "/staff/export", program)


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("hosts", "opens"),
    [([APP], [APP]), ([OTHER], [OTHER]), ([APP, OTHER], [APP, OTHER]), ([LOGIN], []), (None, [])],
    ids=str,
)
def test_a_token_is_for_its_hosts_alone(
    app: Flask, client: FlaskClient, alice: Person, proxy: Proxy, hosts: list[str] | None, opens: list[str]
) -> None:
    """One from before there were scopes counts for Daypass's own host alone, and opens nothing here."""
    program = bearer(new_api_token(app, alice.claims.subject, hosts)[1])
    for host in (APP, OTHER):
        if host in opens:
            assert proxy.ask(client, "/export", program, host=host).status_code == 200
        else:
            told = f"This API token is not valid for the host {host}."
            assert refused(client, proxy, "/export", program, host) == INSUFFICIENT.format(told)


@pytest.mark.parametrize("host", ["APP.Example.ORG", f"{APP}.", f"{APP}:8443"])
def test_a_host_in_another_spelling_is_the_same_host_for_scopes_too(
    client: FlaskClient, program: dict[str, str], proxy: Proxy, host: str
) -> None:
    assert proxy.ask(client, "/export", program, host=host).status_code == 200


@pytest.mark.parametrize("host", ["elsewhere.example", LOGIN, f"x.{APP}", "example.org"])
def test_a_host_that_no_rule_names_is_refused_whatever_the_token_says(
    app: Flask, client: FlaskClient, alice: Person, proxy: Proxy, host: str
) -> None:
    refused(client, proxy, "/export", bearer(new_api_token(app, alice.claims.subject, [APP, host])[1]), host)


def test_on_a_public_page_a_program_is_nobody(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy
) -> None:
    elsewhere = bearer(new_api_token(app, alice.claims.subject, [OTHER])[1])
    for headers in (program, elsewhere):
        answer = proxy.ask(client, "/public", headers)
        assert (answer.status_code, identity(answer)) == (200, NOBODY)


def test_an_api_token_as_cookie_is_no_pass(app: Flask, client: FlaskClient, alice: Person, proxy: Proxy) -> None:
    token = new_api_token(app, alice.claims.subject, [APP])[1]
    assert proxy.ask(client, "/export", {"Cookie": f"__Secure-daypass={token}"}).status_code == 401


def test_a_token_that_was_ended_is_refused_as_such(
    app: Flask, client: FlaskClient, program: dict[str, str], proxy: Proxy
) -> None:
    """Signing out ends a token, also one that is not for Daypass's own host."""
    assert client.post("/logout", base_url=f"https://{LOGIN}", headers=program).status_code == 204
    assert proxy.ask(client, "/export", program).status_code == 401


def test_a_refusal_is_logged_with_the_page_and_why(
    app: Flask, client: FlaskClient, alice: Person, program: dict[str, str], proxy: Proxy,
    events: Callable[[], list[dict[str, str]]],
) -> None:  # fmt: skip
    proxy.ask(client, "/closed?secret=1", program)
    proxy.ask(client, "/export", program, host=OTHER)
    told = [[event[name] for name in ("event", "account", "host", "page", "reason")] for event in events()]
    account = alice.claims.subject
    assert told == [
        ["api_token_refused", account, APP, "/closed", "this page does not allow API tokens"],
        ["api_token_refused", account, OTHER, "/export", f"the token is not valid for {OTHER}"],
    ]


def test_a_change_of_the_rules_holds_at_once(
    app: Flask, client: FlaskClient, program: dict[str, str], proxy: Proxy, environ: dict[str, str]
) -> None:
    assert proxy.ask(client, "/export", program).status_code == 200
    with app.app_context():
        book = current_runtime().rules
        Path(environ["DAYPASS_RULES"]).write_text(RULES.replace("programs = true", "programs = false"))
        book._rules = book.load()
    assert proxy.ask(client, "/export", program).status_code == 403


def test_no_identity_header_of_the_client_helps(client: FlaskClient, program: dict[str, str], proxy: Proxy) -> None:
    refused(client, proxy, "/closed", program | {name: "alice" for name in IDENTITY} | {"Accept": PAGE["Accept"]})
