"""Two apps with different settings work in one process, even in one thread."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from daypass.accounts import accounts
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.web.gate import current_claims, token_required
from tests.conftest import PAGE, SECRET_KEY, Person, close_app, new_session, verify_token
from tests.helpers.tokens import bearer_header

OTHER_SECRET = SECRET_KEY[::-1]
OTHER_HOST = "http://localhost:9000"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Flask]:
    """An app with another database, secret, address, algorithm, and open sign-up."""
    environ = {
        "DAYPASS_DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3",
        "DAYPASS_SECRET_KEY": OTHER_SECRET,
        "DAYPASS_BASE_URL": OTHER_HOST,
        "DAYPASS_ALGORITHM": "ES256",
        "DAYPASS_SIGNUP": "open",
        "DAYPASS_WORKERS": "1",
    }
    app = create_app(read_settings(environ))
    yield app
    close_app(app)


@pytest.fixture
def mallory(other: Flask, password_hash: str) -> str:
    """A token of an account of the other app."""
    runtime = other.extensions["daypass"]
    migrate(runtime.engine)
    with runtime.session_factory() as db, write_transaction(db):
        account_id = accounts.create(db, "mallory", password_hash).id
    return new_session(other, account_id)[1]


def test_each_admits_its_own_tokens_and_refuses_those_of_the_other(
    app: Flask, other: Flask, mallory: str, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice")
    assert verify_token(app, alice.token).claims.issuer != verify_token(other, mallory).claims.issuer == OTHER_HOST
    for process_app, token, status in ((app, mallory, 401), (other, alice.token, 401), (other, mallory, 200)):
        headers = bearer_header(token) | ({"Host": "localhost:9000"} if process_app is other else {})
        assert process_app.test_client().get("/members", headers=headers).status_code == status


def test_each_has_its_own_settings(app: Flask, other: Flask, mallory: str) -> None:
    assert app.test_client().get("/signup", headers=PAGE).status_code == 403
    assert other.test_client().get("/signup", headers=PAGE | {"Host": "localhost:9000"}).status_code == 200
    assert app.test_client().get("/.well-known/jwks.json").json == {"keys": []}
    (key,) = (other.test_client().get("/.well-known/jwks.json", headers={"Host": "localhost:9000"}).json or {})["keys"]
    assert key["alg"] == "ES256"


def test_a_request_inside_a_request_of_the_other_gets_a_verdict_of_its_own(
    app: Flask, other: Flask, mallory: str, sign_in: Callable[..., Person]
) -> None:
    @token_required
    def outer() -> str:
        response = other.test_client().get("/api/me", headers=bearer_header(mallory) | {"Host": "localhost:9000"})
        return f"{(response.json or {})['name']} inside of {current_claims().name}"

    app.add_url_rule("/outer", view_func=outer)
    assert sign_in("alice").client.get("/outer").text == "mallory inside of alice"


def test_a_request_inside_a_request_of_the_same_app_gets_a_verdict_of_its_own(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")

    @token_required
    def outer() -> str:
        response = app.test_client().get("/api/me", headers=bob.bearer_header)
        return f"{(response.json or {})['name']} inside of {current_claims().name}"

    app.add_url_rule("/outer", view_func=outer)
    assert alice.client.get("/outer").text == "bob inside of alice"


def test_many_threads_mix_nothing_up(app: Flask, other: Flask, mallory: str, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")

    def name(number: int) -> object:
        process_app, token, host = ((app, alice.token, "127.0.0.1"), (other, mallory, "localhost:9000"))[number % 2]
        return (process_app.test_client().get("/api/me", headers=bearer_header(token) | {"Host": host}).json or {})[
            "name"
        ]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(name, range(40))) == ["alice", "mallory"] * 20
