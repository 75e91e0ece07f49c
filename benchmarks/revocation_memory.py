"""Cost of a million ended sessions: memory, load time, time per check.

Run: python -m benchmarks.revocation_memory [SESSIONS]
"""

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from daypass.database.models import Account, AuthSession, new_id
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.tokens.errors import InvalidToken
from daypass.web.context import current_db, current_runtime

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
BATCH = 20_000


def resident_memory() -> float:
    """The resident set size of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def ended_session(account_id: str, now: datetime) -> dict[str, object]:
    """A row of the table of sessions."""
    past = dict.fromkeys(("created_at", "last_seen_at", "ended_at"), now)
    future = dict.fromkeys(("expires_at", "until_at"), now + timedelta(days=1))
    other: dict[str, object] = {
        "kind": "browser",
        "name": "",
        "roles": None,
        "end_reason": "signed_out",
        "address": "",
        "user_agent": "",
    }
    return other | past | future | {"id": new_id(), "account_id": account_id}


def fill(account_id: str) -> None:
    now = datetime.now(UTC)
    for _ in range(0, SESSIONS, BATCH):
        with write_transaction(current_db()):
            current_db().execute(insert(AuthSession), [ended_session(account_id, now) for _ in range(BATCH)])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(read_settings({"DAYPASS_DATABASE_URL": f"sqlite:///{folder}/x.sqlite3"}))
        with app.app_context():
            migrate(current_runtime().engine)
            with write_transaction(current_db()):
                account = Account(name="alice", password_hash="x", roles=[])
                current_db().add(account)
                current_db().flush()
                account_id = account.id
            fill(account_id)
            measure()


def measure() -> None:
    replica, revocations = current_runtime().replica, current_runtime().revocations
    before, started = resident_memory(), time.perf_counter()
    replica.refresh()
    load_seconds, after = time.perf_counter() - started, resident_memory()
    started, rounds = time.perf_counter(), 100_000
    for _ in range(rounds):
        try:
            replica.refresh()
            revocations.check("0" * 32)
        except InvalidToken:
            raise AssertionError("this session has not ended") from None
    check_seconds = (time.perf_counter() - started) / rounds
    cost = f"{after - before:.0f} MiB, loaded in {load_seconds:.1f} s, {check_seconds * 1e6:.1f} µs per check"
    print(f"{len(revocations):,} ended sessions: {cost}")


if __name__ == "__main__":
    main()
