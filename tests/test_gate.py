"""The gate's table of answers."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.conftest import Person


def test_a_program_with_a_good_token_is_let_in(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    assert client.get("/account", headers=sign_in("alice").bearer).status_code == 200


def test_a_program_without_a_token_is_told_so_without_an_error_code(client: FlaskClient) -> None:
    answer = client.get("/members")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
