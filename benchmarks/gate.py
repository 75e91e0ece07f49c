"""Cost of the gate: the same page with and without it, in one process.

Run: python -m benchmarks.gate
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from daypass.database.models import Account
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.keys.algorithms import Algorithm
from daypass.net.client import Client
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import token_required

ROUNDS, REQUESTS = 15, 300


def page() -> str:
    return "a page"


def new_app(folder: str, algorithm: Algorithm) -> tuple[Flask, str]:
    """Return an app with the page at /open and, protected, at /gated, and a valid token."""
    database = f"sqlite:///{folder}/{algorithm}.sqlite3"
    settings = {"DAYPASS_DATABASE_URL": database, "DAYPASS_ALGORITHM": algorithm.value}
    app = create_app(read_settings(settings))
    app.add_url_rule("/open", "open", page)
    app.add_url_rule("/gated", "gated", token_required(page))
    with app.app_context():
        migrate(current_runtime().engine)
        signing = current_runtime().keys.current().signing
        with write_transaction(current_db()):
            account = Account(name="alice", password_hash="x", roles=[])  # noqa: S106
            day = Lifetime(86_400, 86_400)
            current_db().add(account)
            current_db().flush()
            session = lifecycle.start(current_db(), account, client=Client("", ""), now=datetime.now(UTC), lifetime=day)
            claims = issuing.session_claims(session, account, issuer=current_runtime().settings.base_url)
        return app, codec.encode(claims, signing)


def request_timer(app: Flask, path: str, token: str) -> Callable[[], float]:
    """Return a function that sends REQUESTS requests and returns the seconds for each."""
    environ = EnvironBuilder(path, headers=[("Authorization", f"Bearer {token}")]).get_environ()

    def measure() -> float:
        started = time.perf_counter()
        for _ in range(REQUESTS):
            _, status, _ = run_wsgi_app(app, environ.copy())
            if not status.startswith("200"):
                raise SystemExit(f"{path}: {status}")
        return (time.perf_counter() - started) / REQUESTS

    return measure


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for algorithm in (Algorithm.HS256, Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA):
            app, token = new_app(folder, algorithm)
            measure_open, measure_gated = request_timer(app, "/open", token), request_timer(app, "/gated", token)
            pairs = [(measure_open(), measure_gated()) for _ in range(ROUNDS)]
            ratio = statistics.median(gated / ungated for ungated, gated in pairs)
            cost = statistics.median(gated - ungated for ungated, gated in pairs)
            print(f"{algorithm}: a protected page takes {ratio:.2f} times as long, {cost * 1e6:.0f} µs more")


if __name__ == "__main__":
    main()
