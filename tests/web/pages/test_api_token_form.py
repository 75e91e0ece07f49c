"""The form that creates API tokens: the hosts that it offers and accepts."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.database.models import AuthSession
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.api_token_form import create_api_token, token_in
from tests.helpers.api_tokens import OWN, new_api_token
from tests.helpers.tokens import bearer_header

APP, REPORTS = "app.example.org", "reports.example.org"
RULES = f'[[rule]]\nhost = ["{REPORTS}", "{APP}:8443", "localhost"]\nallow = "signed-in"\nprograms = true\n'


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "rules.toml").write_text(RULES)
    return environ | {"DAYPASS_RULES": str(tmp_path / "rules.toml")}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def boxes(response: TestResponse) -> dict[str, bool]:
    """The hosts that the form offers, in order, and whether each is ticked."""
    found = re.findall(r'<input[^>]* name="hosts" value="([^"]+)"( checked)?(?: autofocus)?>', response.text)
    return {host: bool(ticked) for host, ticked in found}


def form(person: Person) -> TestResponse:
    return person.client.get("/account/tokens", headers=PAGE)


def stored(app: Flask) -> list[list[str] | None]:
    with app.app_context():
        return [session.hosts for session in current_db().query(AuthSession).filter_by(kind="api")]


def hosts_of(client: FlaskClient, response: TestResponse) -> list[str]:
    hosts: list[str] = client.get("/api/me", headers=bearer_header(token_in(response))).get_json()["hosts"]
    return hosts


def test_daypass_own_host_comes_first_and_is_ticked(alice: Person) -> None:
    """A loopback name in the rules is Daypass's own host, so it is not offered twice."""
    assert list(boxes(form(alice)).items()) == [(OWN, True), (APP, False), (REPORTS, False)]


@pytest.mark.each_database
def test_a_token_is_for_the_hosts_that_were_ticked(app: Flask, client: FlaskClient, alice: Person) -> None:
    response = create_api_token(alice, hosts=[REPORTS, OWN, OWN])
    assert response.status_code == 200
    assert stored(app) == [[OWN, REPORTS]]
    assert hosts_of(client, response) == [OWN, REPORTS]
    assert f"{OWN}, {REPORTS}" in response.text
    assert f">{OWN}, {REPORTS}</td>" in form(alice).text


def test_a_token_for_an_app_alone_does_not_open_our_own_pages(client: FlaskClient, alice: Person) -> None:
    response = create_api_token(alice, hosts=[APP])
    assert client.get("/members", headers=bearer_header(token_in(response))).status_code == 403
    assert f"https://{APP}/" in response.text and "/api/me" not in response.text


@pytest.mark.parametrize(
    "hosts",
    [[], ["elsewhere.example"], [OWN, "elsewhere.example"], [""], [f"{APP}:8443"], [APP.upper()], ["localhost"]],
    ids=str,
)
def test_a_choice_that_was_not_offered_makes_no_token(app: Flask, alice: Person, hosts: list[str]) -> None:
    response = create_api_token(alice, hosts=hosts)
    assert response.status_code == 422
    assert '<p class="field-error" id="hosts-error">Select at least one of these hosts.</p>' in response.text
    assert [host for host, ticked in boxes(response).items() if ticked] == [
        host for host in hosts if host in (OWN, APP)
    ]
    assert stored(app) == []


def test_what_was_ticked_stays_ticked_when_another_field_is_wrong(alice: Person) -> None:
    response = create_api_token(alice, name="", hosts=[APP])
    assert (response.status_code, boxes(response)) == (422, {OWN: False, APP: True, REPORTS: False})


def test_the_choice_is_kept_while_the_password_is_asked_for(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    stale = sign_in("bob", age=timedelta(hours=1))
    refused = create_api_token(stale, hosts=[OWN, APP])
    assert refused.status_code == 401
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', refused.text)
    again = {name: [value for other, value in fields if other == name] for name, _ in fields}
    response = stale.client.post("/account/tokens", headers=PAGE, data=again | {"confirm_password": PASSWORD})
    assert (response.status_code, hosts_of(client, response)) == (200, [OWN, APP])


def test_the_list_shows_the_host_of_an_old_token(app: Flask, alice: Person) -> None:
    new_api_token(app, alice.claims.subject)
    assert f">{OWN}</td>" in form(alice).text


def test_too_many_hosts_for_one_token_are_an_error_of_the_form(
    app: Flask, alice: Person, tmp_path: Path, make_app: Callable[[], Flask]
) -> None:
    names = [f"{number}.{'a' * 60}.example.org" for number in range(20)]
    (tmp_path / "rules.toml").write_text(f'[[rule]]\nhost = {names}\nallow = "signed-in"\n'.replace("'", '"'))
    client = make_app().test_client()
    fields = {"name": "nightly", "days": "30"}
    response = client.post("/account/tokens", headers=PAGE | alice.bearer_header, data=fields | {"hosts": names})
    assert response.status_code == 422
    assert "Too many hosts for one token." in response.text
    most = names[:12]
    assert (
        client.post("/account/tokens", headers=PAGE | alice.bearer_header, data=fields | {"hosts": most}).status_code
        == 200
    )


class TestWithoutRules:
    """With only one host there is no choice."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_RULES"}

    def test_a_token_is_for_our_own_host(self, app: Flask, client: FlaskClient, alice: Person) -> None:
        assert boxes(form(alice)) == {}
        response = create_api_token(alice)
        assert (stored(app), hosts_of(client, response)) == ([[OWN]], [OWN])

    def test_a_token_for_another_host_is_refused(self, app: Flask, alice: Person) -> None:
        assert create_api_token(alice, hosts=[APP]).status_code == 422
        assert stored(app) == []


class TestBrokenRules:
    """Broken rules name no host, but tokens can still be created."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "broken.toml").write_text("[[rule]]\n")
        return environ | {"DAYPASS_RULES": str(tmp_path / "broken.toml")}

    def test_a_token_is_for_our_own_host(self, app: Flask, alice: Person) -> None:
        assert create_api_token(alice).status_code == 200
        assert stored(app) == [[OWN]]
