"""How much longer the administrators' pages take with a million accounts than with a thousand.

Run: python -m benchmarks.many_accounts [SMALL_URL LARGE_URL [ACCOUNTS]]

The URLs are of two empty databases; by default SQLite files in a temporary folder. Both databases have the same shares
of accounts with each role, disabled, and with sessions, so that pages show as many rows.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from secrets import token_hex

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, insert, text

from daypass.database.models import Account
from daypass.database.schema import migrate, migrate_to
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.program.app import create_app
from daypass.runtime import Runtime
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.web.context import current_db, current_runtime

SMALL, LARGE = 1_000, 1_000_000  # accounts
BATCH = 20_000  # rows per transaction
ROUNDS = 60  # requests per page and database, by turns
WARM_UP = 5
ADMINISTRATORS = 60  # in both databases; other shares grow with the accounts
BEFORE_LISTS = "0011"  # the revision whose upgrade fills the lists of all accounts at once, faster than triggers
RULES = '[[rule]]\nhost = "docs.example.org"\npath = "/plans/"\nallow = { roles = ["staff"] }\n'
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}

# Every page of administrators. {name}, {id}: of an account in the middle; {at}: when it was created.
PAGES = (
    "/admin",
    "/admin?sort=-name",
    "/admin?sort=-created",
    "/admin?sort=created",
    "/admin?sort=-seen",
    "/admin?sort=seen",
    "/admin?list=role:admin",
    "/admin?list=role:staff&sort=-seen",
    "/admin?list=role:editor&sort=-created",
    "/admin?list=disabled",
    "/admin?list=disabled&sort=-created",
    "/admin?list=unseen",
    "/admin?list=unseen&sort=-created",
    "/admin?after={name}",
    "/admin?sort=created&after={name}&at={at}",
    "/admin?q=u",
    "/admin?q={name}",
    "/admin?q={name}@",
    "/admin/accounts/new",
    "/admin/accounts/{id}",
    "/admin/accounts/{id}/disable",
    "/admin/accounts/{id}/delete",
    "/admin/accounts/{id}/sign-out",
    "/admin/accounts/{id}/roles/remove?role=staff",
    "/admin/sign-out-everybody",
    "/admin/events",
    "/admin/events?account={name}",
    "/admin/keys",
    "/admin/rules",
    "/admin/rules?url=https://docs.example.org/plans/&method=GET",
    "/admin/rules?url=https://docs.example.org/&method=GET",
    "/admin/mails",
    "/admin/invitations",
    "/admin/requests",
    "/admin/guest-links",
)
# It says how many sessions end, and so counts all of them: it takes longer the more there are.
COUNTING_PAGE = "/admin/keys/{kid}/drop"


@dataclass(frozen=True)
class Site:
    """An app with many accounts, and a browser in which an administrator is signed in."""

    client: FlaskClient
    accounts: int
    kid: str  # of the key that signs

    def seconds(self, page: str) -> float:
        """How long a page takes."""
        middle = self.accounts // 2
        at = _created_at(middle).replace(tzinfo=None).isoformat()
        url = page.format(name=_name(middle), id=_id(middle), at=at, kid=self.kid)
        started = time.perf_counter()
        response = self.client.get(url, headers=PAGE)
        taken = time.perf_counter() - started
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status}")
        return taken


@contextmanager
def site(url: str, accounts: int, folder: Path) -> Iterator[Site]:
    """A site with this number of accounts, in an empty database."""
    rules = folder / "rules.toml"
    rules.write_text(RULES)
    environ = {"DAYPASS_DATABASE_URL": url, "DAYPASS_RULES": str(rules), "DAYPASS_SECRET_KEY": token_hex(16)}
    app = create_app(read_settings(environ))
    runtime: Runtime = app.extensions["daypass"]
    try:
        migrate_to(runtime.engine, BEFORE_LISTS)
        with app.app_context():
            fill(accounts)
        migrate(runtime.engine)
        with app.app_context():
            _analyze()
        client = app.test_client()
        client.set_cookie(runtime.settings.cookie_name, _token(app))
        yield Site(client, accounts, runtime.keys.current().signing.kid)
    finally:
        runtime.close()


def fill(accounts: int) -> None:
    """Insert accounts, and a session of every second one."""
    _insert(Account.metadata.tables["accounts"], map(_account, range(accounts)))
    _insert(Account.metadata.tables["sessions"], map(_session, range(0, accounts, 2)))


def _analyze() -> None:
    """Count what is in the tables, for the planner: PostgreSQL itself does so within a minute."""
    if current_db().get_bind().dialect.name == "postgresql":
        with write_transaction(current_db()):
            current_db().execute(text("SET LOCAL statement_timeout = 0"))
            current_db().execute(text("ANALYZE"))


def _insert(table: Table, rows: Iterator[dict[str, object]]) -> None:
    while batch := list(islice(rows, BATCH)):
        with write_transaction(current_db()):
            current_db().execute(insert(table), batch)


def _id(number: int) -> str:
    return f"{number:032x}"


def _name(number: int) -> str:
    return f"user{number:07}"


def _created_at(number: int) -> datetime:
    return EPOCH + timedelta(seconds=number)


def _account(number: int) -> dict[str, object]:
    roles = ["staff"] + ["editor"] * (number % 10 == 0) + ["admin"] * (number < ADMINISTRATORS)
    address = f"{_name(number)}@example.org"
    return {
        "id": _id(number), "name": _name(number), "password_hash": "x", "roles": roles,
        "created_at": _created_at(number), "disabled_at": EPOCH if number % 10 == 9 else None,
        "email": address, "email_key": address,
    }  # fmt: skip


def _session(number: int) -> dict[str, object]:
    seen, until = EPOCH + timedelta(seconds=number), datetime.now(UTC) + timedelta(days=1)
    return {
        "id": _id(number), "account_id": _id(number), "kind": "browser", "name": "", "created_at": seen,
        "last_seen_at": seen, "expires_at": until, "until_at": until, "address": "192.0.2.1", "user_agent": "",
    }  # fmt: skip


def _token(app: Flask) -> str:
    """A token of the first account, an administrator."""
    with app.app_context():
        runtime, signing = current_runtime(), current_runtime().keys.current().signing
        with write_transaction(current_db()) as db:
            account, client = db.get_one(Account, _id(0)), Client("192.0.2.1", "benchmark")
            lifetime = Lifetime(86_400, 86_400)
            session = lifecycle.start(db, account, client=client, now=datetime.now(UTC), lifetime=lifetime)
            claims = issuing.session_claims(session, account, issuer=runtime.settings.base_url)
        return codec.encode(claims, signing)


def compare(small: Site, large: Site, rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """The shortest times of each page, in seconds: with few and with many accounts.

    The shortest, because whatever else runs on the machine only makes a request slower.
    """
    found = {}
    for page in (*PAGES, COUNTING_PAGE):
        times = [(small.seconds(page), large.seconds(page)) for _ in range(rounds + WARM_UP)][WARM_UP:]
        found[page] = (min(few for few, _ in times), min(many for _, many in times))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        urls = sys.argv[1:3] or [f"sqlite:///{folder}/{name}.sqlite3" for name in ("small", "large")]
        accounts = int(sys.argv[3]) if len(sys.argv) > 3 else LARGE
        with site(urls[0], SMALL, Path(folder)) as small, site(urls[1], accounts, Path(folder)) as large:
            found = compare(small, large)
    print(f"{'page':64} {SMALL:>10,} {accounts:>10,}  ratio")
    for page, (few, many) in found.items():
        print(f"{page:64} {few * 1000:7.2f} ms {many * 1000:7.2f} ms {many / few:6.2f}")
    largest = max(found[page][1] / found[page][0] for page in PAGES)
    print(f"largest ratio, except where sessions are counted: {largest:.2f}")


if __name__ == "__main__":
    main()
