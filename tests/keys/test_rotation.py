"""Key rotation: new keys, dropped keys, and keys that are no longer needed."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from daypass import maintenance
from daypass.database.models import StoredKey
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.keys.errors import NoSuchKey
from daypass.keys.ring import CLOCK_SKEW
from daypass.keys.signing_key import SigningKey
from daypass.sessions import lifecycle
from daypass.tokens import codec, purposes
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, Person, new_session, propagation_delay

pytestmark = pytest.mark.each_database

Apps = tuple[Flask, Flask]


@pytest.fixture
def apps(app: Flask, make_app: Callable[[], Flask]) -> Apps:
    """Two processes, as far as memory goes."""
    return app, make_app()


def rotate(app: Flask, algorithm: Algorithm = Algorithm.ES256) -> SigningKey:
    key = signing_key.generate(algorithm)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    return key


def drop(app: Flask, kid: str) -> None:
    with app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), kid)


def signing(app: Flask) -> SigningKey:
    with app.app_context():
        return current_runtime().keys.current().signing


def wait_for_change(app: Flask) -> None:
    """Wait until this process must have seen the change."""
    with app.app_context():
        settings = current_runtime().settings
    time.sleep(propagation_delay(settings))


def status(app: Flask, token: str) -> int:
    client: FlaskClient = app.test_client()
    return client.get("/members", headers={"Authorization": f"Bearer {token}"}).status_code


def change(app: Flask, kid: str, **columns: datetime) -> None:
    """Change the times of a stored key."""
    with app.app_context(), write_transaction(current_db()):
        row = current_db().get_one(StoredKey, kid)
        for name, moment in columns.items():
            setattr(row, name, moment)


def kids(app: Flask) -> list[str]:
    with app.app_context():
        return [row.kid for row in rotation.list_keys(current_db())]


def test_a_rotation_signs_with_the_new_key_at_once_and_what_was_signed_before_stays_good(
    apps: Apps, sign_in: Callable[..., Person]
) -> None:
    here, elsewhere = apps
    person = sign_in("alice")
    assert status(elsewhere, person.token) == 200
    for algorithm in SIGNING_ALGORITHMS:
        newest = rotate(here, algorithm)
        wait_for_change(elsewhere)
        assert signing(elsewhere).kid == newest.kid
        _, token = new_session(elsewhere, person.claims.subject)
        assert [status(app, bearer) for app in apps for bearer in (person.token, token)] == [200] * 4


def test_a_dropped_key_is_refused_in_every_process_even_where_its_token_was_seen_before(
    apps: Apps, sign_in: Callable[..., Person]
) -> None:
    here, elsewhere = apps
    person, compromised = sign_in("alice"), signing(here)
    rotate(here)
    _, later = new_session(here, person.claims.subject)
    wait_for_change(elsewhere)
    assert [status(app, token) for app in apps for token in (person.token, later)] == [200] * 4
    drop(here, compromised.kid)
    wait_for_change(elsewhere)
    assert [status(app, token) for app in apps for token in (person.token, later)] == [401, 200] * 2


def test_a_dropped_key_that_signed_is_replaced_by_another(app: Flask, sign_in: Callable[..., Person]) -> None:
    person, compromised = sign_in("alice"), signing(app)
    drop(app, compromised.kid)
    assert status(app, person.token) == 401
    assert [signing(app).kid] == kids(app) != [compromised.kid]


def test_a_key_that_is_not_there_cannot_be_dropped(app: Flask) -> None:
    kid = signing(app).kid
    with pytest.raises(NoSuchKey):
        drop(app, "0" * 16)
    assert kids(app) == [kid]


def test_a_stolen_retired_key_cannot_sign_new_tokens(app: Flask, sign_in: Callable[..., Person]) -> None:
    """A thief creates a token with it, for a session that is still active."""
    person, stolen = sign_in("alice"), signing(app)
    rotate(app)
    now = datetime.now(UTC).replace(microsecond=0)
    change(app, stolen.kid, retired_at=now - CLOCK_SKEW - timedelta(seconds=2))
    with app.app_context():
        ring, settings = current_runtime().keys.current(), current_runtime().settings

    def read(issued_at: datetime) -> str:
        claims = replace(person.claims, issued_at=issued_at, expires_at=person.claims.expires_at)
        token = codec.encode(claims, stolen)
        allowed = {purposes.SESSION: settings.token_lifetime + 600}
        return codec.decode(token, ring=ring, issuer=settings.base_url, purposes=allowed, now=now).claims.name

    assert read(now - timedelta(seconds=2)) == "alice"
    with pytest.raises(InvalidToken, match="after its key was retired"):
        read(now - timedelta(seconds=1))


class TestUnneededKey:
    """A retired key is deleted once no token of it can be valid."""

    LONG_AGO = datetime.now(UTC) - timedelta(days=2)

    @pytest.fixture
    def retired(self, app: Flask) -> str:
        """A key that was retired two days ago."""
        kid = signing(app).kid
        rotate(app)
        change(app, kid, created_at=self.LONG_AGO - timedelta(days=9), retired_at=self.LONG_AGO)
        return kid

    def forget(self, app: Flask) -> int:
        with app.app_context(), write_transaction(current_db()):
            return rotation.delete_unused(current_db(), timedelta(hours=1))

    def test_it_is_forgotten_when_nobody_holds_a_session_from_its_time(
        self, app: Flask, retired: str, sign_in: Callable[..., Person]
    ) -> None:
        sign_in("alice")
        assert self.forget(app) == 1
        assert kids(app) == [signing(app).kid]

    def test_it_is_kept_while_a_session_of_its_time_lives(
        self, app: Flask, retired: str, sign_in: Callable[..., Person]
    ) -> None:
        kept = sign_in("alice", age=timedelta(days=2, hours=1), keep=True)
        assert self.forget(app) == 0
        assert retired in kids(app)
        with app.app_context(), write_transaction(current_db()):
            lifecycle.end(current_db(), kept.claims.session_id, "signed_out")
        assert self.forget(app) == 1

    def test_it_is_kept_while_a_link_that_it_signed_may_be_valid(self, app: Flask, retired: str) -> None:
        change(app, retired, retired_at=datetime.now(UTC) - timedelta(minutes=59))
        assert self.forget(app) == 0

    def test_the_key_that_signs_is_never_spent(self, app: Flask) -> None:
        kid = signing(app).kid
        change(app, kid, created_at=datetime.now(UTC) - timedelta(days=4000))
        assert self.forget(app) == 0
        assert kids(app) == [kid]

    def test_housekeeping_forgets_it_after_the_week_of_the_longest_link(self, app: Flask, retired: str) -> None:
        change(app, retired, retired_at=datetime.now(UTC) - timedelta(days=7, minutes=10))
        with app.app_context():
            assert maintenance.run(current_db()) is not None
        assert retired not in kids(app)


class TestAutomaticRotation:
    """With DAYPASS_KEY_ROTATION_DAYS, an old key is rotated automatically."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_KEY_ROTATION_DAYS": "30", "DAYPASS_ALGORITHM": "EdDSA"}

    def look(self, app: Flask) -> str | None:
        with app.app_context():
            return maintenance.rotate_if_due(current_db(), current_runtime().settings, current_runtime().audit)

    def test_a_young_key_goes_on_signing(self, app: Flask) -> None:
        kid = signing(app).kid
        change(app, kid, created_at=datetime.now(UTC) - timedelta(days=29, hours=23))
        assert self.look(app) is None
        assert kids(app) == [kid]

    def test_an_old_key_is_rotated_once(self, apps: Apps) -> None:
        here, elsewhere = apps
        kid = signing(here).kid
        change(here, kid, created_at=datetime.now(UTC) - timedelta(days=30, hours=1))
        newest = self.look(here)
        assert self.look(elsewhere) is None
        assert kids(here) == [newest, kid]
        wait_for_change(elsewhere)
        assert signing(elsewhere).algorithm is Algorithm.EDDSA

    def test_of_two_processes_that_find_it_old_at_once_one_rotates(
        self, apps: Apps, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kid, both_found_it_old, generate = signing(apps[0]).kid, threading.Barrier(2, timeout=10), signing_key.generate
        change(apps[0], kid, created_at=datetime.now(UTC) - timedelta(days=31))

        def generate_together(algorithm: Algorithm) -> SigningKey:
            both_found_it_old.wait()
            return generate(algorithm)

        monkeypatch.setattr(signing_key, "generate", generate_together)
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(self.look, apps))
        assert made.count(None) == 1
        assert len(kids(apps[0])) == 2

    def test_the_server_does_it(self, app: Flask) -> None:
        kid = signing(app).kid
        change(app, kid, created_at=datetime.now(UTC) - timedelta(days=31))
        maintenance.start(app.extensions["daypass"], pause=lambda: True).join(30)
        assert len(kids(app)) == 2


def test_nothing_rotates_by_itself_where_it_is_not_set(app: Flask) -> None:
    kid = signing(app).kid
    change(app, kid, created_at=datetime.now(UTC) - timedelta(days=4000))
    with app.app_context():
        assert maintenance.rotate_if_due(current_db(), current_runtime().settings, current_runtime().audit) is None
    assert kids(app) == [kid]


def test_rotations_at_once_leave_one_key_that_signs(apps: Apps) -> None:
    signing(apps[0])
    with ThreadPoolExecutor(8) as pool:
        made = {key.kid for key in pool.map(rotate, apps * 4)}
    with apps[0].app_context():
        signs = current_db().scalars(select(StoredKey.kid).where(StoredKey.retired_at.is_(None))).all()
    assert len(signs) == 1
    assert made < set(kids(apps[0]))
