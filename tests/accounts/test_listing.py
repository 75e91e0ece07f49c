"""The list of accounts: what is in which list, in which order, page by page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from daypass.accounts import accounts, email, listing, roles
from daypass.accounts.listing import ADDRESSES, ALL, DISABLED, PAGE_SIZE, UNSEEN, Listing, Sort, read_page, search
from daypass.database.models import NEVER_SEEN, Account, AuthSession, ListedAccount, new_id
from daypass.database.transactions import write_transaction
from daypass.sessions.activity import record_activity
from daypass.web.context import current_db
from tests.conftest import new_session

pytestmark = pytest.mark.each_database

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def db(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield current_db()


def names(db: Session, which: Listing) -> list[str]:
    """The names on all pages of a list, each page beginning where the one before said."""
    db.rollback()  # other sessions have written since
    found, after = list[str](), which.after
    while True:
        page = read_page(db, Listing(which.list, which.prefix, which.sort, which.descending, after), NOW)
        found += [account.name for account in page.accounts]
        if page.next is None:
            return found
        assert len(page.accounts) == PAGE_SIZE
        after = page.next


def change(db: Session, account_id: str, act: Callable[[Session, Account], object]) -> None:
    with write_transaction(db):
        act(db, db.get_one(Account, account_id))


def test_names_are_sorted_as_bytes_in_every_database(db: Session, add_account: Callable[..., str]) -> None:
    for name in ("bob", "b-b", "b.b", "b_b", "b0b", "alice"):
        add_account(name)
    assert names(db, Listing()) == ["alice", "b-b", "b.b", "b0b", "b_b", "bob"]
    assert names(db, Listing(descending=True)) == ["bob", "b_b", "b0b", "b.b", "b-b", "alice"]


def add_people(db: Session, count: int) -> None:
    """Accounts of which three each were created and seen at the same time."""
    with write_transaction(db):
        for number in range(count):
            person = Account(
                id=new_id(), name=f"person{number:03}", password_hash="x", roles=["staff"],
                created_at=NOW + timedelta(days=number // 3),
            )  # fmt: skip
            db.add(person)
            db.flush()
            db.execute(
                update(ListedAccount)
                .where(ListedAccount.account_id == person.id)
                .values(last_seen_at=NOW - timedelta(days=number // 3))
            )


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("which", [ALL, "role:staff", UNSEEN])
def test_every_account_is_on_one_page_also_where_times_are_equal(
    db: Session, which: str, sort: Sort, descending: bool
) -> None:
    add_people(db, 2 * PAGE_SIZE + 1)
    found = names(db, Listing(which, sort=sort, descending=descending))
    everybody = [f"person{number:03}" for number in range(2 * PAGE_SIZE + 1)]
    assert sorted(found) == everybody
    ascending = {Sort.NAME: everybody, Sort.CREATED: everybody}.get(sort)
    if ascending:
        assert found == (ascending[::-1] if descending else ascending)


def test_an_account_that_vanishes_between_two_pages_moves_no_other(db: Session) -> None:
    add_people(db, PAGE_SIZE + 3)
    first = read_page(db, Listing(), NOW)
    with write_transaction(db):
        for account in first.accounts[-2:]:
            db.delete(db.get_one(Account, account.id))
    second = read_page(db, Listing(after=first.next), NOW)
    assert [account.name for account in second.accounts] == [f"person{PAGE_SIZE + number:03}" for number in range(3)]


def test_lists_follow_roles_disabling_and_deletion(db: Session, add_account: Callable[..., str]) -> None:
    add_account("alice", ["admin"])
    bob = add_account("bob", ["editor", "staff"])
    assert [names(db, Listing(f"role:{role}")) for role in ("admin", "editor", "none")] == [["alice"], ["bob"], []]
    change(db, bob, lambda db, account: accounts.set_roles(db, account, ["admin", "new"]))
    assert [names(db, Listing(f"role:{role}")) for role in ("admin", "editor", "new")] == [
        ["alice", "bob"],
        [],
        ["bob"],
    ]
    assert roles.in_use(db) == ["admin", "new"]
    change(db, bob, accounts.disable)
    assert names(db, Listing(DISABLED)) == ["bob"]
    change(db, bob, accounts.enable)
    assert names(db, Listing(DISABLED)) == []
    change(db, bob, accounts.delete)
    assert [names(db, Listing(which)) for which in (ALL, "role:admin", "role:new")] == [["alice"], ["alice"], []]
    assert db.scalars(select(ListedAccount.list).where(ListedAccount.account_id == bob)).all() == []


def test_who_never_signed_in_is_listed_until_the_first_session(
    app: Flask, db: Session, add_account: Callable[..., str]
) -> None:
    alice, _ = add_account("alice", ["admin"]), add_account("bob")
    assert names(db, Listing(UNSEEN)) == ["alice", "bob"]
    new_session(app, alice)
    assert names(db, Listing(UNSEEN)) == ["bob"]
    change(db, alice, lambda db, account: accounts.set_roles(db, account, ["admin", "staff"]))
    assert names(db, Listing(UNSEEN)) == ["bob"], "nothing brings alice back"
    seen = {account.name: account.last_seen_at for account in read_page(db, Listing(), NOW).accounts}
    assert seen["bob"] is None
    assert seen["alice"] is not None
    assert names(db, Listing(sort=Sort.SEEN, descending=True)) == ["alice", "bob"]


def test_activity_moves_an_account_in_every_list(app: Flask, db: Session, add_account: Callable[..., str]) -> None:
    alice, bob = add_account("alice", ["staff"]), add_account("bob", ["staff"])
    of_alice, _ = new_session(app, alice)
    new_session(app, bob)
    later = datetime.now(UTC) + timedelta(hours=1)
    with write_transaction(db):
        record_activity(db, [of_alice.session_id], later)
    for which in (ALL, "role:staff"):
        assert names(db, Listing(which, sort=Sort.SEEN, descending=True)) == ["alice", "bob"]
    assert listing.last_seen(db, alice) == later


def test_a_trial_of_the_attack_gallery_is_no_sign_in(app: Flask, db: Session, add_account: Callable[..., str]) -> None:
    alice = add_account("alice")
    times = dict.fromkeys(("created_at", "last_seen_at", "expires_at", "until_at"), NOW)
    with write_transaction(db):
        db.add(AuthSession(account_id=alice, kind="trial", address="", user_agent="", **times))
    assert names(db, Listing(UNSEEN)) == ["alice"]


def test_the_last_sight_is_kept_when_the_session_is_deleted(
    app: Flask, db: Session, add_account: Callable[..., str]
) -> None:
    alice = add_account("alice")
    claims, _ = new_session(app, alice)
    before = listing.last_seen(db, alice)
    assert before > NEVER_SEEN
    with write_transaction(db):
        db.delete(db.get_one(AuthSession, claims.session_id))
    assert listing.last_seen(db, alice) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("al", ["alan", "alice"]),
        (" ALI ", ["alice"]),
        ("alice", ["alice"]),
        ("lice", []),
        ("%", []),
        ("a_", []),
        ("Boss@", ["bob"]),
        ("boss@example.org", ["bob"]),
        ("@", []),
        ("bo\u00df@", []),
    ],
)
def test_a_search_finds_names_and_addresses_by_their_beginning(
    db: Session, add_account: Callable[..., str], text: str, found: list[str]
) -> None:
    for name in ("alice", "alan"):
        add_account(name)
    change(db, add_account("bob"), lambda db, account: email.set_address(db, account, "Boss@Example.org"))
    assert names(db, search(text)) == found


def test_an_address_that_was_removed_is_not_found(db: Session, add_account: Callable[..., str]) -> None:
    bob = add_account("bob")
    change(db, bob, lambda db, account: email.set_address(db, account, "bob@example.org"))
    assert names(db, Listing(ADDRESSES)) == ["bob"]
    change(db, bob, lambda db, account: email.set_address(db, account, None))
    assert names(db, Listing(ADDRESSES)) == []
