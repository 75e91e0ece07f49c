"""The app under attack, how it gets tokens, and the refusal it must send."""

import gc
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from daypass.database.schema import migrate
from daypass.program.app import create_app
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from daypass.tokens.claims import Claims
from daypass.web import cookie_header
from daypass.web.context import current_runtime
from tests.conftest import SECRET_KEY, close_app, create_account, new_session
from tests.security.forging import FORGED, GATE_SAID, MISSING, Forgery, Target

Carrier = Callable[[str], dict[str, str]]  # from a token's text to the variables of the WSGI environ

PROGRAM = {"Accept": "application/json"}
ACCEPTED = "accepted"
MAX_SECONDS = 1.0  # of processor time for one refusal


def as_cookie(text: str) -> dict[str, str]:
    """Send the token as the app's cookie."""
    return {"HTTP_COOKIE": f"daypass={on_the_wire(text)}"}


def as_bearer(text: str) -> dict[str, str]:
    """Send the token as a bearer token (RFC 6750)."""
    return {"HTTP_AUTHORIZATION": f"Bearer {on_the_wire(text)}"}


CARRIERS: tuple[Carrier, ...] = (as_cookie, as_bearer)


def on_the_wire(text: str) -> str:
    """The header as a WSGI server decodes it: a character per byte (PEP 3333)."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that surrogateescape did not create
        raw = text.encode("utf-8", "surrogatepass")
    return raw.decode("latin-1")


@dataclass(frozen=True)
class TargetApp:
    """An app that signs with one algorithm, and the target of attacks on it."""

    app: Flask
    settings: Settings
    password_hash: str
    observer: sqlite3.Connection
    target: Target

    def get(self, environ: dict[str, str], headers: dict[str, str] = PROGRAM, path: str = "/members") -> TestResponse:
        """Request a page with these variables in the WSGI environ."""
        return self.app.test_client(use_cookies=False).get(path, headers=headers, environ_overrides=environ)

    def state(self) -> list[str]:
        """The database's content, and SQLite's counter of other commits.

        Activity is written first: a timer would write it later, between two calls.
        """
        with self.app.app_context():
            current_runtime().activity.flush()
        return [
            *map(str, self.observer.execute("PRAGMA data_version")),
            *self.observer.iterdump(),
        ]

    def add_user(self, name: str, roles: tuple[str, ...] = ()) -> tuple[Claims, str]:
        """Create an account and start a session; returns its claims and its token."""
        return new_session(self.app, create_account(self.app, self.password_hash, name, roles))

    def another_process(self) -> Flask:
        """Create another app on the same database, which shares no memory with the first."""
        return create_app(self.settings)

    def close(self) -> None:
        """Close the app and its database."""
        self.observer.close()
        close_app(self.app)


def new_target_app(directory: Path, algorithm: str, password_hash: str, listener: str) -> TargetApp:
    """Create an app with a member and an admin, both signed in."""
    path = directory / "daypass.sqlite3"
    environ = {"DAYPASS_DATABASE_URL": f"sqlite:///{path}", "DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_WORKERS": "1"}
    settings = read_settings(environ | {"DAYPASS_ALGORITHM": algorithm})
    app = create_app(settings)
    with app.app_context():
        migrate(current_runtime().engine)
        key = current_runtime().keys.current().signing
    _, token = new_session(app, create_account(app, password_hash, "alice"))
    _, admin_token = new_session(app, create_account(app, password_hash, "carol", ("admin",)))
    target = Target(key, token, admin_token, listener, directory / "canary")
    return TargetApp(app, settings, password_hash, sqlite3.connect(path), target)


def verdicts(apps: Iterable[Flask], text: str) -> set[str]:
    """The verdicts of these processes: ACCEPTED, or the refusal's message."""
    return {_verdict(app, carrier(text)) for app in apps for carrier in CARRIERS}


def _verdict(app: Flask, environ: dict[str, str]) -> str:
    response = app.test_client(use_cookies=False).get("/members", headers=PROGRAM, environ_overrides=environ)
    if response.status_code == 200:
        return ACCEPTED
    message = str((response.get_json(silent=True) or {}).get("detail"))
    return difference(response, message) or message


def find_problem(target_app: TargetApp, forgery: Forgery, carrier: Carrier) -> str | None:
    """What is wrong with the app's response to a forgery; None if nothing is."""
    try:
        response, spent = _timed_get(target_app, carrier(forgery.text))
    except Exception as error:  # reported like any other problem, so that the other forgeries are still tried
        return f"raised {type(error).__name__}: {error}"
    if spent > MAX_SECONDS:
        return f"took {spent:.1f} s"
    if carrier is as_cookie and len(carrier(forgery.text)["HTTP_COOKIE"]) > cookie_header.MAX_COOKIE_BYTES:
        return None if response.status_code == 431 else f"status {response.status_code}"
    return difference(response, forgery.message)


def _timed_get(target_app: TargetApp, environ: dict[str, str]) -> tuple[TestResponse, float]:
    """The response, and the processor time that it took, in seconds."""
    gc.disable()  # a collection of all that the tests before have left may take more than a second
    try:
        started = time.process_time()
        return target_app.get(environ), time.process_time() - started
    finally:
        gc.enable()


def difference(response: TestResponse, message: str = FORGED) -> str | None:
    """How a response differs from the refusal with this message; None if it does not."""
    if response.status_code != 401:
        return f"status {response.status_code}"
    if response.get_json(silent=True) != refusal(message):
        return f"body {response.text[:300]}"
    if response.headers.get("WWW-Authenticate") != challenge(message):
        return f"challenge {response.headers.get('WWW-Authenticate')}"
    return "a cookie is set" if "Set-Cookie" in response.headers else None


def refusal(message: str) -> dict[str, object]:
    """The JSON body of a refusal."""
    said = GATE_SAID.get(message)
    return {"type": "about:blank", "title": "Invalid token", "status": 401, "detail": message, "gate_said": said}


def challenge(message: str) -> str:
    """The WWW-Authenticate header of a refusal (RFC 6750 section 3)."""
    fault = "" if message == MISSING else f', error="invalid_token", error_description="{message}"'
    return f'Bearer realm="Daypass"{fault}'
