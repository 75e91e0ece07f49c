"""Sessions: start, confirm, end."""

import dataclasses
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.sessions import confirmation, issuing, kinds, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.lifecycle import MAX_LIVE_SESSIONS
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.tokens.purposes import SESSION
from daypass.web.context import current_runtime

NOW = datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC)
DAY = 86_400
ISSUER = "https://login.example.org"
Start = Callable[..., AuthSession]


@pytest.fixture
def db(app: Flask) -> Iterator[Session]:
    with app.app_context(), current_runtime().session_factory() as db:
        yield db


def add(db: Session, name: str) -> Account:
    account = Account(name=name, password_hash="x", roles=["admin", "editor"])
    with write_transaction(db):
        db.add(account)
    return account


@pytest.fixture
def alice(db: Session) -> Account:
    return add(db, "alice")


@pytest.fixture
def start(db: Session) -> Start:
    def start(account: Account, now: datetime = NOW, lifetime: int = DAY) -> AuthSession:
        with write_transaction(db):
            return lifecycle.start(
                db, account, client=Client("192.0.2.1", "Test"), now=now, lifetime=Lifetime(lifetime, lifetime)
            )

    return start


def claims_of(session: AuthSession, account: Account) -> Claims:
    return issuing.session_claims(session, account, issuer=ISSUER)


def refusal(db: Session, claims: Claims) -> InvalidToken:
    with pytest.raises(InvalidToken) as refused:
        confirmation.confirm(db, claims)
    return refused.value


def live(db: Session, account: Account) -> set[str]:
    db.rollback()
    rows = select(AuthSession.id).where(AuthSession.account_id == account.id, AuthSession.ended_at.is_(None))
    return set(db.scalars(rows))


def test_a_session_is_kept_as_it_was_started(db: Session, alice: Account, start: Start) -> None:
    session_id = start(alice, lifetime=3600).id
    db.expire_all()
    session = db.get_one(AuthSession, session_id)
    assert (session.account, session.kind) == (alice, "browser")
    assert session.created_at == session.last_seen_at == NOW
    assert session.expires_at == NOW + timedelta(hours=1)
    assert (session.ended_at, session.end_reason) == (None, None)
    assert (session.address, session.user_agent) == ("192.0.2.1", "Test")


def test_what_a_client_says_of_itself_is_cut_to_fit(db: Session, alice: Account) -> None:
    with write_transaction(db):
        client = Client("1" * 1000, "🦊" * 1000)
        session = lifecycle.start(db, alice, client=client, now=NOW, lifetime=Lifetime(DAY, DAY), kind=kinds.API_TOKEN)
    assert (session.address, session.user_agent, session.kind) == ("1" * 64, "🦊" * 256, "api")


def test_every_session_has_128_random_bits_of_its_own(alice: Account, start: Start) -> None:
    numbers = [int(start(alice).id, 16) for _ in range(40)]
    ones, zeros = reduce(int.__or__, numbers), reduce(int.__and__, numbers)
    assert (ones, zeros) == (2**128 - 1, 0), "each bit was set at least once, and at least once not"


def test_no_session_id_can_be_foreseen_from_a_seed(alice: Account, start: Start) -> None:
    ids = set()
    for _ in range(2):
        random.seed(7)
        ids.add(start(alice).id)
    assert len(ids) == 2


def test_a_session_that_is_not_committed_never_was(db: Session, alice: Account) -> None:
    with pytest.raises(ValueError, match="no"), write_transaction(db):
        lifecycle.start(db, alice, client=Client("", ""), now=NOW, lifetime=Lifetime(DAY, DAY))
        raise ValueError("no")
    assert live(db, alice) == set()


def test_one_session_more_than_twenty_ends_the_oldest(db: Session, alice: Account, start: Start) -> None:
    bobs = start(add(db, "bob"), NOW - timedelta(hours=1))
    started = [start(alice, NOW + timedelta(seconds=number)) for number in (3, 0, 2, 1, *range(4, MAX_LIVE_SESSIONS))]
    oldest = started[1]
    assert len(live(db, alice)) == MAX_LIVE_SESSIONS == 20
    newest = start(alice, NOW + timedelta(seconds=MAX_LIVE_SESSIONS))
    assert live(db, alice) == {session.id for session in [*started, newest]} - {oldest.id}
    db.refresh(oldest)
    assert oldest.end_reason == "too_many"
    assert bobs.ended_at is None


def test_sessions_that_ended_or_expired_leave_room(db: Session, alice: Account, start: Start) -> None:
    expired = [start(alice, NOW - timedelta(days=2)) for _ in range(MAX_LIVE_SESSIONS)]
    kept = start(alice)
    for _ in range(MAX_LIVE_SESSIONS):
        ended = start(alice, NOW)
        with write_transaction(db):
            lifecycle.end(db, ended.id, "signed_out")
    for _ in range(MAX_LIVE_SESSIONS - 1):
        start(alice)
    assert kept.id in live(db, alice)
    assert not any(session.end_reason for session in expired)


@pytest.mark.parametrize("microsecond", [0, 1, 500_000, 999_999])
def test_claims_are_in_whole_seconds_and_never_outlive_the_session(
    alice: Account, start: Start, microsecond: int
) -> None:
    session = start(alice, NOW.replace(microsecond=microsecond), lifetime=3600)
    claims = claims_of(session, alice)
    assert claims == Claims(
        issuer=ISSUER,
        purpose=SESSION,
        subject=alice.id,
        session_id=session.id,
        name="alice",
        roles=("admin", "editor"),
        auth_time=NOW.replace(microsecond=0),
        issued_at=NOW.replace(microsecond=0),
        expires_at=NOW.replace(microsecond=0) + timedelta(hours=1),
        until=NOW.replace(microsecond=0) + timedelta(hours=1),
    )
    assert claims.expires_at <= session.expires_at


