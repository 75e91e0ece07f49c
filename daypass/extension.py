"""Daypass on a Flask app: its pages, its commands, and the checks of every request."""

from flask import Flask

from daypass import cli
from daypass.runtime import Runtime, build_runtime
from daypass.settings.definitions import Settings
from daypass.web import mount
from daypass.web.cookie_header import CookieFilter
from daypass.web.forward_auth.middleware import ForwardAuthMiddleware


def init_app(app: Flask, settings: Settings) -> Runtime:
    """Mount Daypass on the app. Opens nothing before the first request. Returns what the app holds."""
    runtime = build_runtime(settings)
    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    mount.init_app(app, runtime)
    cli.init_app(app)
    forward_auth = ForwardAuthMiddleware(app.wsgi_app, settings.authority)
    app.wsgi_app = CookieFilter(forward_auth, settings.cookie_name)  # type: ignore[method-assign]
    return runtime
