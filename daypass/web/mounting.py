"""Put Daypass into an app: all of it, or only what `@token_required` needs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from daypass.runtime import GateRuntime, Runtime
from daypass.settings import resources
from daypass.settings.definitions import Settings
from daypass.web import (
    bare_errors,
    branding,
    context,
    errors,
    fragments,
    inlined_style,
    request_checks,
    request_metrics,
    signals,
    static_files,
    template_filters,
)
from daypass.web.bare_errors import LoginUrl
from daypass.web.blueprint import create_blueprint
from daypass.web.host_header import HostCheck
from daypass.web.response_headers import ResponseHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def mount(
    app: Flask,
    runtime: Runtime,
    *,
    protect_app: bool,
    around: "Callable[[WSGIApplication], WSGIApplication]" = lambda inner: inner,
) -> None:
    """Add the pages and their hooks to the app.

    around: adds middleware that sees requests before their host is checked.
    """
    settings = runtime.settings
    context.init_app(app, runtime)
    signals.init_app(app, runtime.audit)
    files = static_files.init_app(app, resources.STATIC, branding.files(settings))
    _add_template_functions(app, settings, files)
    blueprint = create_blueprint(settings, files)
    protected = app if protect_app else blueprint
    protected.before_request(partial(request_checks.check_request, runtime))
    errors.handle_all_errors(protected)
    errors.handle_own_errors(app)
    app.register_blueprint(blueprint)
    inner = around(HostCheck(app.wsgi_app, settings.trusted_hosts))
    app.wsgi_app = ResponseHeaders(inner, settings, everywhere=protect_app)  # type: ignore[method-assign]
    if settings.metrics_token:
        request_metrics.init_app(app, runtime)


def _add_template_functions(app: Flask, settings: Settings, files: static_files.StaticFiles) -> None:
    template_filters.init_app(app)
    fragments.init_app(app)
    inlined_style.init_app(app, files)
    branding.init_app(app, settings)


def mount_gate(app: Flask, runtime: GateRuntime, login_url: LoginUrl) -> None:
    """Add only what `@token_required` needs. Requests that it refuses get the error pages of the app.

    login_url: the URL of the sign-in page for the current request; None if there is no such page.
    """
    context.init_app(app, runtime)
    bare_errors.handle_errors(app, login_url)
    app.wsgi_app = ResponseHeaders(app.wsgi_app, runtime.settings, everywhere=False)  # type: ignore[method-assign]
    if isinstance(runtime, Runtime):
        signals.init_app(app, runtime.audit)
