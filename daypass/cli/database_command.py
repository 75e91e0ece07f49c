"""How a command runs: on an up-to-date database, and with errors that are one sentence."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from daypass.audit import log as audit_log
from daypass.database import schema
from daypass.errors import DaypassError
from daypass.web.context import current_runtime

P = ParamSpec("P")
R = TypeVar("R")


def on_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command on an up-to-date database; an error is one sentence and exit code 1.

    At a terminal, the command's own answer is enough: its audit events are not printed beside it.
    """

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if sys.stderr.isatty():
            audit_log.silence()
        try:
            schema.migrate(current_runtime().engine)
            return command(*args, **kwargs)
        except DaypassError as error:
            raise click.ClickException(error.message if error.status < 500 else str(error)) from None
        except DBAPIError as error:
            raise click.ClickException(f"The database failed: {error.orig}") from None

    return wrapped
