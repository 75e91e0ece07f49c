"""Valid tokens at the wrong time: the session has ended, or clocks differ."""

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
from tests.security.forging import ENDED, EXPIRED, FORGED, ecdsa_signature
from tests.security.target_app import ACCEPTED, PROGRAM, TargetApp, as_bearer, as_cookie, difference, verdicts


@pytest.fixture
def new_client(target_app: TargetApp) -> Iterator[Callable[[], FlaskClient]]:
    """A function that returns a client of a new app, as after a restart."""
    apps: list[Flask] = []

    def start() -> FlaskClient:
        apps.append(target_app.another_process())
        return apps[-1].test_client(use_cookies=False)

    yield start
    for app in apps:
        close_app(app)


@pytest.fixture
def guest(target_app: TargetApp) -> tuple[Claims, str]:
    """The claims and the token of a new account, whose session the test may end."""
    return target_app.add_user(f"guest-{secrets.token_hex(4)}")


def account_of(claims: Claims) -> Account:
    return current_db().get_one(Account, claims.subject)


@pytest.mark.row(63)
def test_a_token_is_dead_after_sign_out(
    target_app: TargetApp, guest: tuple[Claims, str], new_client: Callable[[], FlaskClient]
) -> None:
    _, token = guest
    other = new_client()
    assert target_app.get(as_cookie(token)).status_code == 200
    assert other.get("/members", headers=PROGRAM, environ_overrides=as_bearer(token)).status_code == 200

    client = target_app.app.test_client(use_cookies=False)
    signed_out = client.post("/logout", headers={"Sec-Fetch-Site": "same-origin"}, environ_overrides=as_cookie(token))
    assert signed_out.status_code == 204

    for carrier in (as_cookie, as_bearer):
        assert difference(target_app.get(carrier(token)), ENDED) is None
        for client in (other, new_client()):
            response = client.get("/members", headers=PROGRAM, environ_overrides=carrier(token))
            assert difference(response, ENDED) is None


@pytest.mark.row(63)
def test_a_token_is_dead_after_its_password_was_changed(target_app: TargetApp, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    elsewhere, stays = new_session(target_app.app, claims.subject)[1], target_app.target.token
    changed = target_app.app.test_client(use_cookies=False).post(
        "/account/password",
        data={"current": PASSWORD, "new": "nine brass herons at dusk"},
        headers={"Sec-Fetch-Site": "same-origin"},
        environ_overrides=as_cookie(token),
    )
    assert changed.status_code == 303
    new = changed.headers["Set-Cookie"].partition(";")[0].removeprefix("daypass=")
    assert verdicts([target_app.app], token) == verdicts([target_app.app], elsewhere) == {ENDED}
    assert verdicts([target_app.app], new) == verdicts([target_app.app], stays) == {ACCEPTED}


@pytest.mark.row(63)
@pytest.mark.parametrize(
    "act", [accounts.disable, lambda db, account: lifecycle.end_all(db, account.id, "ended")], ids=["disabled", "ended"]
)
def test_a_session_ended_in_one_process_is_dead_in_every_process(
    target_app: TargetApp,
    guest: tuple[Claims, str],
    new_client: Callable[[], FlaskClient],
    act: Callable[..., object],
) -> None:
    claims, token = guest
    another = new_session(target_app.app, claims.subject)[1]
    clients = [target_app.app.test_client(use_cookies=False), new_client()]
    for client in clients:
        assert client.get("/members", headers=PROGRAM, environ_overrides=as_cookie(token)).status_code == 200

    with target_app.app.app_context(), write_transaction(current_db()):
        act(current_db(), account_of(claims))

    for client in [*clients, new_client()]:
        for text in (token, another):
            for carrier in (as_cookie, as_bearer):
                response = client.get("/members", headers=PROGRAM, environ_overrides=carrier(text))
                assert difference(response, ENDED) is None


@pytest.mark.row(63)
def test_enabling_an_account_again_revives_no_token(target_app: TargetApp, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    with target_app.app.app_context(), write_transaction(current_db()):
        accounts.disable(current_db(), account_of(claims))
        accounts.enable(current_db(), account_of(claims))
    assert difference(target_app.get(as_bearer(token)), ENDED) is None


def test_a_token_with_outdated_roles_is_refused_by_a_new_process(
    target_app: TargetApp, guest: tuple[Claims, str], new_client: Callable[[], FlaskClient]
) -> None:
    """(K) A token whose roles differ from the database's is treated as forged."""
    claims, token = guest
    with target_app.app.app_context(), write_transaction(current_db()):
        account_of(claims).roles = ["editor"]
    response = new_client().get("/members", headers=PROGRAM, environ_overrides=as_bearer(token))
    assert difference(response, FORGED) is None


@pytest.mark.row(30)
@pytest.mark.parametrize("target_app", ["ES256"], indirect=True)
def test_the_twin_of_an_ecdsa_signature_dies_with_it(target_app: TargetApp, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    genuine = replace(target_app.target, token=token)
    r, s = int.from_bytes(genuine.signature[:32], "big"), int.from_bytes(genuine.signature[32:], "big")
    twin = genuine.with_signature(ecdsa_signature(r, P256_ORDER - s))
    assert twin != token
    assert target_app.get(as_cookie(twin)).status_code in (200, 401)

    with target_app.app.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), claims.session_id, "signed_out")

    for text in (twin, token):
        assert difference(target_app.get(as_cookie(text)), ENDED) is None


def test_the_oldest_session_makes_room_and_its_token_is_dead(target_app: TargetApp, guest: tuple[Claims, str]) -> None:
    claims, token = guest
    with target_app.app.app_context(), write_transaction(current_db()):
        account = account_of(claims)
        for _ in range(lifecycle.MAX_LIVE_SESSIONS):
            client, now, day = Client("192.0.2.1", "Test"), datetime.now(UTC), current_runtime().settings.token_lifetime
            lifecycle.start(current_db(), account, client=client, now=now, lifetime=Lifetime(day, day))
    assert difference(target_app.get(as_bearer(token)), ENDED) is None


def test_no_token_outlives_its_session(target_app: TargetApp, guest: tuple[Claims, str]) -> None:
    """(K) A fresh `iat` and `exp` for a session that has expired."""
    claims, token = guest
    now = datetime.now(UTC).replace(microsecond=0)
    with target_app.app.app_context(), write_transaction(current_db()):
        current_db().get_one(AuthSession, claims.session_id).expires_at = now - timedelta(seconds=1)
    later = int((now + timedelta(hours=23)).timestamp())
    text = replace(target_app.target, token=token).with_claims(iat=int(now.timestamp()), exp=later)
    assert verdicts([target_app.app], text) == {FORGED}


@pytest.mark.row(67)
def test_the_gate_allows_iat_a_minute_of_clock_difference_and_exp_none(
    target_app: TargetApp,
) -> None:
    """(K) The times leave a margin for a slow machine."""
    now = int(datetime.now(UTC).timestamp())
    for claims, response in (({"iat": now + 50}, ACCEPTED), ({"iat": now + 80}, FORGED), ({"exp": now - 1}, EXPIRED)):
        assert verdicts([target_app.app], target_app.target.with_claims(**claims)) == {response}, claims
