"""The SQL statements of an app."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from daypass.web.context import current_runtime


@contextmanager
def counted_statements(app: Flask) -> Iterator[list[str]]:
    """The statements that this thread executes with the app's engine inside a `with` block."""
    statements: list[str] = []
    thread = threading.get_ident()
    with app.app_context():
        engine = current_runtime().engine

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if threading.get_ident() == thread:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
