"""The pages, one file for each group of them."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from daypass.net.redirect_target import HOME
from daypass.runtime import process
from daypass.settings.definitions import Settings
from daypass.web import gate, template_filters
from daypass.web.forward_auth import nginx, traefik_caddy
from daypass.web.pages import (
    account,
    administration,
    api,
    attacks,
    health,
    home,
    jwks,
    keys,
    lab,
    members,
    rules,
    sessions,
    sign_in,
    sign_up,
    static_site,
    well_known,
)

OURS = (home, sign_in, sign_up, members, api, account, sessions, lab, attacks, administration, keys, rules)
FOR_PROGRAMS = (health, jwks, well_known, nginx, traefik_caddy)  # they look for it in one place


def init_app(app: Flask) -> None:
    """Register the pages and what their templates may use."""
    settings: Settings = app.extensions["daypass"].settings
    for views in OURS:
        app.register_blueprint(views.pages, url_prefix=f"{settings.prefix}{views.pages.url_prefix or ''}")
    for programs in FOR_PROGRAMS:
        app.register_blueprint(programs.pages)
    if settings.site:
        app.url_map.converters["outside"] = static_site.Outside
        app.register_blueprint(static_site.pages)
    template_filters.init_app(app)
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
