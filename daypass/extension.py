"""Daypass on a Flask app: pages, commands and request hooks."""

from flask import Flask

from daypass import cli
from daypass.runtime import Runtime, build_runtime
from daypass.settings.definitions import Settings
from daypass.web import (
    context,
    cookie_header,
    csrf,
    errors,
    request_body,
    request_id_header,
    request_metrics,
    security_headers,
    static_files,
    template_filters,
)
from daypass.web.cookie_header import CookieFilter
from daypass.web.forward_auth import nginx, traefik_caddy
from daypass.web.forward_auth.middleware import ForwardAuthMiddleware
from daypass.web.pages import (
    account,
    administration,
    api,
    attacks,
    confirm_address,
    disown,
    events,
    health,
    home,
    jwks,
    keys,
    lab,
    mails,
    members,
    metrics,
    own_events,
    recovery,
    rules,
    sessions,
    sign_in,
    sign_up,
    static_site,
    well_known,
)

PAGES = (
    *(home, sign_in, sign_up, recovery, disown, confirm_address, members, api, account, sessions, own_events),
    *(lab, attacks, administration, events, keys, rules, mails),
)
ENDPOINTS = (health, jwks, well_known, nginx, traefik_caddy)  # for programs; their paths are fixed


def init_app(app: Flask, settings: Settings) -> Runtime:
    """Mount Daypass on the app, and return its runtime.

    Opens nothing before the first request.
    """
    runtime = build_runtime(settings)
    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    context.init_app(app, runtime)
    if settings.metrics_token:
        request_metrics.init_app(app, runtime)  # first, so that it measures all other hooks
    _register_pages(app, settings)
    _register_hooks(app, runtime)
    cli.init_app(app)
    forward_auth = ForwardAuthMiddleware(app.wsgi_app, settings.authority)
    app.wsgi_app = CookieFilter(forward_auth, settings.cookie_name, settings.device_cookie_name)  # type: ignore[method-assign]
    return runtime


def _register_pages(app: Flask, settings: Settings) -> None:
    for page in PAGES:
        app.register_blueprint(page.pages, url_prefix=f"{settings.prefix}{page.pages.url_prefix or ''}")
    for endpoint in ENDPOINTS:
        app.register_blueprint(endpoint.pages)
    if settings.metrics_token:
        app.register_blueprint(metrics.pages)
    if settings.site:
        app.url_map.converters["site_path"] = static_site.SitePath
        app.register_blueprint(static_site.pages)


def _register_hooks(app: Flask, runtime: Runtime) -> None:
    """Register what runs around every request, and the variables of templates."""
    app.before_request(request_id_header.read_header)
    app.before_request(cookie_header.refuse_long_cookie)
    app.before_request(csrf.refuse_cross_site)
    app.after_request(security_headers.add_headers)
    app.after_request(request_id_header.add_header)
    request_body.init_app(app, runtime.body_reader)
    errors.init_app(app)
    template_filters.init_app(app)
    static_files.init_app(app)
