"""The attack gallery's pages: what they show, and what an attack leaves behind."""

import html
import re
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.database.models import AuthSession
from daypass.gate import Gate
from daypass.lab.attacks import runner, weak_secrets
from daypass.lab.attacks.attack import Carrier
from daypass.lab.attacks.catalogue import ATTACKS
from daypass.throttling import account_lock
from daypass.web.context import current_db
from daypass.web.pages import attacks
from tests.conftest import PAGE, Person

PROGRAM = {"Accept": "application/json", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
NAMES = [attack.name for attack in ATTACKS]


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice")


def states(page: TestResponse) -> dict[str, str]:
    """The result that the page shows for each attack that was tried."""
    tried = r'<li class="attack" data-state="([a-z-]+)">.*?<div class="attack-body" id="([a-z0-9-]+)"'
    return {name: state for state, name in re.findall(tried, page.text, re.DOTALL)}


def opened(page: TestResponse) -> list[str]:
    """The attacks that the page shows unfolded."""
    return re.findall(r'<details open>.*?<div class="attack-body" id="([a-z0-9-]+)"', page.text, re.DOTALL)


def sessions_in(app: Flask) -> list[tuple[str, str]]:
    """Id and kind of all sessions."""
    with app.app_context():
        return [(session.id, session.kind) for session in current_db().query(AuthSession)]


def test_every_attack_is_shown_with_a_button(alice: Person) -> None:
    page = alice.client.get("/lab/attacks", headers=PAGE)
    assert page.status_code == 200
    shown = html.unescape(page.text)
    for attack in ATTACKS:
        assert f'action="/lab/attacks/{attack.name}#{attack.name}"' in shown
        for words in (
            attack.title,
            attack.usual_name,
            attack.hope,
            attack.why,
            attack.reference.name,
            attack.reference.about,
            attack.defence.line,
        ):
            assert words in shown
    assert states(page) == {}
    assert opened(page) == []
    drawings = re.findall(r'<svg class="diagram[^>]+role="img" aria-labelledby="(\S+)">\s*<title id="\1">', shown)
    assert len(set(drawings)) == len(ATTACKS)


def test_no_two_elements_have_the_same_id(alice: Person) -> None:
    """The name of an attack is the id of its element, so that a link to it is short."""
    ids = re.findall(r'\bid="([^"]+)"', alice.client.get("/lab/attacks", headers=PAGE).text)
    assert set(NAMES) < set(ids)
    assert len(ids) == len(set(ids))


def test_what_let_in_on_purpose_means_is_said_first(alice: Person) -> None:
    page = html.unescape(alice.client.get("/lab/attacks", headers=PAGE).text)
    explanation = page.index("anyone who knows the secret can sign")
    assert explanation < page.index("“Let in, on purpose”") < page.index('<li class="attack"')
    assert page.count("Expected: refused</span>") == len(ATTACKS) - 1
    assert page.count("Expected: let in</span>") == 1


@pytest.mark.parametrize("name", NAMES)
def test_trying_an_attack_shows_its_result(app: Flask, alice: Person, name: str) -> None:
    before = sessions_in(app)
    page = alice.client.post(f"/lab/attacks/{name}", headers=PAGE)
    assert page.status_code == 200
    assert states(page) == {name: "let-in" if name == "weak-secret" else "refused"}
    assert opened(page) == [name]
    assert sessions_in(app) == before


@pytest.mark.each_database
def test_all_are_tried_at_once(app: Flask, alice: Person) -> None:
    before = sessions_in(app)
    page = alice.client.post("/lab/attacks", headers=PAGE)
    assert states(page) == {name: "let-in" if name == "weak-secret" else "refused" for name in NAMES}
    assert opened(page) == []
    assert "27 of 28 refused. The weak secret was let in, on purpose." in page.text
    assert sessions_in(app) == before
    assert alice.client.get("/members").status_code == 200


def test_a_gate_that_refuses_the_weak_secret_is_not_called_good(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page would say that the weak secret got in on purpose."""
    monkeypatch.setattr(weak_secrets, "COMMON_SECRETS", ())
    page = alice.client.post("/lab/attacks", headers=PAGE)
    assert states(page)["weak-secret"] == "kept-out"
    assert re.search(r'<p class="score-result" hidden data-result="expected">', page.text)
    assert re.search(r'<p class="score-result score-result--bad" data-result="unexpected">', page.text)
    assert '<b data-count="let-in">0</b>' in page.text
    assert "Refused, but should have been let in" in page.text


def test_a_script_gets_the_verdict_as_json(alice: Person) -> None:
    response = alice.client.post("/lab/attacks/kid-path", headers=PROGRAM)
    assert response.json == {
        "state": "refused",
        "headline": "Refused",
        "reasons": ["no key '../../../../../../dev/null'"],
        "message": "This token was changed, or was not issued by this site.",
    }
    weak = alice.client.post("/lab/attacks/weak-secret", headers=PROGRAM)
    assert weak.json == {
        "state": "let-in",
        "headline": "Let in, on purpose",
        "reasons": [],
        "message": "",
    }


def test_the_exact_reason_is_shown_only_for_ones_own_forgery(client: FlaskClient, alice: Person) -> None:
    assert "no key" in alice.client.post("/lab/attacks/kid-path", headers=PAGE).text
    refused = client.get("/members", headers={"Authorization": f"Bearer {alice.token}x"})
    assert "was not issued by this site" in refused.text
    assert "no key" not in refused.text


def test_the_visitors_own_token_is_on_no_page(alice: Person) -> None:
    pages = [
        alice.client.get("/lab/attacks", headers=PAGE),
        alice.client.post("/lab/attacks", headers=PAGE),
        alice.client.post("/lab/attacks/expired", headers=PROGRAM),
    ]
    for page in pages:
        assert alice.token not in page.text
        assert alice.claims.session_id not in page.text
        assert not any(part[-20:] in page.text for part in alice.token.split("."))


def test_there_is_no_other_attack(alice: Person) -> None:
    for name in ("nothing", "NONE", "%00", "none%2F.."):
        assert alice.client.post(f"/lab/attacks/{name}", headers=PAGE).status_code == 404


def test_nobody_can_try_an_attack_without_a_token(client: FlaskClient) -> None:
    assert client.get("/lab/attacks", headers=PAGE).status_code == 401
    assert client.post("/lab/attacks", headers=PAGE).status_code == 401
    assert client.post("/lab/attacks/none", headers=PROGRAM).status_code == 401


def test_another_site_cannot_start_a_try(app: Flask, alice: Person) -> None:
    headers = PAGE | {"Sec-Fetch-Site": "cross-site"}
    assert alice.client.post("/lab/attacks", headers=headers).status_code == 403


def test_one_person_tries_once_at_a_time(
    app: Flask, alice: Person, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person whose request waits already cannot wait with a second one."""
    waiting = threading.Thread(target=lambda: app.test_client().post("/lab/attacks/none", headers=alice.bearer_header))
    with attacks.lock.hold(sign_in("bob").claims.subject):
        waiting.start()
        while alice.claims.subject not in attacks.lock._accounts:
            assert waiting.is_alive()
        monkeypatch.setattr(
            account_lock, "WAIT_SECONDS", 2 * account_lock.WAIT_SECONDS
        )  # a second wait would outlast the first
        busy = alice.client.post("/lab/attacks", headers=PAGE)
        assert waiting.is_alive()
    waiting.join()
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    assert "Another request is still running." in busy.text
    assert alice.client.post("/lab/attacks/none", headers=PAGE).status_code == 200


def test_another_person_waits_for_the_gallery(
    alice: Person, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, responses = sign_in("bob"), list[int]()
    thread = threading.Thread(
        target=lambda: responses.append(bob.client.post("/lab/attacks/none", headers=PAGE).status_code)
    )
    with attacks.lock.hold(alice.claims.subject):
        thread.start()
        thread.join(0.3)
        assert responses == []
    thread.join()
    assert responses == [200]
    monkeypatch.setattr(account_lock, "WAIT_SECONDS", 0.01)
    with attacks.lock.hold(alice.claims.subject):
        assert bob.client.post("/lab/attacks/none", headers=PAGE).status_code == 503


def test_a_trial_session_is_on_no_list(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, observed = sign_in("alice", ["admin"]), list[list[str]]()
    give_verdict = runner._verdict

    def look_meanwhile(gate: Gate, text: str, carrier: Carrier) -> object:
        kinds = sorted(kind for _, kind in sessions_in(app))
        listed = (
            app.test_client().get("/account/sessions", headers=PAGE | alice.bearer_header).text.count('class="pass ')
        )
        overview = app.test_client().get("/admin", headers=PAGE | alice.bearer_header).text
        observed.append([*kinds, str(listed), *re.findall(r'data-label="Sessions"[^>]*>(\d+)', overview)])
        return give_verdict(gate, text, carrier)

    monkeypatch.setattr(runner, "_verdict", look_meanwhile)
    assert alice.client.post("/lab/attacks/none", headers=PROGRAM).status_code == 200
    assert observed == [["browser", "trial", "1", "1"]] * 2


def test_a_trial_that_fails_leaves_nothing_behind(app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sessions_in(app)

    def fail(*arguments: object) -> None:
        raise RuntimeError("in between")

    monkeypatch.setattr(runner, "_interlude", fail)
    assert alice.client.post("/lab/attacks/none", headers=PROGRAM).status_code == 500
    assert sessions_in(app) == before
    monkeypatch.undo()
    assert alice.client.post("/lab/attacks/none", headers=PROGRAM).status_code == 200
