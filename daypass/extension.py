"""Daypass on a Flask app: pages, commands and request hooks."""

from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from daypass import cli
from daypass.runtime import Runtime, build_runtime
from daypass.settings.definitions import Settings
from daypass.web import (
    branding,
    context,
    errors,
    fragments,
    inlined_style,
    request_metrics,
    static_files,
    template_filters,
)
from daypass.web.cookie_header import CookieFilter
from daypass.web.forward_auth import middleware
from daypass.web.forward_auth.middleware import ForwardAuthMiddleware
from daypass.web.host_header import HostCheck
from daypass.web.pages import (
    account,
    account_acts,
    account_limits,
    account_settings,
    accounts,
    api,
    api_token_acts,
    api_tokens,
    attacks,
    confirm_address,
    delete_account,
    disown,
    events,
    guest,
    guest_links,
    health,
    home,
    invitations,
    join,
    jwks,
    keys,
    lab,
    lock_account,
    mails,
    managed_account,
    members,
    metrics,
    new_account,
    own_address,
    own_data,
    own_events,
    own_invitations,
    password_strength,
    recovery,
    requests,
    rules,
    sessions,
    sign_in,
    sign_out,
    sign_up,
    static_site,
    well_known,
)
from daypass.web.request_checks import check_request
from daypass.web.response_headers import ResponseHeaders
from daypass.web.static_site.middleware import StaticSiteMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES = (
    *(home, sign_in, sign_out, sign_up, join, guest, recovery, disown, confirm_address, members, api),
    *(account, sessions, api_tokens, api_token_acts, account_settings, password_strength, own_address, own_data),
    *(own_invitations, lock_account, delete_account, own_events),
    *(lab, attacks, accounts, new_account, managed_account, account_limits, account_acts),
    *(invitations, requests, events, keys, rules, guest_links, mails),
)
ENDPOINTS = (health, jwks, well_known, middleware)  # for programs; their paths are fixed


def init_app(app: Flask, settings: Settings) -> Runtime:
    """Mount Daypass on the app, and return its runtime.

    Opens nothing before the first request.
    """
    runtime = build_runtime(settings)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    context.init_app(app, runtime)
    _register_pages(app, settings)
    _register_hooks(app, runtime)
    cli.init_app(app)
    app.wsgi_app = _middleware(app, runtime)  # type: ignore[assignment,method-assign]
    if settings.metrics_token:
        request_metrics.init_app(app, runtime)  # last, so that it measures everything else
    return runtime


def _middleware(app: Flask, runtime: Runtime) -> "WSGIApplication":
    """What every request passes before Flask sees it; the last one first."""
    settings, inner = runtime.settings, app.wsgi_app
    if settings.site:
        inner = StaticSiteMiddleware(inner, runtime, app.url_map, static_site.ENDPOINT)
    checked = ForwardAuthMiddleware(HostCheck(inner, settings.trusted_hosts), runtime)
    filtered = CookieFilter(checked, *settings.cookie_names)
    return ResponseHeaders(filtered, settings)


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
    """Register what runs around every request, and the filters of templates."""
    app.before_request(partial(check_request, runtime.body_reader))
    errors.init_app(app)
    template_filters.init_app(app)
    fragments.init_app(app)
    inlined_style.init_app(app, static_files.init_app(app, branding.files(runtime.settings)))
    branding.init_app(app, runtime.settings)
