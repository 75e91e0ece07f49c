"""The current app's runtime, and the current request's database session and connection."""

from collections.abc import Callable

from flask import Flask, Response, current_app, g
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from daypass.errors import DaypassError
from daypass.runtime import GateRuntime, Runtime

ERROR_HANDLER = "daypass_error_handler"  # in `app.extensions`


def init_app(app: Flask, runtime: GateRuntime) -> None:
    """Bind the runtime to the app."""
    app.extensions["daypass"] = runtime
    app.teardown_appcontext(_close_connections)


def current_gate() -> GateRuntime:
    """What gives verdicts on the requests of the current app."""
    runtime: GateRuntime | None = current_app.extensions.get("daypass")
    if runtime is None:
        raise RuntimeError("This app has no Daypass: call `Daypass().init_app(app)` first.")
    return runtime


def current_runtime() -> Runtime:
    """The runtime of the current app. Raises RuntimeError in an app that only verifies passes."""
    runtime = current_gate()
    if not isinstance(runtime, Runtime):
        raise RuntimeError(f"This app has no accounts and sessions: {runtime.settings.issuer} has them.")
    return runtime


def error_response(error: DaypassError) -> Response:
    """The response to an error, by the handler that `web/errors` has registered."""
    handler: Callable[[DaypassError], Response] = current_app.extensions[ERROR_HANDLER]
    return handler(error)


def current_db() -> Session:
    """The database session of the current request.

    Its first query opens a connection.
    """
    if "_daypass_db" not in g:
        g._daypass_db = current_runtime().session_factory()
    session: Session = g._daypass_db
    return session


def current_connection() -> Connection:
    """A connection for queries that load no objects: creating a session takes longer than such a query.

    It is that of `current_db` if the request already uses one.
    """
    if "_daypass_db" in g:
        return current_db().connection()
    if "_daypass_connection" not in g:
        g._daypass_connection = current_runtime().engine.connect()
    connection: Connection = g._daypass_connection
    return connection


def _close_connections(error: BaseException | None) -> None:
    for name in ("_daypass_db", "_daypass_connection"):
        opened: Session | Connection | None = g.pop(name, None)
        if opened is not None:
            opened.close()
