"""The current app's runtime, and the current request's database session."""

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from daypass.accounts.password_hasher import PasswordHasher
from daypass.runtime import Runtime
from daypass.web.client import client_address


def init_app(app: Flask, runtime: Runtime) -> None:
    """Bind the runtime to the app."""
    app.extensions["daypass"] = runtime
    app.teardown_appcontext(_close_session)


def current_runtime() -> Runtime:
    """The runtime of the current app."""
    runtime: Runtime = current_app.extensions["daypass"]
    return runtime


def current_db() -> Session:
    """The database session of the current request or command.

    Its first query opens a connection.
    """
    if "_daypass_db" not in g:
        g._daypass_db = current_runtime().session_factory()
    session: Session = g._daypass_db
    return session


def current_hasher() -> PasswordHasher:
    """The password hasher for the current client, which has its own queue."""
    runtime = current_runtime()
    return runtime.hasher.for_address(client_address(runtime.settings))


def _close_session(error: BaseException | None) -> None:
    session: Session | None = g.pop("_daypass_db", None)
    if session is not None:
        session.close()
