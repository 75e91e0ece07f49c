"""Daypass's own Jinja environment, so that its filters and options do not change the other templates of the app.

It finds templates as the app does: a template of the app replaces one of Daypass that has the same name.
"""

from collections import ChainMap
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from jinja2 import Environment

KEY = "daypass_templates"  # in `app.extensions`
Filters = dict[str, Callable[..., Any]]


def init_app(app: Flask, filters: Filters) -> None:
    """Give Daypass's templates these filters."""
    app.extensions[KEY] = filters


def environment_of(app: Flask) -> Environment:
    """The environment. It is created when it is first used, because the app's own may be configured until then."""
    found: Filters | Environment = app.extensions[KEY]
    if not isinstance(found, Environment):
        own = app.jinja_env.overlay(trim_blocks=True, lstrip_blocks=True)
        own.filters = ChainMap(found, app.jinja_env.filters)  # type: ignore[assignment]
        found = app.extensions[KEY] = own
    return found


def render(template: str, variables: dict[str, Any]) -> str:
    """Render a template with these variables, and with those of the app's context processors."""
    current_app.update_template_context(variables)
    return environment_of(current_app).get_template(template).render(variables)
