"""Accounts: names, passwords, and the sessions that a change ends."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.security import generate_password_hash

from daypass.accounts import accounts, credentials, password_hasher, queries, setup
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.errors import InvalidName, NameTaken, NoSuchAccount, SetupComplete, WrongCredentials
from daypass.accounts.listing import Listing, read_page
from daypass.accounts.names import canonical
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.password_limits import PasswordLimits, PasswordOrigin
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.sessions import lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import Settings
from daypass.throttling.errors import Busy
from daypass.web.context import current_runtime
from tests.conftest import PASSWORD

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OLD_HASH = generate_password_hash(PASSWORD, "scrypt:512:8:1")  # another cost than today's
HASHER = PasswordHasher(slots=1, queue=0)
NO_LIMITS = PasswordLimits(
    Settings(limit_address=None, limit_account=None, limit_device=None), PasswordOrigin("192.0.2.1")
)


@pytest.fixture
def make_session(app: Flask) -> sessionmaker[Session]:
    with app.app_context():
        return current_runtime().session_factory


@pytest.fixture
def db(make_session: sessionmaker[Session]) -> Iterator[Session]:
    with make_session() as db:
        yield db


@pytest.fixture
def add(db: Session) -> Callable[..., Account]:
    def add(name: str, password_hash: str = OLD_HASH, roles: list[str] | None = None) -> Account:
        with write_transaction(db):
            return accounts.create(db, name, password_hash, roles or [])

    return add


def start(db: Session, account: Account, now: datetime = NOW, lifetime: int = 86_400) -> AuthSession:
    with write_transaction(db):
        return lifecycle.start(
            db, account, client=Client("192.0.2.1", "Test"), now=now, lifetime=Lifetime(lifetime, lifetime)
        )


def refusal(db: Session, name: str, password: str, hasher: PasswordHasher = HASHER) -> WrongCredentials:
    with pytest.raises(WrongCredentials) as refused:
        credentials.check_password(db, hasher, NO_LIMITS, name, password)
    return refused.value


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("alice", "alice"),
        ("Alice", "alice"),
        ("  ALICE ", "alice"),
        ("abc", "abc"),
        ("a" * 32, "a" * 32),
        ("0._-z", "0._-z"),
        ("...", "..."),
    ],
)
def test_a_name_has_one_spelling(typed: str, name: str) -> None:
    assert canonical(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "ab",
        " ab ",
        "a" * 33,
        "\u212aelvin",  # the Kelvin sign, a k in lower case
        "\u0130stanbul",
        "\uff41lice",
        "ali\u200bce",
        "\u0430lice",
        "alice\n",
        "\talice",
        "alice\u00a0",
        "al ice",
        "al\0ice",
        "alice\ud800",
        "alice@example.org",
        "al/ice",
        "<alice>",
    ],
    ids=ascii,
)
def test_a_name_outside_the_rules_is_refused(typed: str, db: Session) -> None:
    with pytest.raises(InvalidName):
        canonical(typed)
    with pytest.raises(InvalidName):
        accounts.create(db, typed, OLD_HASH)
    with pytest.raises(InvalidName):
        queries.find(db, typed)


def test_an_account_is_found_by_any_spelling_of_its_name(db: Session, add: Callable[..., Account]) -> None:
    account = add(" Alice ", roles=["editor", "admin"])
    assert (account.name, account.roles) == ("alice", ["admin", "editor"])
    assert len(account.id) == 32
    for spelling in ("alice", "ALICE", " alice"):
        assert queries.find(db, spelling) is account
    with pytest.raises(NoSuchAccount):
        queries.find(db, "alicia")


@pytest.mark.parametrize("again", ["alice", "ALICE", " alice "])
def test_a_name_is_taken_in_every_spelling(db: Session, add: Callable[..., Account], again: str) -> None:
    first = add("alice").id
    with pytest.raises(NameTaken):
        add(again, password_hash="other")
    rows = db.execute(select(Account.id, Account.password_hash)).all()
    assert [tuple(row) for row in rows] == [(first, OLD_HASH)]


def test_the_database_decides_about_names_and_the_rest_goes_on(db: Session, add: Callable[..., Account]) -> None:
    add("alice")
    with pytest.raises(NameTaken), write_transaction(db):
        accounts.create(db, "bob", OLD_HASH)
        accounts.create(db, "alice", OLD_HASH)
    add("carol")
    assert set(db.scalars(select(Account.name))) == {"alice", "carol"}


def test_the_first_account_is_an_admin_and_is_made_once(db: Session) -> None:
    assert db.scalars(select(Account)).all() == []
    with write_transaction(db):
        assert setup.replace_link(db, "the code", NOW)
        accounts.create_first(db, "the code", NOW, "alice", OLD_HASH)
    assert len(db.scalars(select(Account)).all()) == 1
    assert queries.find(db, "alice").roles == ["admin"]
    with pytest.raises(SetupComplete), write_transaction(db):
        accounts.create_first(db, "the code", NOW, "bob", OLD_HASH)
    assert list(db.scalars(select(Account.name))) == ["alice"]


def test_the_right_password_is_proof_that_its_account_redeems(
    db: Session, add: Callable[..., Account], password_hash: str
) -> None:
    account = add("alice", password_hash=password_hash)
    proof = credentials.check_password(db, HASHER, NO_LIMITS, " ALICE ", PASSWORD)
    assert (proof.account_id, proof.password_hash) == (account.id, password_hash)
    assert credentials.redeem(db, proof) is account


def test_every_failure_looks_the_same(db: Session, add: Callable[..., Account]) -> None:
    add("alice")
    mallory = add("mallory")
    with write_transaction(db):
        accounts.disable(db, mallory)
    failures = [
        refusal(db, "nobody", PASSWORD),
        refusal(db, "not a name", PASSWORD),
        refusal(db, "alice", PASSWORD + "x"),
        refusal(db, "alice", ""),
        refusal(db, "alice", "x" * 129),
        refusal(db, "alice", "\ud800"),
        refusal(db, "mallory", PASSWORD),
        refusal(db, "mallory", "wrong"),
    ]
    assert {(type(failure), failure.status, failure.message) for failure in failures} == {
        (WrongCredentials, 401, "Wrong name or password.")
    }


def test_the_log_learns_whose_password_was_tried_and_why_it_failed(db: Session, add: Callable[..., Account]) -> None:
    account, disabled = add("alice"), add("mallory")
    with write_transaction(db):
        accounts.disable(db, disabled)
    failures = [refusal(db, "alice", "wrong"), refusal(db, "mallory", PASSWORD)]
    assert [(failure.account_id, failure.reason) for failure in failures] == [
        (account.id, "wrong password"),
        (disabled.id, "disabled"),
    ]


class RecordingHasher(PasswordHasher):
    """A hasher that records the hashes that it verifies."""

    def __init__(self) -> None:
        super().__init__(slots=1, queue=0)
        self.verified: list[str | None] = []

    def verify(self, stored: str | None, password: str) -> bool:
        self.verified.append(stored)
        return super().verify(stored, password)


@pytest.mark.parametrize("name", ["nobody", "not a name"])
def test_a_name_that_nobody_has_costs_one_hash_too(db: Session, name: str) -> None:
    hasher = RecordingHasher()
    refusal(db, name, PASSWORD, hasher)
    assert hasher.verified == [None]


@pytest.mark.parametrize("password", ["x" * 129, "x" * 1_000_000, "\udfff"])
def test_what_cannot_be_a_password_costs_no_hash(db: Session, add: Callable[..., Account], password: str) -> None:
    add("alice")
    hasher = RecordingHasher()
    refusal(db, "alice", password, hasher)
    assert hasher.verified == []


def test_no_transaction_is_open_while_a_password_is_hashed(db: Session, add: Callable[..., Account]) -> None:
    add("alice")
    open_during_hash = []

    class WatchingHasher(PasswordHasher):
        def verify(self, stored: str | None, password: str) -> bool:
            open_during_hash.append(db.in_transaction())
            return False

    refusal(db, "alice", PASSWORD, WatchingHasher(slots=1, queue=0))
    assert open_during_hash == [False]


def test_a_proof_is_invalid_once_the_password_has_changed(db: Session, add: Callable[..., Account]) -> None:
    account = add("alice")
    proof = PasswordProof(account.id, OLD_HASH)
    assert credentials.redeem(db, proof) is account
    with write_transaction(db):
        accounts.set_password(db, account, "another hash")
    with pytest.raises(WrongCredentials):
        credentials.redeem(db, proof)


def test_a_proof_is_invalid_once_the_account_is_disabled_or_deleted(db: Session, add: Callable[..., Account]) -> None:
    disabled, gone = add("alice"), add("bob")
    with write_transaction(db):
        accounts.disable(db, disabled)
        db.delete(gone)
    for account_id in (disabled.id, gone.id, "never was"):
        with pytest.raises(WrongCredentials):
            credentials.redeem(db, PasswordProof(account_id, OLD_HASH))


def test_an_old_hash_is_made_again_at_todays_cost_when_its_owner_signs_in(
    db: Session, add: Callable[..., Account]
) -> None:
    account = add("alice")
    live = start(db, account)
    refusal(db, "alice", "wrong")
    assert account.password_hash == OLD_HASH
    proof = credentials.check_password(db, HASHER, NO_LIMITS, "alice", PASSWORD)
    assert account.password_hash.startswith(f"{password_hasher.METHOD}$")
    assert credentials.redeem(db, proof) is account
    assert HASHER.verify(account.password_hash, PASSWORD)
    db.refresh(live)
    assert live.ended_at is None


def test_an_old_hash_is_not_brought_back_over_a_password_set_meanwhile(
    db: Session, make_session: sessionmaker[Session], add: Callable[..., Account]
) -> None:
    account = add("alice")

    class SlowHasher(PasswordHasher):
        def hash(self, password: str) -> str:
            with make_session() as other, write_transaction(other):
                accounts.set_password(other, other.get_one(Account, account.id), "set meanwhile")
            return f"{password_hasher.METHOD}$x$y"

    refusal(db, "alice", PASSWORD, SlowHasher(slots=1, queue=0))
    db.rollback()
    assert db.scalar(select(Account.password_hash)) == "set meanwhile"


def test_two_sign_ins_at_once_may_both_replace_an_old_hash(
    db: Session, make_session: sessionmaker[Session], add: Callable[..., Account]
) -> None:
    add("alice")

    class SlowHasher(PasswordHasher):
        def hash(self, password: str) -> str:
            with make_session() as other:
                credentials.check_password(other, HASHER, NO_LIMITS, "alice", PASSWORD)
            return super().hash(password)

    proof = credentials.check_password(db, SlowHasher(slots=1, queue=0), NO_LIMITS, "alice", PASSWORD)
    with write_transaction(db):
        assert credentials.redeem(db, proof).name == "alice"


def test_too_many_at_once_is_a_different_error_from_a_wrong_password(
    db: Session, add: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("alice")

    def meanwhile(stored: str, password: str) -> bool:
        with pytest.raises(Busy):
            credentials.check_password(db, HASHER, NO_LIMITS, "alice", PASSWORD)
        return False

    monkeypatch.setattr(password_hasher, "check_password_hash", meanwhile)
    assert refusal(db, "alice", PASSWORD).reason == "wrong password"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda db, account: accounts.set_password(db, account, "another hash"), "password_changed"),
        (accounts.disable, "account_disabled"),
    ],
    ids=["set_password", "disable"],
)
def test_a_new_password_or_a_ban_ends_all_sessions_of_that_account_alone(
    db: Session, add: Callable[..., Account], change: Callable[[Session, Account], None], reason: str
) -> None:
    alice, bob = add("alice"), add("bob")
    hers, his = [start(db, alice), start(db, alice)], start(db, bob)
    with write_transaction(db):
        change(db, alice)
    db.expire_all()
    assert [session.end_reason for session in hers] == [reason] * 2
    assert all(session.ended_at for session in hers)
    assert (his.ended_at, his.end_reason) == (None, None)


def test_an_account_that_is_enabled_again_signs_in_and_its_sessions_stay_ended(
    db: Session, add: Callable[..., Account]
) -> None:
    account = add("alice")
    session = start(db, account)
    with write_transaction(db):
        accounts.disable(db, account)
    with write_transaction(db):
        accounts.enable(db, account)
    db.expire_all()
    assert account.disabled_at is None
    assert credentials.redeem(db, PasswordProof(account.id, OLD_HASH)) is account
    assert session.ended_at is not None


def test_the_overview_counts_live_sessions_and_tells_who_was_seen_last(
    db: Session, add: Callable[..., Account]
) -> None:
    carol, alice, bob = add("carol"), add("alice", roles=["admin"]), add("bob")
    for minutes in (0, 2, 1):
        start(db, alice, NOW + timedelta(minutes=minutes))
    start(db, alice, NOW - timedelta(hours=2), lifetime=3600)
    ended = start(db, alice)
    with write_transaction(db):
        lifecycle.end(db, ended.id, "signed_out")
    start(db, bob, NOW - timedelta(days=1))
    with write_transaction(db):
        accounts.disable(db, bob)

    rows = read_page(db, Listing(), NOW + timedelta(minutes=3)).accounts

    assert [(row.name, row.roles, row.disabled, row.live_sessions, row.last_seen_at) for row in rows] == [
        ("alice", ("admin",), False, 3, NOW + timedelta(minutes=2)),
        ("bob", (), True, 0, NOW - timedelta(days=1)),
        ("carol", (), False, 0, None),
    ]
    assert [row.created_at for row in rows] == [alice.created_at, bob.created_at, carol.created_at]


def test_the_overview_counts_a_session_until_the_moment_that_it_expires(
    db: Session, add: Callable[..., Account]
) -> None:
    start(db, add("alice"), lifetime=60)
    moments = [NOW + timedelta(seconds=59.999), NOW + timedelta(seconds=60)]
    assert [read_page(db, Listing(), moment).accounts[0].live_sessions for moment in moments] == [1, 0]
