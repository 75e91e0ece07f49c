"""The current app's runtime, and the current request's database session."""

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from daypass.runtime import Runtime


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


def _close_session(error: BaseException | None) -> None:
    session: Session | None = g.pop("_daypass_db", None)
    if session is not None:
        session.close()
