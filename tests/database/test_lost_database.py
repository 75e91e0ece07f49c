"""A lost database is not a busy one: only a lost one starts the grace period."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from daypass.database.errors import is_lost
from daypass.database.models import database_now
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from tests.conftest import Person


@contextmanager
def exhausted_pool(engine: Engine) -> Iterator[None]:
    """Take every connection of the pool for a `with` block; nobody waits for one."""
    pool = engine.pool
    pool._timeout = 0.01  # type: ignore[attr-defined]
    taken = []
    try:
        while True:
            taken.append(engine.connect())
    except SQLAlchemyError:
        yield
    finally:
        for connection in taken:
            connection.close()


def test_a_token_that_was_not_confirmed_yet_is_refused_while_the_pool_is_exhausted(
    app: Flask, sign_in: Callable[..., Person]
) -> None:
    alice, runtime = sign_in("alice"), app.extensions["daypass"]
    runtime.replica.refresh()
    with exhausted_pool(runtime.engine):
        assert alice.client.get("/members").status_code == 503
    assert alice.client.get("/members").status_code == 200


def test_a_pool_that_is_exhausted_is_not_a_lost_database(app: Flask) -> None:
    engine = app.extensions["daypass"].engine
    with exhausted_pool(engine), pytest.raises(SQLAlchemyError) as found:
        engine.connect()
    assert not is_lost(found.value)


def test_a_locked_database_is_not_a_lost_one(app: Flask, make_app: Callable[[], Flask]) -> None:
    runtime, other = app.extensions["daypass"], make_app().extensions["daypass"]
    with runtime.session_factory() as holder, write_transaction(holder), other.session_factory() as waiter:
        waiter.execute(text("PRAGMA busy_timeout = 1"))
        with pytest.raises(SQLAlchemyError) as found, write_transaction(waiter):
            pass
    assert not is_lost(found.value)


def test_a_file_that_cannot_be_opened_is_a_lost_database(make_app: Callable[[], Flask]) -> None:
    runtime: Runtime = make_app().extensions["daypass"]
    file = runtime.engine.url.database or ""
    with open(file, "wb") as garbage:
        garbage.write(b"garbage " * 1024)
    with pytest.raises(SQLAlchemyError) as found, runtime.session_factory() as db:
        db.scalar(database_now())
    assert is_lost(found.value)


@pytest.mark.parametrize(
    ("statement", "lost"),
    [("SELECT pg_terminate_backend(pg_backend_pid())", True), ("SELECT pg_sleep(30)", False), ("SELECT 1/0", False)],
)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql_a_closed_connection_is_lost_and_a_slow_or_wrong_statement_is_not(
    app: Flask, statement: str, lost: bool
) -> None:
    runtime: Runtime = app.extensions["daypass"]
    with pytest.raises(SQLAlchemyError) as found, runtime.session_factory() as db:
        db.execute(text("SET statement_timeout = 50"))
        db.execute(text(statement))
    assert is_lost(found.value) == lost
