"""The functions of Daypass's own templates, which other templates of the app do not see.

They are no globals of Jinja's environment: Jinja copies those at each rendering, which every page of the app would pay.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask

Functions = dict[str, Callable[..., Any]]

KEY = "daypass_template_functions"  # in `app.extensions`


def add_functions(app: Flask, **functions: Callable[..., Any]) -> None:
    """Give Daypass's templates these functions."""
    functions_of(app).update(functions)


def functions_of(app: Flask) -> Functions:
    """All functions, by name."""
    found: Functions = app.extensions.setdefault(KEY, {})
    return found
