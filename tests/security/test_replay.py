"""Rows 30, 63 and 67: good tokens at the wrong time: their session has ended, or clocks differ."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts import accounts
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.sessions import lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime
from tests.conftest import PASSWORD, close_app, new_session
from tests.security.forgeries.degenerate import P256_ORDER
from tests.security.forging import ENDED, EXPIRED, FORGED, pair
from tests.security.target_app import GOOD, PROGRAM, World, as_bearer, as_cookie, difference, told


@pytest.fixture
def restarted(world: World) -> Iterator[Callable[[], FlaskClient]]:
    """A client of a new app on the same database: another worker, or this one after a restart."""
    made: list[Flask] = []

    def restart() -> FlaskClient:
        made.append(world.another_process())
        return made[-1].test_client(use_cookies=False)

    yield restart
    for app in made:
        close_app(app)


@pytest.fixture
def guest(world: World) -> tuple[Claims, str]:
    """Somebody of this test's own, whose session it may end."""
    return world.somebody(f"guest-{secrets.token_hex(4)}")


def account_of(claims: Claims) -> Account:
    return current_db().get_one(Account, claims.subject)


@pytest.mark.row(63)
def test_a_token_is_dead_after_sign_out(
    world: World, guest: tuple[Claims, str], restarted: Callable[[], FlaskClient]
) -> None:
    _, token = guest
    other = restarted()
    assert world.get(as_cookie(token)).status_code == 200
    assert other.get("/members", headers=PROGRAM, environ_overrides=as_bearer(token)).status_code == 200

    client = world.app.test_client(use_cookies=False)
    left = client.post("/logout", headers={"Sec-Fetch-Site": "same-origin"}, environ_overrides=as_cookie(token))
    assert left.status_code == 204

    for carrier in (as_cookie, as_bearer):
        assert difference(world.get(carrier(token)), ENDED) is None
        for client in (other, restarted()):
            answer = client.get("/members", headers=PROGRAM, environ_overrides=carrier(token))
            assert difference(answer, ENDED) is None


@pytest.mark.row(63)
def test_a_token_is_dead_after_its_password_was_changed(world: World, guest: tuple[Claims, str]) -> None:
    _, token = guest
    stays = world.target.token
    changed = world.app.test_client(use_cookies=False).post(
        "/account/password",
        data={"current": PASSWORD, "new": "nine brass herons at dusk"},
        headers={"Sec-Fetch-Site": "same-origin"},
        environ_overrides=as_cookie(token),
    )
    assert changed.status_code == 303
    new = changed.headers["Set-Cookie"].partition(";")[0].removeprefix("daypass=")
    assert told([world.app], token) == {ENDED}
    assert told([world.app], new) == told([world.app], stays) == {GOOD}


@pytest.mark.row(63)
@pytest.mark.parametrize(
    "act", [accounts.disable, lambda db, account: lifecycle.end_all(db, account.id, "ended")], ids=["disabled", "ended"]
)
def test_a_token_is_dead_in_every_process_once_it_was_ended_in_one(
    world: World,
    guest: tuple[Claims, str],
    restarted: Callable[[], FlaskClient],
    act: Callable[..., object],
) -> None:
    claims, token = guest
    another = new_session(world.app, claims.subject)[1]
    clients = [world.app.test_client(use_cookies=False), restarted()]
    for client in clients:
        assert client.get("/members", headers=PROGRAM, environ_overrides=as_cookie(token)).status_code == 200

    with world.app.app_context(), write_transaction(current_db()):
        act(current_db(), account_of(claims))

    for client in [*clients, restarted()]:
        for text in (token, another):
            for carrier in (as_cookie, as_bearer):
                answer = client.get("/members", headers=PROGRAM, environ_overrides=carrier(text))
                assert difference(answer, ENDED) is None


@pytest.mark.row(63)
def test_enabling_an_account_again_revives_no_token(world: World, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    with world.app.app_context(), write_transaction(current_db()):
        accounts.disable(current_db(), account_of(claims))
        accounts.enable(current_db(), account_of(claims))
    assert difference(world.get(as_bearer(token)), ENDED) is None


def test_a_token_is_dead_once_its_account_has_other_roles_in_a_new_process(
    world: World, guest: tuple[Claims, str], restarted: Callable[[], FlaskClient]
) -> None:
    """(K) A token that says more than the database does was not made by what the database says."""
    claims, token = guest
    with world.app.app_context(), write_transaction(current_db()):
        account_of(claims).roles = ["editor"]
    answer = restarted().get("/members", headers=PROGRAM, environ_overrides=as_bearer(token))
    assert difference(answer, FORGED) is None


@pytest.mark.row(30)
@pytest.mark.parametrize("world", ["ES256"], indirect=True)
def test_the_twin_of_an_ecdsa_signature_dies_with_it(world: World, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    honest = replace(world.target, token=token)
    r, s = int.from_bytes(honest.signature[:32], "big"), int.from_bytes(honest.signature[32:], "big")
    twin = honest.with_signature(pair(r, P256_ORDER - s))
    assert twin != token
    assert world.get(as_cookie(twin)).status_code in (200, 401)

    with world.app.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), claims.session_id, "signed_out")

    for text in (twin, token):
        assert difference(world.get(as_cookie(text)), ENDED) is None


def test_the_oldest_session_makes_room_and_its_token_is_dead(world: World, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    with world.app.app_context(), write_transaction(current_db()):
        account = account_of(claims)
        for _ in range(lifecycle.MAX_LIVE_SESSIONS):
            client, now, day = Client("192.0.2.1", "Test"), datetime.now(UTC), current_runtime().settings.token_lifetime
            lifecycle.start(current_db(), account, client=client, now=now, lifetime=Lifetime(day, day))
    assert difference(world.get(as_bearer(token)), ENDED) is None


def test_no_token_outlives_its_session(world: World, guest: tuple[Claims, str]) -> None:
    """(K) Signed by us with a fresh `iat` and `exp`, for a session that the database says is over."""
    claims, token = guest
    now = datetime.now(UTC).replace(microsecond=0)
    with world.app.app_context(), write_transaction(current_db()):
        current_db().get_one(AuthSession, claims.session_id).expires_at = now - timedelta(seconds=1)
    later = int((now + timedelta(hours=23)).timestamp())
    text = replace(world.target, token=token).with_claims(iat=int(now.timestamp()), exp=later)
    assert told([world.app], text) == {FORGED}


@pytest.mark.row(67)
def test_at_the_gate_clocks_may_differ_by_a_minute_and_no_token_is_good_after_its_last_second(world: World) -> None:
    """(K) Some seconds to each side are for the machine that runs this."""
    now = int(datetime.now(UTC).timestamp())
    for claims, answer in (({"iat": now + 50}, GOOD), ({"iat": now + 80}, FORGED), ({"exp": now - 1}, EXPIRED)):
        assert told([world.app], world.target.with_claims(**claims)) == {answer}, claims
