"""The pages, one file for each group of them."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from daypass import gate
from daypass.extensions import process
from daypass.views import (
    account,
    admin,
    display,
    gallery,
    health,
    home,
    keys,
    lab,
    members,
    rules,
    sessions,
    signin,
    signup,
)


def init_app(app: Flask) -> None:
    """Register the pages and what their templates may use."""
    for views in (home, signin, signup, members, account, sessions, lab, gallery, admin, keys, rules, health):
        app.register_blueprint(views.pages)
    display.init_app(app)
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, Any]:
    settings = process().settings
    return {
        "visitor": gate.visitor(),
        "site": settings.site,
        "signup_open": settings.signup,
        "token_lifetime": settings.token_lifetime,
        "absolute_lifetime": settings.absolute_lifetime,
        "now": datetime.now(UTC),
    }
