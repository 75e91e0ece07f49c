"""`daypass keys ...`"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.database.models import AuthSession
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, Person, close_app

Events = Callable[[], list[dict[str, str]]]


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["keys", *arguments])
    return result.exit_code, result.output


def listed(app: Flask) -> list[list[str]]:
    return [line.split("\t") for line in run(app, "list")[1].splitlines()]


def status(client: FlaskClient) -> int:
    return client.get("/members").status_code


def test_the_keys_are_listed_and_the_one_that_signs_comes_first(app: Flask, sign_in: Callable[..., Person]) -> None:
    sign_in("alice")
    assert [line[1:2] + line[3:] for line in listed(app)] == [["HS256", "signs"]]
    run(app, "rotate", "--algorithm", "ES256")
    assert [line[1:2] + line[3:] for line in listed(app)] == [["ES256", "signs"], ["HS256", "verifies"]]


def test_no_private_part_is_listed(app: Flask) -> None:
    key = signing_key.SigningKey("k1", Algorithm.HS256, b"not to be seen by anybody at all")
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    (line,) = listed(app)
    assert [line[0], *line[3:]] == ["k1", "signs"]
    assert len(line) == 4


@pytest.mark.parametrize("algorithm", SIGNING_ALGORITHMS)
def test_a_key_of_each_algorithm_can_take_over(
    app: Flask, sign_in: Callable[..., Person], events: Events, algorithm: Algorithm
) -> None:
    before = sign_in("alice")
    assert run(app, "rotate", "--algorithm", algorithm.value)[0] == 0
    after = sign_in("alice")
    with app.app_context():
        signing = current_runtime().keys.current().signing
    assert signing.algorithm is algorithm
    assert [status(before.client), status(after.client)] == [200, 200]
    assert [(line["event"], line.get("key")) for line in events()][:1] == [("keys_rotated", signing.kid)]


def test_without_an_algorithm_it_is_the_one_that_is_set(app: Flask) -> None:
    assert run(app, "rotate")[0] == 0
    assert listed(app)[0][1] == "HS256"


def test_an_algorithm_that_is_none_of_ours_is_refused(app: Flask) -> None:
    code, printed = run(app, "rotate", "--algorithm", "none")
    assert code == 2
    assert "EdDSA" in printed
    assert listed(app) == []


def test_a_dropped_key_is_refused_and_the_terminal_says_which_one_signs(
    app: Flask, sign_in: Callable[..., Person], events: Events
) -> None:
    person = sign_in("alice")
    ((kid, *_),) = listed(app)
    code, printed = run(app, "drop", kid)
    assert (code, "ended 1 session" in printed) == (0, True)
    assert status(person.client) == 401
    with app.app_context():
        assert current_db().get_one(AuthSession, person.claims.session_id).end_reason == "key_dropped"
    ((successor, *_),) = listed(app)
    assert successor in printed
    (dropped, *_) = events()
    assert (dropped["event"], dropped["key"], dropped["count"]) == ("key_dropped", kid, "1")


def test_a_key_that_is_not_there_is_a_sentence_and_exit_code_1(app: Flask) -> None:
    assert run(app, "drop", "0" * 16) == (1, "Error: There is no key with this id. It may have been dropped already.\n")


NEW_SECRET = SECRET_KEY[::-1]


@contextmanager
def app_with(environ: dict[str, str], **changed: str) -> Iterator[Flask]:
    """Another process on the same database, with other settings."""
    app = create_app(read_settings(environ | changed))
    yield app
    close_app(app)


def test_a_secret_key_changes_and_nobody_is_signed_out_and_the_old_one_opens_nothing_in_the_end(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person]
) -> None:
    headers = {"Authorization": f"Bearer {sign_in('alice').token}"}
    with app_with(environ, DAYPASS_SECRET_KEY=NEW_SECRET, DAYPASS_SECRET_KEY_FALLBACKS=SECRET_KEY) as both:
        assert run(both, "rotate")[0] == 0
        assert run(both, "reencrypt") == (0, "2 keys are now encrypted under DAYPASS_SECRET_KEY.\n")
        assert both.test_client().get("/members", headers=headers).status_code == 200
    with app_with(environ, DAYPASS_SECRET_KEY=NEW_SECRET) as new:
        assert new.test_client().get("/members", headers=headers).status_code == 200
    with app_with(environ) as old:
        code, printed = run(old, "reencrypt")
    assert (code, "a secret key that is neither DAYPASS_SECRET_KEY" in printed) == (1, True)


@pytest.mark.parametrize("act", ["rotate", "reencrypt"])
def test_without_the_secret_key_nothing_can_be_changed(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person], act: str
) -> None:
    person, before = sign_in("alice"), listed(app)
    with app_with(environ, DAYPASS_SECRET_KEY=NEW_SECRET) as wrong:
        code, printed = run(wrong, act)
    assert (code, "a secret key that is neither DAYPASS_SECRET_KEY" in printed) == (1, True)
    assert listed(app) == before
    assert status(person.client) == 200


def test_keys_that_cannot_be_read_are_dropped_and_a_server_makes_the_next_one(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person]
) -> None:
    """With a wrong SECRET_KEY, no key is created that no server could read."""
    person = sign_in("alice")
    run(app, "rotate")
    signs, retired = (line[0] for line in listed(app))
    with app_with(environ, DAYPASS_SECRET_KEY=NEW_SECRET) as other:
        code, printed = run(other, "drop", retired)
        assert (code, "start a new chain: daypass audit restart" in printed) == (0, True), (
            "nor can the audit trail be read"
        )
        assert printed.endswith(f"Dropped {retired} and ended 1 session. {signs} signs.\n")
        assert [line[0] for line in listed(other)] == [signs]
        code, printed = run(other, "drop", signs)
        ending = f"Dropped {signs} and ended 0 sessions. A server makes the next key itself.\n"
        assert (code, printed.endswith(ending)) == (0, True)
        assert listed(other) == []
    assert status(person.client) == 401
    assert [line[3] for line in listed(app)] == ["signs"]
    assert status(sign_in("alice").client) == 200


def test_a_key_that_cannot_be_read_is_dropped_and_the_others_stay_in_use(
    app: Flask, environ: dict[str, str], sign_in: Callable[..., Person]
) -> None:
    person = sign_in("alice")
    with app_with(environ, DAYPASS_SECRET_KEY=NEW_SECRET) as other, other.app_context():
        key = signing_key.generate(Algorithm.HS256)
        with write_transaction(current_db()):
            rotation.rotate(current_db(), key, NEW_SECRET)
    assert run(app, "drop", key.kid)[0] == 0
    assert status(person.client) == 200
