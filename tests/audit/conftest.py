"""Fixtures of the tests of the audit trail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from daypass.audit.errors import BrokenTrail
from daypass.audit.events import Event
from daypass.audit.queries import EventFilter, iterate
from daypass.audit.trail import AuditTrail
from daypass.audit.verification import Verified, verify
from daypass.database.event_models import EventRow
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from tests.conftest import SECRET_KEY


class StoredTrail:
    """The stored trail of an app, as tests look at it and tamper with it."""

    def __init__(self, app: Flask) -> None:
        self.runtime: Runtime = app.extensions["daypass"]

    @property
    def trail(self) -> AuditTrail:
        return self.runtime.audit

    @contextmanager
    def database(self) -> Iterator[Session]:
        with self.runtime.session_factory() as db:
            yield db

    def add(self, count: int, event: Event = Event.SIGN_IN) -> None:
        """Record this many successes."""
        for number in range(count):
            self.trail.record(event, "success", account=f"{number:032}", address="192.0.2.1", session="s")

    def rows(self) -> list[EventRow]:
        with self.database() as db:
            return list(iterate(db, EventFilter()))

    def execute(self, statement: str, **values: object) -> None:
        """Change the database behind Daypass's back."""
        with self.database() as db, write_transaction(db):
            db.execute(text(statement), values)

    def verify(self, *secret_keys: str) -> Verified:
        with self.database() as db:
            return verify(db, secret_keys or (SECRET_KEY,))

    def problem(self) -> str | None:
        """What verification says is wrong, or None."""
        try:
            self.verify()
        except BrokenTrail as error:
            return error.reason
        return None


@pytest.fixture
def stored(app: Flask) -> StoredTrail:
    return StoredTrail(app)


@pytest.fixture
def another(make_app: Callable[[], Flask], app: Flask) -> StoredTrail:
    """The trail of a second process on the same database."""
    return StoredTrail(make_app())
