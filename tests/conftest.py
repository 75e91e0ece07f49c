"""Fixtures of all tests: apps with a database, accounts and clients."""

import gc
import json
import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from daypass.accounts import accounts, password_hasher
from daypass.accounts.setup_link import create_setup_link
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.gate import Credentials, Pass
from daypass.net.client import Client
from daypass.program.app import create_app
from daypass.runtime import Runtime
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.tokens.claims import Claims, Token
from daypass.web.context import current_db, current_runtime
from tests.helpers.compiled_code import keep_compiled_code
from tests.helpers.postgres import INSTALL_HINT, Postgres, is_installed, running_postgres
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.rounds import rounds
from tests.helpers.tokens import bearer_header
from tests.leaks.databases import record_rows

pytest_plugins = ["tests.leaks.plugin"]

PASSWORD = "hazel lantern 7 quiet river"
CHEAP_METHOD = "scrypt:1024:8:1"
SECRET_KEY = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}

keep_compiled_code()
hypothesis.settings.register_profile("daypass", deadline=None, max_examples=rounds(full=100, quick=25))
hypothesis.settings.load_profile("daypass")


@pytest.fixture
def unsearched_folder() -> Iterator[Path]:
    """A folder outside of pytest's own, which the search for secrets of the whole suite does not read.

    It is deleted after the test.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Override pytest-flask, which would keep a request context for a whole test."""


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at a hundredth of their cost. Modules whose tests are about the cost override this fixture."""
    dummy = password_hasher.DUMMY_HASH.replace(password_hasher.METHOD, CHEAP_METHOD)
    monkeypatch.setattr(password_hasher, "DUMMY_HASH", dummy)
    monkeypatch.setattr(password_hasher, "METHOD", CHEAP_METHOD)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """A cheap hash of PASSWORD."""
    return generate_password_hash(PASSWORD, CHEAP_METHOD)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of all tests; each test creates its own database in it."""
    if not is_installed():
        skip_or_fail(INSTALL_HINT)
    with running_postgres() as server:
        server.execute(f"CREATE DATABASE {server.template}")
        migrate_database(server.url(server.template))
        yield server


def migrate_database(url: str) -> None:
    """Migrate a database to the current schema, then close it."""
    app = create_app(read_settings({"DAYPASS_DATABASE_URL": url, "DAYPASS_SECRET_KEY": SECRET_KEY}))
    with app.app_context():
        migrate(current_runtime().engine)
    close_app(app)


def close_app(app: Flask) -> None:
    """Close an app's database connections and threads.

    No context of the app may still use them.
    """
    runtime: Runtime = app.extensions["daypass"]
    runtime.close()
    # SQLAlchemy's mappers keep references to up to 100 engines each, and an engine's compiled statements are large
    runtime.engine.clear_compiled_cache()


def pytest_collection_finish() -> None:
    exempt_from_collections()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path != item.path:
        exempt_from_collections()


def exempt_from_collections() -> None:
    """Exempt all objects that exist now from garbage collection.

    Most of them are modules, tests and reports, which stay until the end. After some thousand tests, each full
    collection would need seconds to look at them.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape lone surrogates in reports, which pytest-xdist cannot send."""
    return escaped((yield))


