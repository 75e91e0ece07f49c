"""The rating of a new password while it is typed."""

import html
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts import password_hasher
from daypass.throttling.fair_queue import FairQueue
from daypass.throttling.rate import Rate
from daypass.web.pages import password_strength
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.api_token_form import create_api_token, token_in
from tests.helpers.tokens import bearer_header

NEW = "another 9 heron meadow"
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
CANDIDATES = ["", "a", "password", "alice1234", "daypass2026!", "correct horse", NEW, PASSWORD, "x" * 129, "1" * 128]


def rate(person: Person, candidate: str) -> TestResponse:
    return person.client.post("/account/password/strength", headers=SCRIPT, data={"new": candidate})


def rating(person: Person, candidate: str) -> Any:
    response = rate(person, candidate)
    assert (response.status_code, response.content_type) == (200, "application/json")
    return response.get_json()


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda text: text[:16])
def test_it_accepts_exactly_what_the_form_accepts(sign_in: Callable[..., Person], candidate: str) -> None:
    alice = sign_in("alice")
    found = rating(alice, candidate)
    response = alice.client.post("/account/password", headers=PAGE, data={"current": PASSWORD, "new": candidate})
    assert found["accepted"] == (response.status_code == 303)
    assert found["accepted"] == (found["score"] >= 3)
    assert found["accepted"] == (found["advice"] == "")
    assert found["advice"] in html.unescape(response.text)


def test_nothing_is_stored_of_it(app: Flask, sign_in: Callable[..., Person], client: FlaskClient) -> None:
    rating(sign_in("alice"), NEW)
    assert client.post("/login", json={"username": "alice", "password": NEW}).status_code == 401
    assert client.post("/login", json={"username": "alice", "password": PASSWORD}).status_code == 200


class TestBreachedPasswords:
    """With a list of breached passwords, which the form searches."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "breached.txt").write_text(f"{sha1(NEW.encode(), usedforsecurity=False).hexdigest().upper()}:7\n")
        return environ | {"DAYPASS_BREACHED_PASSWORDS": str(tmp_path / "breached.txt")}

    def test_the_list_is_not_searched_and_the_bar_says_so(
        self, app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        monkeypatch.setattr(app.extensions["daypass"].hasher, "_is_breached", asked.append)
        found = rating(sign_in("alice"), NEW)
        assert asked == []
        assert (found["accepted"], found["advice"]) == (True, password_strength.BREACHED_LATER)


def test_it_takes_a_place_in_the_queue_of_the_hashes(
    sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[object] = []
    slot = FairQueue.slot

    def counted(queue: FairQueue, *arguments: Any, **named: Any) -> Any:
        places.append(arguments)
        return slot(queue, *arguments, **named)

    monkeypatch.setattr(FairQueue, "slot", counted)
    rating(sign_in("alice"), NEW)
    assert len(places) == 1
    rating(sign_in("alice"), "short")
    assert len(places) == 1, "what is too short costs nothing"


def test_no_password_is_hashed_for_it(sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    monkeypatch.delattr(password_hasher, "generate_password_hash")
    assert rating(alice, NEW)["accepted"]


def test_an_account_has_a_limit(sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_strength, "RATE", Rate(3, timedelta(hours=1)))
    alice, bob = sign_in("alice"), sign_in("bob")
    assert [rate(alice, "x").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert rate(bob, "x").status_code == 200


def test_only_a_session_may_ask(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    data = {"new": NEW}
    assert client.post("/account/password/strength", data=data).status_code == 401
    token = token_in(create_api_token(sign_in("alice")))
    assert client.post("/account/password/strength", data=data, headers=bearer_header(token)).status_code == 403


def test_another_site_may_not_ask(sign_in: Callable[..., Person]) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = sign_in("alice").client.post("/account/password/strength", data={"new": NEW}, headers=headers)
    assert response.status_code == 403


def test_the_script_alone_shows_the_bar(sign_in: Callable[..., Person]) -> None:
    page = sign_in("alice").client.get("/account/settings", headers=PAGE).text
    bar = page.partition('<div class="strength"')[2].partition(">")[0]
    assert bar.endswith(" hidden")
    assert 'data-rates="new"' in bar
