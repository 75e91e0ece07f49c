"""What all tests share: an app on a database of its own, people, and ways to sign them in."""

import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from daypass.accounts import accounts
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.setup_link import create_setup_link
from daypass.database.change_detector import POLL_SECONDS
from daypass.database.models import Account
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.gate import Credentials, Pass
from daypass.net.client import Client
from daypass.runtime import Runtime
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.tokens.claims import Claims, Token
from daypass.web.context import current_db, current_runtime
from tests.helpers.postgres import HOW, Postgres, is_installed, running_postgres
from tests.helpers.template_cache import MemoryTemplateCache

PASSWORD = "hazel lantern 7 quiet river"
SECRET_KEY = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
TEMPLATES = MemoryTemplateCache()
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """pytest-flask would keep one request context open for a whole test, and `g` with it; none of that here."""


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, made once: each costs a third of a second."""
    return PasswordHasher(slots=1, queue=0).hash(PASSWORD)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of all tests; each makes a database of its own in it."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    with running_postgres() as server:
        server.execute(f"CREATE DATABASE {server.template}")
        up_to_date(server.url(server.template))
        yield server


def up_to_date(url: str) -> None:
    """Bring a database up to date and let go of it."""
    app = create_app(read_settings({"DAYPASS_DATABASE_URL": url, "DAYPASS_SECRET_KEY": SECRET_KEY}))
    with app.app_context():
        migrate(current_runtime().engine)
    let_go(app)


def let_go(app: Flask) -> None:
    """Close what an app has open, once no context of it holds any of that."""
    runtime: Runtime = app.extensions["daypass"]
    runtime.close()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape lone surrogates in reports: pytest-xdist cannot send them from one process to another."""
    return escaped((yield))


def escaped(value: Any) -> Any:
    """The same value of strings, lists, tuples and dicts, without lone surrogates."""
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case list() | tuple():
            return type(value)(escaped(item) for item in value)
        case dict():
            return {escaped(name): escaped(item) for name, item in value.items()}
    return value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `each_database` run on SQLite and on PostgreSQL."""
    if metafunc.definition.get_closest_marker("each_database"):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database for one test; SQLite, unless the test asks for each kind. The fixture `app` makes SQLite's file."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/daypass.sqlite3"
    else:
        yield from postgres_database(request.getfixturevalue("postgres"))


def postgres_database(postgres: Postgres) -> Iterator[str]:
    """A database in this server that is up to date, dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {postgres.template}")
    yield postgres.url(name)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """The settings of the test's app; a test may override this fixture to change them."""
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
    """Make apps on the test's database: several of them are several processes, as far as memory goes."""
    made: list[Flask] = []

    def make() -> Flask:
        made.append(create_app(settings))
        made[-1].jinja_env.bytecode_cache = TEMPLATES
        return made[-1]

    yield make
    for app in made:
        let_go(app)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database that is up to date, made once: the migrations take a tenth of a second."""
    path = tmp_path_factory.mktemp("template") / "daypass.sqlite3"
    up_to_date(f"sqlite:///{path}")
    return path


@pytest.fixture
def app(make_app: Callable[[], Flask], settings: Settings, sqlite_template: Path) -> Flask:
    """An app on a database that is up to date."""
    if settings.database_url.get_backend_name() == "sqlite":
        shutil.copy(sqlite_template, settings.database_url.database or "")
    return make_app()


@dataclass(frozen=True)
class Person:
    """Somebody signed in, without the form: the claims, the token, and a client that holds it as a cookie."""

    claims: Claims
    token: str
    client: FlaskClient

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def add_account(app: Flask, password_hash: str) -> Callable[..., str]:
    """Add an account with PASSWORD; returns its id."""

    def add(name: str, roles: list[str] | None = None) -> str:
        with app.app_context(), write_transaction(current_db()):
            return accounts.create(current_db(), name, password_hash, roles or []).id

    return add


@pytest.fixture
def sign_in(app: Flask, add_account: Callable[..., str]) -> Callable[..., Person]:
    """Sign somebody in without the form, adding the account if it is new."""
    known: dict[str, str] = {}

    def sign_in(
        name: str, roles: list[str] | None = None, *, age: timedelta = timedelta(0), keep: bool = False
    ) -> Person:
        if name not in known:
            known[name] = add_account(name, roles)
        claims, token = new_session(app, known[name], age=age, keep=keep)
        client = app.test_client()
        client.set_cookie(process_settings(app).cookie_name, token)
        return Person(claims, token, client)

    return sign_in


@pytest.fixture
def events(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """What was logged as events so far."""
    log = logging.getLogger("daypass.events")
    log.addHandler(caplog.handler)
    yield lambda: [json.loads(record.getMessage()) for record in caplog.records if record.name == log.name]
    log.removeHandler(caplog.handler)


def verified(app: Flask, text: str) -> Token:
    """A token that the gate accepts, as it reads it."""
    runtime: Runtime = app.extensions["daypass"]
    verdict = runtime.gate.verdict(Credentials(bearer=text), datetime.now(UTC))
    assert isinstance(verdict, Pass), verdict
    return verdict.token


def setup_token(app: Flask, publish: Callable[[str], None] | None = None) -> str | None:
    """The token of a new set-up link; None once set-up is done."""
    with app.app_context():
        runtime = current_runtime()
        link = create_setup_link(current_db(), runtime.keys.current().signing, runtime.settings, publish)
    return link.partition("token=")[2] if link else None


def process_settings(app: Flask) -> Settings:
    with app.app_context():
        return current_runtime().settings


def new_session(
    app: Flask, account_id: str, *, age: timedelta = timedelta(0), keep: bool = False
) -> tuple[Claims, str]:
    """A session of this account, started so long ago, and its first token."""
    with app.app_context():
        settings, signing = current_runtime().settings, current_runtime().keys.current().signing
        client, started = Client("192.0.2.1", "Test"), datetime.now(UTC) - age
        kept = Lifetime(settings.idle_lifetime, settings.absolute_lifetime)
        lifetime = kept if keep else Lifetime(settings.token_lifetime, settings.token_lifetime)
        with write_transaction(current_db()):
            account = current_db().get_one(Account, account_id)
            session = lifecycle.start(current_db(), account, client=client, now=started, lifetime=lifetime)
            claims = issuing.session_claims(session, account, issuer=settings.base_url)
        return claims, codec.encode(claims, signing)


def wait_for_news(settings: Settings) -> float:
    """For how long another process may not know what was committed, in seconds: not at all on SQLite."""
    return 0 if settings.database_url.get_backend_name() == "sqlite" else POLL_SECONDS
