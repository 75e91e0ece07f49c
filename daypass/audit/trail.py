"""The audit trail of one process: writes each event to the log, and to the database."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.audit import chain, log
from daypass.audit.entry import Entry, Facts, Outcome, new_entry
from daypass.audit.errors import BrokenTrail
from daypass.audit.events import Event
from daypass.audit.refusals import RefusalCounts
from daypass.database.transactions import after_commit, in_write_transaction, write_transaction

FLUSH_SECONDS = 1.0
MAX_UNWRITTEN = 1000  # successes that wait for a database that failed

server_log = logging.getLogger("daypass")


class AuditTrail:
    """Successes are stored at once. Refusals are counted, and stored by a thread every second.

    One object per process, shared by all threads. A database that fails never fails the request: the log has the event.
    """

    def __init__(self, session_factory: sessionmaker[Session], secret_keys: Sequence[str]) -> None:
        self._session_factory = session_factory
        self._secret_keys = secret_keys
        self._refusals = RefusalCounts()
        self._unwritten: deque[Entry] = deque(maxlen=MAX_UNWRITTEN)
        self._flushing = threading.Lock()
        self._observers: list[Callable[[Entry], None]] = []

    def record(self, event: Event, outcome: Outcome, **facts: str | None) -> None:
        """Record an event. Never pass a password or a token.

        Raises RuntimeError for a success inside a write transaction, for which SQLite would wait.
        """
        entry = new_entry(event, outcome, facts)
        self._announce(entry)
        if not entry.is_success:
            self._refusals.add(entry)
            return
        if in_write_transaction():
            raise RuntimeError(f"the event {event} was recorded inside a write transaction")
        if not self._store([entry]):
            self._unwritten.append(entry)

    def record_with(self, db: Session, event: Event, **facts: str | None) -> None:
        """Record a success in the write transaction of the act, which saves a second one.

        It is recorded if that transaction commits. An event that cannot be stored does not prevent the act.
        """
        self.record_all_with(db, event, [facts])

    def record_all_with(self, db: Session, event: Event, facts: Sequence[Facts]) -> None:
        """Record several successes as `record_with` does, each by its facts."""
        entries = [new_entry(event, "success", each) for each in facts]
        db.flush()  # before the savepoint, so that only the events are rolled back to it
        is_stored = self._append(db, db.connection().begin_nested(), entries)
        for entry in entries:
            after_commit(db, partial(self._announce, entry))
        if not is_stored:
            after_commit(db, partial(self._unwritten.extend, entries))

    def _announce(self, entry: Entry) -> None:
        log.write(entry)
        for observer in self._observers:
            observer(entry)

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Call the observer at every event, including those that the log leaves out in a flood."""
        self._observers.append(observer)

    def flush(self, *, everything: bool = False) -> None:
        """Store the refusals counted so far, and what could not be stored before."""
        with self._flushing:
            successes = [self._unwritten.popleft() for _ in range(len(self._unwritten))]
            refusals = self._refusals.take(everything=everything)
            if successes + refusals and not self._store(successes + refusals):
                self._unwritten.extend(successes)
                self._refusals.put_back(refusals)

    def start(self, pause: Callable[[], bool] | None = None) -> threading.Thread:
        """Start a daemon thread that flushes every second.

        pause: waits until the next time, and returns True to end the thread.
        """
        pause = pause or partial(threading.Event().wait, FLUSH_SECONDS)

        def run() -> None:
            while not pause():
                self._flush_in_thread()

        thread = threading.Thread(target=run, name="audit trail", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Store everything, because the process or the command ends."""
        self.flush(everything=True)

    def _flush_in_thread(self) -> None:
        try:
            self.flush()
        except Exception:
            server_log.exception("the audit trail could not be written; the next attempt is in a second")

    def _store(self, entries: Sequence[Entry]) -> bool:
        """Store entries in a transaction of their own; False if that should be tried again."""
        with self._session_factory() as db:
            return self._append(db, write_transaction(db), entries)

    def _append(self, db: Session, transaction: AbstractContextManager[object], entries: Sequence[Entry]) -> bool:
        """Store entries in this transaction or savepoint; False if that should be tried again."""
        try:
            with transaction:
                chain.append(db, [entry.row() for entry in entries], self._secret_keys)
        except BrokenTrail as error:
            server_log.error("%d events are only in the log. %s Run: daypass audit verify", len(entries), error.reason)
        except DataError:
            server_log.exception("the database rejected %d events; they are only in the log", len(entries))
        except SQLAlchemyError as error:
            server_log.warning("%d events could not be stored yet: %s", len(entries), type(error).__name__)
            return False
        return True
