"""Audit events of commands: they have no request, and `by` is the terminal."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from daypass.audit.events import Event
from daypass.cli.command_context import current_runtime

TERMINAL_FACTS: dict[str, str | None] = {"address": None, "path": None, "request": None, "by": "terminal"}


def record(event: Event, **facts: str | None) -> None:
    """Record a success. Never pass a password or a token. Call it after the act, outside of write transactions."""
    current_runtime().audit.record(event, "success", **TERMINAL_FACTS | facts)


def record_with(db: Session, event: Event, **facts: str | None) -> None:
    """Record a success in the write transaction of the act. Never pass a password or a token."""
    current_runtime().audit.record_with(db, event, **TERMINAL_FACTS | facts)


def record_all_with(db: Session, event: Event, facts: Sequence[dict[str, str | None]]) -> None:
    """Record several successes as `record_with` does, each by its facts."""
    current_runtime().audit.record_all_with(db, event, [TERMINAL_FACTS | each for each in facts])
