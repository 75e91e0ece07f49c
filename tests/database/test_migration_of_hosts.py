"""Migration 0005: API tokens from before it keep working, for Daypass's own host."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import column, insert, inspect, table

from daypass.accounts import queries
from daypass.database.models import new_id
from daypass.database.schema import MIGRATIONS, downgrade, migrate
from daypass.database.transactions import write_transaction
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime
from tests.helpers.api_tokens import OWN
from tests.helpers.tokens import bearer_header

pytestmark = pytest.mark.each_database


def previous_revision() -> str:
    """The revision that 0005 follows."""
    script = ScriptDirectory(MIGRATIONS).get_revision("0005")
    return str(script.down_revision)


def old_claims(account_id: str) -> Claims:
    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(days=30)
    return Claims(
        current_runtime().settings.base_url, purposes.API, account_id, new_id(), "alice", (), now, now, end, end
    )


def add_old_row(claims: Claims) -> None:
    """Insert a session as Daypass wrote it before the column existed."""
    values = {
        "id": claims.session_id, "account_id": claims.subject, "kind": "api", "name": "old", "roles": "[]",
        "created_at": claims.auth_time, "last_seen_at": claims.auth_time, "expires_at": claims.expires_at,
        "until_at": claims.until, "address": "192.0.2.1", "user_agent": "Test",
    }  # fmt: skip
    if current_runtime().engine.dialect.name == "sqlite":
        values |= {name: value.replace(tzinfo=None) for name, value in values.items() if isinstance(value, datetime)}
    with write_transaction(current_db()):
        current_db().execute(insert(table("sessions", *map(column, values))).values(values))


def columns() -> set[str]:
    return {column["name"] for column in inspect(current_runtime().engine).get_columns("sessions")}


def test_an_older_api_token_goes_on_for_our_own_host(
    app: Flask, password_hash: str, add_account: Callable[..., str], make_app: Callable[[], Flask]
) -> None:
    account_id = add_account("alice")
    with app.app_context():
        downgrade(current_runtime().engine, previous_revision())
        assert "hosts" not in columns()
        claims = old_claims(account_id)
        add_old_row(claims)
        current_db().close()
        migrate(current_runtime().engine)
        assert "hosts" in columns()
        token = codec.encode(claims, current_runtime().keys.current().signing)
        assert queries.find(current_db(), "alice").id == account_id
    client = make_app().test_client()
    assert client.get("/members", headers=bearer_header(token)).status_code == 200
    assert client.get("/api/me", headers=bearer_header(token)).get_json()["hosts"] == [OWN]
    assert client.get("/account", headers=bearer_header(token)).status_code == 403
