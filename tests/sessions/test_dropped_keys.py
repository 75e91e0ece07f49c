"""Dropping a signing key ends the active sessions whose latest token it signed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from daypass.accounts.listing import Listing, read_page
from daypass.database.models import Account, AuthSession, StoredKey
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.errors import NoSuchKey
from daypass.net.client import Client
from daypass.sessions import dropped_keys, kinds, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.lifecycle import MAX_LIVE_SESSIONS
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, Person, new_session

pytestmark = pytest.mark.each_database

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def signing_kid(app: Flask) -> str:
    with app.app_context():
        return current_runtime().keys.current().signing.kid


def rotate(app: Flask) -> None:
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), signing_key.generate(Algorithm.HS256), SECRET_KEY)


def drop(app: Flask, kid: str, keep: str | None = None) -> int:
    with app.app_context(), write_transaction(current_db()):
        return dropped_keys.drop(current_db(), kid, keep=keep)


def start(app: Flask, account_id: str, kind: str) -> str:
    day, client = Lifetime(86_400, 86_400), Client("192.0.2.1", "Test")
    with app.app_context(), write_transaction(current_db()):
        account = current_db().get_one(Account, account_id)
        return lifecycle.start(
            current_db(), account, client=client, now=datetime.now(UTC), lifetime=day, kind=kind, roles=[]
        ).id


def row(app: Flask, session_id: str) -> AuthSession:
    with app.app_context():
        return current_db().get_one(AuthSession, session_id)


def end_reason(app: Flask, session_id: str) -> str | None:
    return row(app, session_id).end_reason


def change(app: Flask, session_id: str, **columns: datetime | str | None) -> None:
    with app.app_context(), write_transaction(current_db()):
        session = current_db().get_one(AuthSession, session_id)
        for name, value in columns.items():
            setattr(session, name, value)


def test_only_the_sessions_of_that_key_end(app: Flask, sign_in: Callable[..., Person]) -> None:
    old, first = sign_in("alice"), signing_kid(app)
    token = start(app, old.claims.subject, kinds.API_TOKEN)
    rotate(app)
    new = sign_in("alice")
    assert (row(app, old.claims.session_id).kid, row(app, new.claims.session_id).kid) == (first, signing_kid(app))
    assert drop(app, first) == 2
    assert [end_reason(app, session_id) for session_id in (old.claims.session_id, token)] == ["key_dropped"] * 2
    assert row(app, old.claims.session_id).ended_at is not None
    assert end_reason(app, new.claims.session_id) is None
    with app.app_context():
        listed = lifecycle.list_sessions(current_db(), old.claims.subject, datetime.now(UTC), timedelta(0))
        assert [session.id for session in listed] == [new.claims.session_id]
        (account,) = read_page(current_db(), Listing(), datetime.now(UTC)).accounts
        assert account.live_sessions == 1


def test_they_no_longer_count_towards_the_limit(app: Flask, sign_in: Callable[..., Person]) -> None:
    person, leaked = sign_in("alice"), signing_kid(app)
    rotate(app)
    kept, _ = new_session(app, person.claims.subject, age=HOUR)
    rotate(app)
    for _ in range(MAX_LIVE_SESSIONS - 2):
        new_session(app, person.claims.subject)
    drop(app, leaked)
    new_session(app, person.claims.subject)
    assert end_reason(app, kept.session_id) is None


def test_a_renewed_session_counts_by_the_key_of_its_latest_token(app: Flask, sign_in: Callable[..., Person]) -> None:
    person, first = sign_in("alice", age=timedelta(days=2), keep=True), signing_kid(app)
    rotate(app)
    with app.app_context(), write_transaction(current_db()):
        assert lifecycle.renew(current_db(), person.claims, now=datetime.now(UTC), idle=7 * 86_400)
    assert row(app, person.claims.session_id).kid == signing_kid(app)
    assert drop(app, first) == 0
    assert drop(app, signing_kid(app)) == 1
    assert end_reason(app, person.claims.session_id) == "key_dropped"


def test_a_token_signed_again_counts_by_its_key(app: Flask, sign_in: Callable[..., Person]) -> None:
    person, first = sign_in("alice"), signing_kid(app)
    rotate(app)
    with app.app_context(), write_transaction(current_db()):
        lifecycle.record_signing_key(current_db(), person.claims.session_id)
    assert drop(app, first) == 0
    assert row(app, person.claims.session_id).kid == signing_kid(app)


def test_one_session_can_be_kept(app: Flask, sign_in: Callable[..., Person]) -> None:
    own, other = sign_in("alice"), sign_in("alice")
    assert drop(app, signing_kid(app), keep=own.claims.session_id) == 1
    assert (end_reason(app, own.claims.session_id), end_reason(app, other.claims.session_id)) == (None, "key_dropped")


def test_what_ended_or_expired_before_stays_as_it_was(app: Flask, sign_in: Callable[..., Person]) -> None:
    ended, expired = sign_in("alice"), sign_in("alice", age=timedelta(days=2))
    with app.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), ended.claims.session_id, "signed_out")
    assert drop(app, signing_kid(app)) == 0
    assert end_reason(app, ended.claims.session_id) == "signed_out"
    assert row(app, expired.claims.session_id).ended_at is None


def test_a_trial_goes_on_since_its_tokens_have_other_keys(app: Flask, sign_in: Callable[..., Person]) -> None:
    trial = start(app, sign_in("alice").claims.subject, kinds.TRIAL)
    assert row(app, trial).kid is None
    change(app, trial, created_at=datetime.now(UTC) + HOUR)
    drop(app, signing_kid(app))
    assert end_reason(app, trial) is None


def test_a_key_that_is_not_there_ends_nothing(app: Flask, sign_in: Callable[..., Person]) -> None:
    person = sign_in("alice")
    with pytest.raises(NoSuchKey):
        drop(app, "0" * 16)
    assert end_reason(app, person.claims.session_id) is None


class TestASessionFromBeforeTheColumn:
    """It ends only if every token that it can have had was signed by the key."""

    NOW = datetime.now(UTC)
    MADE, RETIRED = NOW - 9 * DAY, NOW - 2 * DAY

    @pytest.fixture
    def retired(self, app: Flask) -> str:
        """A key that signed from nine days ago until two days ago."""
        kid = signing_kid(app)
        rotate(app)
        with app.app_context(), write_transaction(current_db()):
            key = current_db().get_one(StoredKey, kid)
            key.created_at, key.retired_at = self.MADE, self.RETIRED
        return kid

    def add(self, app: Flask, account_id: str, kind: str, created: datetime, seen: datetime) -> str:
        session_id = start(app, account_id, kind)
        change(app, session_id, kid=None, created_at=created, last_seen_at=seen)
        return session_id

    @pytest.mark.parametrize(
        ("kind", "created", "seen", "ends"),
        [
            (kinds.BROWSER, MADE + HOUR, RETIRED - HOUR, True),
            (kinds.BROWSER, MADE - HOUR, RETIRED - HOUR, False),
            (kinds.BROWSER, MADE + HOUR, RETIRED + HOUR, False),
            (kinds.BROWSER, RETIRED + HOUR, RETIRED + HOUR, False),
            (kinds.BROWSER, MADE + timedelta(seconds=30), RETIRED - HOUR, False),
            (kinds.BROWSER, MADE + HOUR, RETIRED - timedelta(seconds=30), False),
            (kinds.API_TOKEN, MADE + HOUR, NOW, True),
            (kinds.API_TOKEN, MADE - HOUR, RETIRED - HOUR, False),
            (kinds.API_TOKEN, RETIRED + HOUR, NOW, False),
        ],
    )
    def test_of_a_retired_key(
        self,
        app: Flask,
        retired: str,
        add_account: Callable[..., str],
        kind: str,
        created: datetime,
        seen: datetime,
        ends: bool,
    ) -> None:
        session_id = self.add(app, add_account("alice"), kind, created, seen)
        assert drop(app, retired) == ends
        assert end_reason(app, session_id) == ("key_dropped" if ends else None)

    def test_times_count_for_nothing_where_the_key_is_known(
        self, app: Flask, retired: str, add_account: Callable[..., str]
    ) -> None:
        session_id = self.add(app, add_account("alice"), kinds.BROWSER, self.MADE + HOUR, self.RETIRED - HOUR)
        change(app, session_id, kid=signing_kid(app))
        assert drop(app, retired) == 0

    @pytest.mark.parametrize(("created", "ends"), [(RETIRED + HOUR, True), (RETIRED - HOUR, False)])
    def test_of_the_key_that_signs(
        self, app: Flask, retired: str, add_account: Callable[..., str], created: datetime, ends: bool
    ) -> None:
        kid = signing_kid(app)
        with app.app_context(), write_transaction(current_db()):
            current_db().get_one(StoredKey, kid).created_at = self.RETIRED
        session_id = self.add(app, add_account("alice"), kinds.BROWSER, created, self.NOW)
        assert drop(app, kid) == ends
        assert end_reason(app, session_id) == ("key_dropped" if ends else None)
