"""API tokens at a static site, with and without rules."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person
from tests.helpers.api_tokens import OWN, new_api_token
from tests.helpers.tokens import bearer_header

FILES = {"index.html": "home", "404.html": "our own 404", "export/a.csv": "1;2", "news/a.html": "news"}
RULES = f"""
[[rule]]
host = "{OWN}"
path = "/export/"
allow = {{ names = ["alice"] }}
programs = true

[[rule]]
host = "{OWN}"
path = "/news/"
allow = "public"

[[rule]]
host = "{OWN}"
path = "/404.html"
allow = "signed-in"
"""


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    for name, text in FILES.items():
        path = tmp_path / "public" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return environ | {"DAYPASS_SITE": str(tmp_path / "public")}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice")


@pytest.fixture
def program(app: Flask, alice: Person) -> dict[str, str]:
    return bearer_header(new_api_token(app, alice.claims.subject, [OWN])[1])


@pytest.fixture
def elsewhere(app: Flask, alice: Person) -> dict[str, str]:
    """The headers of a token of alice's that is not for the site's host."""
    return bearer_header(new_api_token(app, alice.claims.subject, ["app.example.org"])[1])


def statuses(client: FlaskClient, headers: dict[str, str]) -> list[int]:
    paths = ("/", "/export/a.csv", "/news/a.html", "/nothing")
    return [client.get(path, headers=headers, buffered=True).status_code for path in paths]


def test_without_rules_a_program_opens_the_folder(client: FlaskClient, program: dict[str, str]) -> None:
    assert statuses(client, program) == [200, 200, 200, 404]
    assert client.get("/export/a.csv", headers=program, buffered=True).text == "1;2"


def test_without_rules_a_token_for_another_host_opens_nothing(client: FlaskClient, elsewhere: dict[str, str]) -> None:
    assert statuses(client, elsewhere) == [403] * 4
    response = client.get("/", headers=elsewhere)
    assert response.get_json()["detail"] == f"This API token is not valid for the host {OWN}."
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_the_same_views_as_without_a_site_are_open_to_programs(client: FlaskClient, program: dict[str, str]) -> None:
    paths = ("/-/members", "/-/api/me", "/-/account", "/-/account/sessions", "/-/lab")
    assert [client.get(path, headers=program).status_code for path in paths] == [200, 200, 403, 403, 403]


class TestRules:
    """With rules, the rule's `programs` decides."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "rules.toml").write_text(RULES)
        return environ | {"DAYPASS_RULES": str(tmp_path / "rules.toml")}

    def test_a_program_opens_what_a_rule_opens_to_programs(
        self, client: FlaskClient, alice: Person, program: dict[str, str]
    ) -> None:
        assert statuses(client, alice.bearer_header) == [200, 200, 200, 404]
        assert statuses(client, program) == [403, 200, 200, 403]

    def test_a_program_of_somebody_else_does_not(
        self, app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        bobs = bearer_header(new_api_token(app, sign_in("bob").claims.subject, [OWN])[1])
        assert statuses(client, bobs) == [403, 403, 200, 403]

    def test_a_token_for_another_host_opens_what_is_public_alone(
        self, client: FlaskClient, elsewhere: dict[str, str]
    ) -> None:
        assert statuses(client, elsewhere) == [403, 403, 200, 403]

    def test_a_program_is_not_shown_a_404_page_that_is_not_for_programs(
        self, client: FlaskClient, alice: Person, program: dict[str, str]
    ) -> None:
        for headers, shown in ((alice.bearer_header, True), (program, False)):
            response = client.get("/export/nothing", headers=PAGE | headers, buffered=True)
            assert (response.status_code, "our own 404" in response.text) == (404, shown)

    def test_a_refusal_is_one_line_with_its_reason(
        self, client: FlaskClient, alice: Person, program: dict[str, str], events: Callable[[], list[dict[str, str]]]
    ) -> None:
        client.get("/", headers=program)
        (event,) = events()
        assert (event["event"], event["account"]) == ("api_token_refused", alice.claims.subject)
        assert event["reason"] == "this page does not allow API tokens"
