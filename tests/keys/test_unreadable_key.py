"""A key that SECRET_KEY cannot decrypt is skipped, and the node is not ready."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from daypass.database.models import StoredKey
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.web.context import current_db
from tests.conftest import PAGE, SECRET_KEY, Person

OTHER_SECRET = SECRET_KEY[::-1]


def rotate(app: Flask, secret_key: str) -> str:
    """Rotate to a key that is encrypted under this secret; returns its id."""
    key = signing_key.generate(Algorithm.HS256)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, secret_key)
    return key.kid


def spoil(app: Flask, kid: str) -> None:
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(update(StoredKey).where(StoredKey.kid == kid).values(sealed=b"garbage"))


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice")


def test_tokens_of_the_other_keys_stay_valid(app: Flask, alice: Person, make_app: Callable[[], Flask]) -> None:
    rotate(app, OTHER_SECRET)
    for process in (app, make_app()):
        assert process.test_client().get("/members", headers=alice.bearer_header).status_code == 200


def test_tokens_of_the_unreadable_key_are_neither_accepted_nor_called_forged(
    app: Flask, alice: Person, make_app: Callable[[], Flask]
) -> None:
    spoil(app, signing_kid(app))
    client = make_app().test_client()
    client.set_cookie("daypass", alice.token)
    response = client.get("/members", headers=PAGE)
    assert response.status_code == 503
    assert "Set-Cookie" not in response.headers


def signing_kid(app: Flask) -> str:
    with app.app_context():
        return rotation.list_keys(current_db())[0].kid


def test_a_page_has_all_its_headers_and_nobody_is_signed_in(app: Flask, alice: Person) -> None:
    rotate(app, OTHER_SECRET)
    response = app.test_client().post("/login", headers=PAGE, data={"username": "alice", "password": "hazel"})
    assert response.status_code in (401, 503)
    page = app.test_client().get("/", headers=PAGE)
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_node_is_not_ready(app: Flask, alice: Person) -> None:
    assert app.test_client().get("/readyz").status_code == 200
    rotate(app, OTHER_SECRET)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.json == {"status": "not ready", "database": True, "revocation": True, "keys": False}


def test_it_is_logged_once(app: Flask, alice: Person, caplog: pytest.LogCaptureFixture) -> None:
    kid = rotate(app, OTHER_SECRET)
    for _ in range(3):
        app.test_client().get("/members", headers=alice.bearer_header)
    assert [record.levelname for record in caplog.records if kid in record.getMessage()] == ["ERROR"]
