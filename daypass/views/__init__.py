"""The pages, one file for each group of them."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from daypass import gate
from daypass.extensions import process
from daypass.settings import Settings
from daypass.urls import HOME
from daypass.views import (
    account,
    admin,
    api,
    display,
    forward,
    gallery,
    health,
    home,
    jwks,
    keys,
    lab,
    members,
    nginx,
    rules,
    sessions,
    signin,
    signup,
    site,
    well_known,
)
from daypass.web import static_files

OURS = (home, signin, signup, members, api, account, sessions, lab, gallery, admin, keys, rules)
FOR_PROGRAMS = (health, jwks, well_known, nginx, forward)  # they look for it in one place


def init_app(app: Flask) -> None:
    """Register the pages and what their templates may use."""
    settings: Settings = app.extensions["daypass"].settings
    for views in OURS:
        app.register_blueprint(views.pages, url_prefix=f"{settings.prefix}{views.pages.url_prefix or ''}")
    for programs in FOR_PROGRAMS:
        app.register_blueprint(programs.pages)
    if settings.site:
        app.url_map.converters["outside"] = site.Outside
        app.register_blueprint(site.pages)
    display.init_app(app)
    static_files.init_app(app)
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, Any]:
    settings = process().settings
    return {
        "visitor": gate.visitor(),
        "site": settings.authority,
        "base_url": settings.base_url,
        "front": HOME if settings.site else None,
        "signup_open": settings.signup,
        "token_lifetime": settings.token_lifetime,
        "absolute_lifetime": settings.absolute_lifetime,
        "now": datetime.now(UTC),
    }
