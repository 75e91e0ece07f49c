"""Accounts and sessions, written directly into the database of a Daypass server before it starts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import insert, literal, select, text
from sqlalchemy.sql.expression import func

from daypass.database.models import Account, AuthSession, new_id
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.program.app import create_app
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime

DAY = Lifetime(86_400, 86_400)


@dataclass(frozen=True)
class Visitors:
    """The accounts and sessions of one database."""

    app: Flask

    def add_account(self, name: str, password_hash: str = "x") -> str:
        """Create an account and return its id."""
        with self.app.app_context(), write_transaction(current_db()):
            current_db().add(account := Account(name=name, password_hash=password_hash, roles=[]))
            current_db().flush()
            return account.id

    def start_session(self, account_id: str) -> Claims:
        """Start a session that lasts a day."""
        with self.app.app_context(), write_transaction(current_db()):
            account, client = current_db().get_one(Account, account_id), Client("127.0.0.1", "Benchmark/1.0")
            session = lifecycle.start(current_db(), account, client=client, now=datetime.now(UTC), lifetime=DAY)
            return issuing.session_claims(session, account, issuer=current_runtime().settings.base_url)

    def end_session(self, session_id: str) -> None:
        with self.app.app_context(), write_transaction(current_db()):
            lifecycle.end(current_db(), session_id, "signed_out")

    def copy_session(self, claims: Claims, count: int) -> list[Claims]:
        """Add sessions that differ from this one only in their ids."""
        copies = [replace(claims, session_id=new_id()) for _ in range(count)]
        columns = AuthSession.__table__.columns
        with self.app.app_context(), write_transaction(current_db()):
            row = current_db().execute(select(*columns).where(AuthSession.id == claims.session_id)).one()._asdict()
            current_db().execute(insert(AuthSession), [row | {"id": copy.session_id} for copy in copies])
        return copies

    def multiply_session(self, session_id: str, count: int) -> None:
        """Add this many copies with random ids; faster than `copy_session`, which returns them."""
        columns = AuthSession.__table__.columns
        numbers = select(literal(1).label("number")).cte(recursive=True)
        numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < count))
        random_id = func.lower(func.hex(func.randomblob(16)))
        rows = select(*(random_id if column.name == "id" else column for column in columns))
        rows = rows.select_from(AuthSession.__table__.join(numbers, text("1 = 1"))).where(AuthSession.id == session_id)
        with self.app.app_context(), write_transaction(current_db()):
            current_db().execute(insert(AuthSession).from_select([column.name for column in columns], rows))

    def tokens(self, all_claims: Sequence[Claims]) -> list[str]:
        """The signed tokens with these claims."""
        with self.app.app_context():
            signing = current_runtime().keys.current().signing
            return [codec.encode(claims, signing) for claims in all_claims]

    def token(self, claims: Claims) -> str:
        """The signed token with these claims."""
        return self.tokens([claims])[0]


@contextmanager
def visitors(environ: Mapping[str, str]) -> Iterator[Visitors]:
    """The database with these settings, created if there is none, and closed when the `with` block ends."""
    app = create_app(read_settings(environ))
    with app.app_context():
        runtime = current_runtime()
        migrate(runtime.engine)
    try:
        yield Visitors(app)
    finally:
        runtime.close()
