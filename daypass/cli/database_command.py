"""How a command runs: on an up-to-date database, and with errors that are one sentence."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from daypass.errors import DaypassError
from daypass.runtime import bring_up_to_date

P = ParamSpec("P")
R = TypeVar("R")


def on_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command on an up-to-date database; an error is one sentence and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bring_up_to_date()
            return command(*args, **kwargs)
        except DaypassError as error:
            raise click.ClickException(error.sentence if error.status < 500 else str(error)) from None
        except DBAPIError as error:
            raise click.ClickException(f"The database failed: {error.orig}") from None

    return wrapped
