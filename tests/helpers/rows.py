"""All rows of a database, for comparisons, and rows in every table."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    insert,
    select,
)
from sqlalchemy.orm import Session

from daypass.audit.events import Event
from daypass.database.event_models import EventRow
from daypass.database.models import (
    Account,
    AuthSession,
    Base,
    Chore,
    Device,
    FormerName,
    Instant,
    Mail,
    Setup,
    StoredKey,
    Throttle,
    new_id,
)
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.web.context import current_db

EARLIER = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
LATER = datetime(2126, 3, 4, 5, 6, 7, 0, tzinfo=UTC)

OF_COMMANDS = (Event.BACKUP_CREATED, Event.BACKUP_RESTORED, Event.DATABASE_COPIED, Event.ACCOUNT_CREATED)

FILLED_BY_THE_APP = (StoredKey.__tablename__, EventRow.__tablename__)

Rows = dict[str, list[dict[str, Any]]]


def all_rows(engine: Engine) -> Rows:
    """The rows of every table, sorted by primary key; without what a command records about itself."""
    with engine.connect() as connection:
        found = {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }
    found["events"] = [row for row in found["events"] if row["event"] not in OF_COMMANDS]
    del found["event_chain"]  # its end follows every event
    return found


def add_rows_of_every_kind(app: Flask) -> None:
    """Insert rows into every table, with values and NULL in every column that may be NULL."""
    with app.app_context(), write_transaction(current_db()) as db:
        account = Account(name="älice", password_hash="x", roles=["admin", "é\u2028"], created_at=EARLIER)
        db.add_all(
            [account, Account(name="bob", password_hash="y", roles=[], disabled_at=EARLIER, requested_at=EARLIER)]
        )
        db.flush()
        db.add_all([_session(account.id, ["admin"], ["docs.example.org"]), _session(None, None, None)])
        db.add(Device(account_id=account.id, created_at=EARLIER, last_used_at=LATER))
        db.add(FormerName(name="carol", deleted_at=EARLIER))
        db.add(Throttle(key="address 192.0.2.1", full_at=2**45))
        db.add(Chore(name="prune", done_at=EARLIER))
        db.add_all([_mail(account.id, state) for state in ("sent", "failed")])
        db.get_one(Setup, 1).done_at = EARLIER
        db.flush()
        for table in Base.metadata.sorted_tables:
            if table.name not in FILLED_BY_THE_APP:
                fill_if_empty(db.connection(), table)
        account_id = account.id
    runtime: Runtime = app.extensions["daypass"]
    runtime.audit.record(Event.SIGN_IN, "success", account=account_id, address="192.0.2.1", user_agent="Tést")
    runtime.audit.record(Event.SIGN_UP, "failure")
    runtime.audit.close()


def _mail(account_id: str, state: str) -> Mail:
    return Mail(
        channel="mail",
        kind="reset",
        account_id=account_id,
        recipient="älice@example.org",
        link_id="f" * 32 if state == "sent" else None,
        facts={"browser": "Tést"},
        state=state,
        attempts=2,
        created_at=EARLIER,
        next_attempt_at=EARLIER,
        finished_at=LATER,
        last_error="550 refused" if state == "failed" else None,
    )


def fill_if_empty(connection: Connection, table: Table) -> bool:
    """Insert a row with a value of the type of each column, unless the table has rows. Returns whether it did."""
    if connection.execute(select(table)).first() is not None:
        return False
    connection.execute(insert(table), {column.name: typed_value(connection, column) for column in table.columns})
    return True


def typed_value(connection: Connection, column: Column[Any]) -> object:
    """A value of the column's type; that of an existing row for a foreign key."""
    for foreign_key in column.foreign_keys:
        return connection.scalar(select(foreign_key.column).limit(1))
    match column.type:
        case Instant():
            return EARLIER
        case Boolean():
            return True
        case Integer() | Numeric():
            return 1
        case JSON():
            return ["x"]
        case LargeBinary():
            return b"x"
    return "x"


def _session(account_id: str | None, roles: list[str] | None, hosts: list[str] | None) -> AuthSession:
    return AuthSession(
        account_id=account_id,
        kind="api" if hosts else "browser",
        roles=roles,
        hosts=hosts,
        kid=None if hosts else "k1",
        created_at=EARLIER,
        last_seen_at=EARLIER,
        expires_at=LATER,
        until_at=LATER,
        address="192.0.2.1",
        ended_at=None if hosts else EARLIER,
        end_reason=None if hosts else "signed_out",
        user_agent="Tést \"'%s:x",
    )


def add_many_sessions(db: Session, count: int) -> None:
    """Insert active sessions without an account."""
    row = {
        "account_id": None, "kind": "browser", "created_at": EARLIER, "last_seen_at": EARLIER, "expires_at": LATER,
        "until_at": LATER, "address": "192.0.2.1", "user_agent": "x" * 200,
    }  # fmt: skip
    db.execute(insert(AuthSession), [row | {"id": new_id()} for _ in range(count)])