def test_the_claims_of_a_live_session_are_confirmed(db: Session, alice: Account, start: Start) -> None:
    confirmation.confirm(db, claims_of(start(alice), alice))


def test_a_session_that_nobody_knows_is_refused(db: Session, alice: Account, start: Start) -> None:
    claims = dataclasses.replace(claims_of(start(alice), alice), session_id="0" * 32)
    assert refusal(db, claims).fault is TokenFault.FORGED


def test_a_session_of_somebody_else_is_refused(db: Session, alice: Account, start: Start) -> None:
    bob = add(db, "bob")
    claims = dataclasses.replace(claims_of(start(alice), alice), subject=bob.id)
    assert refusal(db, claims).fault is TokenFault.FORGED


def test_a_session_that_has_ended_is_refused_as_ended(db: Session, alice: Account, start: Start) -> None:
    session, other = start(alice), start(alice)
    claims = claims_of(session, alice)
    with write_transaction(db):
        lifecycle.end(db, session.id, "signed_out")
    assert refusal(db, claims).fault is TokenFault.ENDED
    confirmation.confirm(db, claims_of(other, alice))


def test_a_session_of_a_disabled_account_is_refused_as_ended(db: Session, alice: Account, start: Start) -> None:
    """Even one that was not ended with the others."""
    claims = claims_of(start(alice), alice)
    with write_transaction(db):
        alice.disabled_at = NOW
    assert refusal(db, claims).fault is TokenFault.ENDED


@pytest.mark.parametrize(
    "change",
    [{"name": "alicia"}, {"name": ""}, {"roles": ()}, {"roles": ("admin",)}, {"roles": ("admin", "editor", "root")}],
    ids=str,
)
def test_a_name_or_role_that_is_not_the_accounts_is_refused(
    db: Session, alice: Account, start: Start, change: dict[str, object]
) -> None:
    claims = dataclasses.replace(claims_of(start(alice), alice), **change)  # type: ignore[arg-type]
    assert refusal(db, claims).fault is TokenFault.FORGED


def test_a_role_that_was_taken_away_is_refused(db: Session, alice: Account, start: Start) -> None:
    claims = claims_of(start(alice), alice)
    with write_transaction(db):
        alice.roles = ["editor"]
    assert refusal(db, claims).fault is TokenFault.FORGED


def test_a_session_ends_once(db: Session, alice: Account, start: Start) -> None:
    session, other = start(alice), start(alice)
    with write_transaction(db):
        assert lifecycle.end(db, session.id, "signed_out") is True
    db.refresh(session)
    ended_at = session.ended_at
    assert (ended_at is not None, session.end_reason) == (True, "signed_out")
    with write_transaction(db):
        assert lifecycle.end(db, session.id, "too_many") is False
        assert lifecycle.end(db, "never was", "signed_out") is False
    db.refresh(session)
    assert (session.ended_at, session.end_reason) == (ended_at, "signed_out")
    assert live(db, alice) == {other.id}


def test_all_sessions_of_an_account_end_together(db: Session, alice: Account, start: Start) -> None:
    bob = add(db, "bob")
    ended_before, first, second, bobs = start(alice), start(alice), start(alice), start(bob)
    with write_transaction(db):
        lifecycle.end(db, ended_before.id, "signed_out")
    with write_transaction(db):
        assert lifecycle.end_all(db, alice.id, "password_changed") == 2
    with write_transaction(db):
        assert lifecycle.end_all(db, alice.id, "account_disabled") == 0
    db.expire_all()
    assert [session.end_reason for session in (ended_before, first, second)] == [
        "signed_out",
        "password_changed",
        "password_changed",
    ]
    assert live(db, alice) == set()
    assert live(db, bob) == {bobs.id}


def test_a_trial_is_listed_nowhere_ends_nobody_and_is_forgotten(db: Session, alice: Account, start: Start) -> None:
    real = [start(alice) for _ in range(MAX_LIVE_SESSIONS)]
    lifetime, client = Lifetime(300, 300), Client("192.0.2.1", "Test")
    with write_transaction(db):
        trials = [
            lifecycle.start(db, alice, client=client, now=NOW, lifetime=lifetime, kind=kinds.TRIAL) for _ in range(3)
        ]
        lifecycle.end(db, trials[0].id, "signed_out")
    listed = lifecycle.list_sessions(db, alice.id, NOW, timedelta(days=7))
    assert {session.id for session in listed} == {session.id for session in real}
    with write_transaction(db):
        for session in [*trials, real[0]]:
            lifecycle.delete_trial(db, session.id)
    assert live(db, alice) == {session.id for session in real}


def test_when_a_session_ended_is_told_by_the_databases_clock(db: Session, alice: Account, start: Start) -> None:
    session = start(alice, NOW + timedelta(days=3650))
    before = datetime.now(UTC) - timedelta(milliseconds=2)
    with write_transaction(db):
        lifecycle.end(db, session.id, "signed_out")
    db.refresh(session)
    assert session.ended_at is not None
    assert before <= session.ended_at <= datetime.now(UTC)
