"""Accounts that their owners have locked, and who may open them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from daypass.accounts import accounts, devices, listing, locking, recovery
from daypass.accounts.errors import AlreadyDisabled, InvalidLink
from daypass.database.models import NEVER_SEEN, Account, AuthSession, Device, database_now
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import new_session

pytestmark = pytest.mark.each_database

LOCKED, DISABLED = "locked", "disabled"


@pytest.fixture
def alice(add_account: Callable[..., str]) -> str:
    """The id of an account."""
    return add_account("alice")


def change(app: Flask, account_id: str, *acts: Callable[[Account], object]) -> None:
    """Do the acts, each in a transaction."""
    for act in acts:
        with app.app_context(), write_transaction(current_db()) as db:
            act(db.get_one(Account, account_id))


def lock(account: Account) -> None:
    locking.lock(current_db(), account)


def disable(account: Account) -> None:
    accounts.disable(current_db(), account)


def enable(account: Account) -> None:
    accounts.enable(current_db(), account)


def state(app: Flask, account_id: str) -> str | None:
    """How the list of accounts shows it; None for an account that can sign in."""
    with app.app_context():
        row = listing.summary(current_db().get_one(Account, account_id), NEVER_SEEN, 0)
    return LOCKED if row.locked else DISABLED if row.disabled else None


def opens(app: Flask, account_id: str) -> bool:
    """Whether a reset link that is created now opens the account."""
    try:
        with app.app_context(), write_transaction(current_db()) as db:
            link_id = recovery.new_link(db.get_one(Account, account_id))
            recovery.reset(db, account_id, link_id, "hash")
    except InvalidLink:
        return False
    return state(app, account_id) is None


def test_a_lock_ends_sessions_and_forgets_devices(app: Flask, alice: str) -> None:
    new_session(app, alice)
    change(app, alice, lambda account: devices.remember(current_db(), account.id, None, datetime.now(UTC)), lock)
    with app.app_context():
        assert [row.end_reason for row in current_db().query(AuthSession)] == ["account_locked"]
        assert current_db().query(Device).count() == 0


def test_a_link_opens_a_locked_account(app: Flask, alice: str) -> None:
    change(app, alice, lock)
    assert state(app, alice) == LOCKED
    assert opens(app, alice)


def test_enabling_opens_a_locked_account(app: Flask, alice: str) -> None:
    change(app, alice, lock, enable)
    assert state(app, alice) is None


@pytest.mark.parametrize(
    "acts", [(disable,), (lock, disable), (lock, enable, disable)], ids=["alone", "after", "much later"]
)
def test_a_link_does_not_open_an_account_that_an_administrator_disabled(
    app: Flask, alice: str, acts: tuple[Callable[[Account], None], ...]
) -> None:
    change(app, alice, *acts)
    assert state(app, alice) == DISABLED
    assert not opens(app, alice)


def test_an_older_node_that_knows_no_locks_can_disable_an_account_for_good(app: Flask, alice: str) -> None:
    """It leaves `locked_at` as it is."""

    def disable_there(account: Account) -> None:
        account.disabled_at = None
        current_db().flush()
        account.disabled_at = database_now()

    change(app, alice, lock, disable_there)
    assert state(app, alice) == DISABLED
    assert not opens(app, alice)


def test_an_account_that_is_disabled_cannot_be_locked(app: Flask, alice: str) -> None:
    change(app, alice, disable)
    with pytest.raises(AlreadyDisabled):
        change(app, alice, lock)
    assert state(app, alice) == DISABLED
    assert not opens(app, alice)


def test_a_lock_revokes_links(app: Flask, alice: str) -> None:
    def prepare(account: Account) -> None:
        account.reset_id, account.confirm_id, account.new_email = "1" * 32, "2" * 32, "intruder@example.org"

    change(app, alice, prepare, lock)
    with app.app_context():
        account = current_db().get_one(Account, alice)
        assert (account.reset_id, account.confirm_id, account.new_email) == (None, None, None)
