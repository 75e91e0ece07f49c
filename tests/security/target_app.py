"""The app under attack, the two ways to hand it a token, and what it must answer."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from daypass.accounts import accounts
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.tokens.claims import Claims
from daypass.web import cookie_header
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, close_app, new_session
from tests.security.forging import FORGED, MISSING, Forgery, Target

Carrier = Callable[[str], dict[str, str]]  # a token's text -> what stands in the WSGI environ

PROGRAM = {"Accept": "application/json"}
GOOD = "let in"
SLOWEST = 1.0  # seconds of processor time for one refusal


def as_cookie(text: str) -> dict[str, str]:
    """The token as the app's cookie."""
    return {"HTTP_COOKIE": f"daypass={on_the_wire(text)}"}


def as_bearer(text: str) -> dict[str, str]:
    """The token by RFC 6750."""
    return {"HTTP_AUTHORIZATION": f"Bearer {on_the_wire(text)}"}


CARRIERS: tuple[Carrier, ...] = (as_cookie, as_bearer)


def on_the_wire(text: str) -> str:
    """What a WSGI server makes of the header (PEP 3333): bytes, each of them one character."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        raw = text.encode("utf-8", "surrogatepass")
    return raw.decode("latin-1")


@dataclass(frozen=True)
class World:
    """One app whose key is of one algorithm, the people in it, and what an attack on it is aimed at."""

    app: Flask
    settings: Settings
    password_hash: str
    watcher: sqlite3.Connection
    target: Target

    def get(self, environ: dict[str, str], headers: dict[str, str] = PROGRAM, path: str = "/members") -> TestResponse:
        """Ask for a page with this in the environ."""
        return self.app.test_client(use_cookies=False).get(path, headers=headers, environ_overrides=environ)

    def state(self) -> list[str]:
        """Everything in the database, and SQLite's count of what others committed."""
        return [*map(str, self.watcher.execute("PRAGMA data_version")), *self.watcher.iterdump()]

    def somebody(self, name: str, roles: tuple[str, ...] = ()) -> tuple[Claims, str]:
        """A new account with a session: its claims and its token."""
        return new_session(self.app, add_account(self.app, self.password_hash, name, roles))

    def another_process(self) -> Flask:
        """A second app on the same database, which shares no memory with the first."""
        return create_app(self.settings)

    def close(self) -> None:
        """Let go of the database."""
        self.watcher.close()
        close_app(self.app)


def new_world(directory: Path, algorithm: str, password_hash: str, listener: str) -> World:
    """An app, a member and an admin, both signed in."""
    path = directory / "daypass.sqlite3"
    environ = {"DAYPASS_DATABASE_URL": f"sqlite:///{path}", "DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_WORKERS": "1"}
    settings = read_settings(environ | {"DAYPASS_ALGORITHM": algorithm})
    app = create_app(settings)
    with app.app_context():
        migrate(current_runtime().engine)
        key = current_runtime().keys.current().signing
    _, token = new_session(app, add_account(app, password_hash, "alice", ()))
    _, admin_token = new_session(app, add_account(app, password_hash, "carol", ("admin",)))
    target = Target(key, token, admin_token, listener, directory / "canary")
    return World(app, settings, password_hash, sqlite3.connect(path), target)


def add_account(app: Flask, password_hash: str, name: str, roles: tuple[str, ...]) -> str:
    """Add an account; returns its id."""
    with app.app_context(), write_transaction(current_db()):
        return accounts.create(current_db(), name, password_hash, roles).id


def told(apps: Iterable[Flask], text: str) -> set[str]:
    """What these processes say to a token, as cookie and as bearer: GOOD, or the sentence of the refusal."""
    return {_told(app, carrier(text)) for app in apps for carrier in CARRIERS}


def _told(app: Flask, environ: dict[str, str]) -> str:
    answer = app.test_client(use_cookies=False).get("/members", headers=PROGRAM, environ_overrides=environ)
    if answer.status_code == 200:
        return GOOD
    message = str((answer.get_json(silent=True) or {}).get("detail"))
    return difference(answer, message) or message


def objection(world: World, forgery: Forgery, carrier: Carrier) -> str | None:
    """What is wrong with the app's answer to a forgery, or None."""
    started = time.process_time()
    try:
        answer = world.get(carrier(forgery.text))
    except Exception as error:  # an error that escapes is a finding like any other, and the rest goes on
        return f"{type(error).__name__} escaped: {error}"
    spent = time.process_time() - started
    if spent > SLOWEST:
        return f"took {spent:.1f} s"
    if carrier is as_cookie and len(carrier(forgery.text)["HTTP_COOKIE"]) > cookie_header.MAX_COOKIE_BYTES:
        return None if answer.status_code == 431 else f"status {answer.status_code}"
    return difference(answer, forgery.told)


def difference(answer: TestResponse, told: str = FORGED) -> str | None:
    """How an answer differs from the one refusal that there is, or None."""
    if answer.status_code != 401:
        return f"status {answer.status_code}"
    if answer.get_json(silent=True) != refusal(told):
        return f"body {answer.text[:300]}"
    if answer.headers.get("WWW-Authenticate") != challenge(told):
        return f"challenge {answer.headers.get('WWW-Authenticate')}"
    return "a cookie is set" if "Set-Cookie" in answer.headers else None


def refusal(told: str) -> dict[str, object]:
    """The body of a refusal."""
    return {"type": "about:blank", "title": "Invalid token", "status": 401, "detail": told}


def challenge(told: str) -> str:
    """The challenge of RFC 6750 section 3, which names an error only where a token was sent."""
    fault = "" if told == MISSING else f', error="invalid_token", error_description="{told}"'
    return f'Bearer realm="Daypass"{fault}'
