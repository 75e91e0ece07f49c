"""Migration 0006: sessions from before it go on, and end with a key that surely signed their token."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import column, insert, inspect, select, table

from daypass.database.models import AuthSession, StoredKey, new_id
from daypass.database.schema import downgrade, migrate
from daypass.database.transactions import write_transaction
from daypass.sessions import dropped_keys
from daypass.web.context import current_db, current_runtime
from tests.conftest import new_session

pytestmark = pytest.mark.each_database


def columns() -> set[str]:
    return {column["name"] for column in inspect(current_runtime().engine).get_columns("sessions")}


def add_old_row(account_id: str) -> str:
    """A session as Daypass wrote it before there was the column."""
    now = datetime.now(UTC)
    values = {
        "id": new_id(), "account_id": account_id, "kind": "browser", "name": "old", "created_at": now,
        "last_seen_at": now, "expires_at": now + timedelta(days=1), "until_at": now + timedelta(days=1),
        "address": "192.0.2.1", "user_agent": "Test",
    }  # fmt: skip
    if current_runtime().engine.dialect.name == "sqlite":
        values |= {name: value.replace(tzinfo=None) for name, value in values.items() if isinstance(value, datetime)}
    with write_transaction(current_db()):
        current_db().execute(insert(table("sessions", *map(column, values))).values(values))
    return str(values["id"])


def test_older_sessions_have_no_key_and_end_with_the_one_that_signed(
    app: Flask, add_account: Callable[..., str]
) -> None:
    account_id = add_account("alice")
    with app.app_context():
        kid = current_runtime().keys.current().signing.kid
        downgrade(current_runtime().engine, "0005")
        assert "kid" not in columns()
        old = add_old_row(account_id)
        current_db().close()
        migrate(current_runtime().engine)
        assert "kid" in columns()
        assert current_db().execute(select(AuthSession.id, AuthSession.kid)).all() == [(old, None)]
        new, _ = new_session(app, account_id)
        with write_transaction(current_db()):
            current_db().get_one(StoredKey, kid).created_at = datetime.now(UTC) - timedelta(hours=1)
        with write_transaction(current_db()):
            assert dropped_keys.drop(current_db(), kid) == 2
        ended = dict(current_db().execute(select(AuthSession.id, AuthSession.end_reason)).all())
        assert ended == {old: "key_dropped", new.session_id: "key_dropped"}