def escaped(value: Any) -> Any:
    """A copy of a report (strings, lists, tuples, dicts) with lone surrogates escaped."""
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case list() | tuple():
            return type(value)(escaped(item) for item in value)
        case dict():
            return {escaped(name): escaped(item) for name, item in value.items()}
    return value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked `each_database` on SQLite and on PostgreSQL."""
    if metafunc.definition.get_closest_marker("each_database"):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database: SQLite, unless the test is marked `each_database`.

    The SQLite file is created by the fixture `app`.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/daypass.sqlite3"
    else:
        yield from postgres_database(request.getfixturevalue("postgres"))


def postgres_database(postgres: Postgres) -> Iterator[str]:
    """Create a migrated database; yields its URL and drops it afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {postgres.template}")
    yield postgres.url(name)
    record_rows(postgres.url(name))
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """The settings of the test's app.

    A test may override this fixture to change them.
    """
    return {
        "DAYPASS_DATABASE_URL": database_url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_WORKERS": "1",
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return read_settings(environ)


@pytest.fixture
def make_app(settings: Settings) -> Iterator[Callable[[], Flask]]:
    """Create apps that share a database but no memory, like processes."""
    apps: list[Flask] = []

    def make() -> Flask:
        apps.append(create_app(settings))
        return apps[-1]

    yield make
    for app in apps:
        close_app(app)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite database, created once: migrating takes 0.1 s."""
    path = tmp_path_factory.mktemp("template") / "daypass.sqlite3"
    migrate_database(f"sqlite:///{path}")
    return path


@pytest.fixture
def app(make_app: Callable[[], Flask], settings: Settings, sqlite_template: Path) -> Flask:
    """An app whose database has the current schema."""
    if settings.database_url.get_backend_name() == "sqlite":
        shutil.copy(sqlite_template, settings.database_url.database or "")
    return make_app()


def create_account(app: Flask, password_hash: str, name: str, roles: Sequence[str] = ()) -> str:
    """Create an account and return its id."""
    with app.app_context(), write_transaction(current_db()):
        return accounts.create(current_db(), name, password_hash, roles).id


@dataclass(frozen=True)
class Person:
    """A signed-in user: claims, token, and a client with the token as cookie."""

    claims: Claims
    token: str
    client: FlaskClient

    @property
    def bearer_header(self) -> dict[str, str]:
        return bearer_header(self.token)


@pytest.fixture
def add_account(app: Flask, password_hash: str) -> Callable[..., str]:
    """Create an account with PASSWORD and return its id."""

    def add(name: str, roles: list[str] | None = None) -> str:
        return create_account(app, password_hash, name, roles or [])

    return add


@pytest.fixture
def sign_in(app: Flask, add_account: Callable[..., str]) -> Callable[..., Person]:
    """Start a session without the sign-in form.

    Creates the account first if it does not exist.
    """
    account_ids: dict[str, str] = {}

    def sign_in(
        name: str, roles: list[str] | None = None, *, age: timedelta = timedelta(0), keep: bool = False
    ) -> Person:
        if name not in account_ids:
            account_ids[name] = add_account(name, roles)
        claims, token = new_session(app, account_ids[name], age=age, keep=keep)
        client = app.test_client()
        client.set_cookie(app_settings(app).cookie_name, token)
        return Person(claims, token, client)

    return sign_in


@pytest.fixture
def events(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """A function that returns all audit events logged so far."""
    log = logging.getLogger("daypass.events")
    log.addHandler(caplog.handler)
    yield lambda: [json.loads(record.getMessage()) for record in caplog.records if record.name == log.name]
    log.removeHandler(caplog.handler)


def verify_token(app: Flask, text: str) -> Token:
    """The token as parsed by the gate, which must accept it."""
    runtime: Runtime = app.extensions["daypass"]
    verdict = runtime.gate.verdict(Credentials(bearer=text), datetime.now(UTC))
    assert isinstance(verdict, Pass), verdict
    return verdict.token


def setup_code(app: Flask, publish: Callable[[str], None] | None = None) -> str | None:
    """Create a set-up link and return its code; None if set-up is already complete."""
    with app.app_context():
        runtime = current_runtime()
        link = create_setup_link(current_db(), runtime.settings, publish)
    return link.partition("code=")[2] if link else None


def app_settings(app: Flask) -> Settings:
    with app.app_context():
        return current_runtime().settings


def new_session(
    app: Flask, account_id: str, *, age: timedelta = timedelta(0), keep: bool = False
) -> tuple[Claims, str]:
    """Start a session that is `age` old; returns its claims and its first token."""
    with app.app_context():
        settings, signing = current_runtime().settings, current_runtime().keys.current().signing
        client, started = Client("192.0.2.1", "Test"), datetime.now(UTC) - age
        kept = Lifetime(settings.idle_lifetime, settings.absolute_lifetime)
        lifetime = kept if keep else Lifetime(settings.token_lifetime, settings.token_lifetime)
        with write_transaction(current_db()):
            account = current_db().get_one(Account, account_id)
            session = lifecycle.start(current_db(), account, client=client, now=started, lifetime=lifetime)
            claims = issuing.session_claims(session, account, issuer=settings.issuer)
        return claims, codec.encode(claims, signing)


def propagation_delay(settings: Settings) -> float:
    """Seconds until every process sees a committed change; 0 on SQLite."""
    return 0 if settings.database_url.get_backend_name() == "sqlite" else POLL_SECONDS
