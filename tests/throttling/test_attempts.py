"""Limits on attempts: how many, how soon again, and how many rows."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from daypass import maintenance
from daypass.database.models import Throttle
from daypass.database.transactions import write_transaction
from daypass.throttling import attempts
from daypass.throttling.attempts import Limit
from daypass.throttling.errors import TooManyAttempts
from daypass.throttling.rate import Rate
from daypass.web.context import current_db

pytestmark = pytest.mark.each_database

THREE_AN_HOUR = Rate(3, timedelta(hours=1))
ALICE = Limit("account", "alice", THREE_AN_HOUR)


def take(app: Flask, limit: Limit = ALICE) -> bool:
    with app.app_context(), write_transaction(current_db()):
        return attempts.take(current_db(), limit)


def wait(app: Flask, limit: Limit = ALICE) -> int:
    with app.app_context():
        return attempts.wait(current_db(), limit)


def pass_time(app: Flask, seconds: int) -> None:
    """Move all limits into the past, as if so much time had passed."""
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(update(Throttle).values(full_at=Throttle.full_at - 1000 * seconds))


def rows(app: Flask) -> int:
    with app.app_context():
        return current_db().scalars(select(func.count()).select_from(Throttle)).one()


def test_as_many_attempts_as_the_rate_allows_and_no_more(app: Flask) -> None:
    assert [take(app) for _ in range(5)] == [True, True, True, False, False]


def test_a_refused_attempt_says_how_long_to_wait_and_costs_nothing(app: Flask) -> None:
    for _ in range(3):
        assert wait(app) == 0
        take(app)
    for _ in range(5):
        assert not take(app)
    assert 1195 <= wait(app) <= 1200
    with app.app_context(), pytest.raises(TooManyAttempts) as refused:
        attempts.check(current_db(), ALICE)
    assert (refused.value.status, refused.value.retry_after) == (429, wait(app))
    assert "20 minutes" in refused.value.message


def test_attempts_come_back_one_by_one(app: Flask) -> None:
    for _ in range(3):
        take(app)
    pass_time(app, 1200)
    assert [take(app), take(app)] == [True, False]
    pass_time(app, 24 * 3600)
    assert [take(app) for _ in range(4)] == [True, True, True, False]  # never more than the allowance


def test_parallel_attempts_in_several_processes_never_pass_the_limit(app: Flask, make_app: Callable[[], Flask]) -> None:
    processes = [app, make_app(), make_app()]
    limit = Limit("account", "alice", Rate(5, timedelta(hours=1)))
    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(lambda number: take(processes[number % 3], limit), range(50)))
    assert taken.count(True) == 5


def test_an_attempt_that_is_given_back_can_be_taken_again(app: Flask) -> None:
    for _ in range(3):
        take(app)
    with app.app_context(), write_transaction(current_db()):
        attempts.give_back(current_db(), [ALICE])
    assert [take(app), take(app)] == [True, False]


def test_each_owner_and_kind_has_its_own_limit(app: Flask) -> None:
    others = [Limit("account", "bob", THREE_AN_HOUR), Limit("device", "alice", THREE_AN_HOUR)]
    for _ in range(3):
        take(app)
    assert not take(app)
    assert all(take(app, other) for other in others)


def test_without_a_rate_there_is_no_limit_and_no_row(app: Flask) -> None:
    unlimited = Limit("account", "alice", None)
    assert all(take(app, unlimited) for _ in range(100))
    assert (wait(app, unlimited), rows(app)) == (0, 0)


def test_addresses_fill_a_bounded_table_and_lock_nobody_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_ROWS", 20)
    for number in range(100):
        assert take(app, Limit("address", str(number), THREE_AN_HOUR, unbounded=True))
    assert rows(app) == 20
    assert [take(app) for _ in range(4)] == [True, True, True, False]  # an account's limit is counted nevertheless
    assert [take(app, Limit("address", "0", THREE_AN_HOUR, unbounded=True)) for _ in range(3)] == [True, True, False]


def test_a_full_table_makes_room_when_limits_are_unused_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_ROWS", 20)
    for number in range(20):
        take(app, Limit("address", str(number), THREE_AN_HOUR, unbounded=True))
    pass_time(app, 1200)
    assert [take(app, Limit("address", "new", THREE_AN_HOUR, unbounded=True)) for _ in range(4)][-1] is False


def test_maintenance_deletes_unused_limits_once_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "BATCH", 3)
    for number in range(7):
        take(app, Limit("account", str(number), THREE_AN_HOUR))
    pass_time(app, 1200)
    for _ in range(2):
        take(app)
    with app.app_context():
        assert maintenance.prune_limits(current_db()) == 7
        assert maintenance.prune_limits(current_db()) is None
    assert rows(app) == 1
    assert [take(app), take(app)] == [True, False]


def test_a_server_deletes_unused_limits_by_itself(app: Flask) -> None:
    take(app)
    pass_time(app, 1200)
    maintenance.start(app.extensions["daypass"], pause=lambda: True).join(30)
    assert rows(app) == 0


def test_a_short_period_is_over_soon(app: Flask) -> None:
    limit = Limit("lab", "alice", Rate(2, timedelta(seconds=1)))
    assert [take(app, limit) for _ in range(3)][-1] is False
    time.sleep(1.1)
    assert take(app, limit)
