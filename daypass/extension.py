"""Daypass in a Flask app: its pages, the gate, and commands."""

import atexit
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask
from flask.cli import AppGroup

from daypass import background, cli
from daypass.accounts.legacy import LegacyAccount as LegacyAccount
from daypass.accounts.legacy import LegacyCheck
from daypass.database import schema
from daypass.database.errors import DatabaseError, DatabaseLost
from daypass.runtime import Runtime, build_runtime
from daypass.settings import resources
from daypass.settings.app_config import merged
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_app_settings
from daypass.startup import OncePerProcess
from daypass.web import (
    branding,
    context,
    errors,
    fragments,
    home_pages,
    inlined_style,
    request_checks,
    request_metrics,
    signals,
    static_files,
    template_filters,
)
from daypass.web.blueprint import create_blueprint
from daypass.web.context import current_runtime
from daypass.web.current_pass import PROFILE_LOADER, ProfileLoader, current_pass
from daypass.web.host_header import HostCheck
from daypass.web.page_url import BLUEPRINT
from daypass.web.response_headers import ResponseHeaders
from daypass.web.sign_in_password import LEGACY_CHECK

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

T = TypeVar("T")


class Daypass:
    """A login for an app: its pages are under `url_prefix`, and `@token_required` protects the app's views.

    It holds no app, so that one object can serve several: `app.extensions["daypass"]` has the state of each.
    """

    def __init__(self, app: Flask | None = None, *, url_prefix: str = "/auth", protect_app: bool = False) -> None:
        """With an app, do what `init_app` does."""
        self._load_profile: ProfileLoader | None = None
        self._legacy_check: LegacyCheck | None = None
        if app is not None:
            self.init_app(app, url_prefix=url_prefix, protect_app=protect_app)

    def init_app(self, app: Flask, *, url_prefix: str = "/auth", protect_app: bool = False) -> None:
        """Add the pages and the commands `flask daypass ...` to the app. Opens nothing before the first request.

        The settings are the keys DAYPASS_... of the environment and of `app.config`; the environment takes precedence.
        url_prefix: the path that all pages of Daypass begin with; no other page of the app may.
        protect_app: whether all pages of the app get Daypass's security headers and error pages, and are checked for
        foreign hosts, requests from other sites, and bodies above `MAX_CONTENT_LENGTH` (64 KiB without it). Otherwise
        Daypass changes only its own pages, and those with `@token_required`.
        Raises SettingsError if a setting is missing or malformed, RuntimeError if the app has Daypass already, and
        ValueError if the prefix cannot be used.
        """
        _check_app(app, url_prefix)
        environ = merged(app.config, os.environ)
        settings = read_app_settings(environ, url_prefix=url_prefix, instance=Path(app.instance_path))
        runtime = build_runtime(settings)
        start = OncePerProcess(partial(_start, app, runtime))
        mount(app, replace(runtime, start=start), protect_app=protect_app)
        app.extensions[PROFILE_LOADER] = self._profile_of
        app.extensions[LEGACY_CHECK] = lambda: self._legacy_check
        group = AppGroup(BLUEPRINT, help="Manage accounts, sessions and keys.")
        cli.add_commands(group)
        app.cli.add_command(group)

    def _profile_of(self, account_id: str) -> Any:
        if self._load_profile is None:
            raise RuntimeError("This app loads no profiles: decorate a function with `@daypass.profile_loader`.")
        return self._load_profile(account_id)

    def profile_loader(self, load: Callable[[str], T]) -> Callable[[], T]:
        """Decorate a function that takes the id of an account and returns the app's own record for it.

        `current_pass.profile` is what it returns, and so is the decorated function, called without arguments, which
        is typed. It is called once per request, and only if the profile is used.
        """
        self._load_profile = load

        def profile() -> T:
            found: T = current_pass.profile
            return found

        return profile

    def legacy_check(self, check: LegacyCheck) -> LegacyCheck:
        """Decorate a function that checks a name and password in the system from which people come.

        It is asked about names that no account has or had. If it returns a LegacyAccount, the account is created with
        this name and password, and the person is signed in; if it returns None, the sign-in fails. The name is in lower
        case, and one that an account can have. Let the function take as long for names that it does not know.
        """
        self._legacy_check = check
        return check

    def on_session_revoked(self, session_id: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Call the callback once, in a thread, within a second after the session has ended in any process.

        Use it in a request or app context, with `current_pass.session_id`, to close a WebSocket, for example. Returns a
        function that cancels it. A session that expires calls nothing: see `current_pass.expires_at`.
        """
        return current_runtime().session_watch.add(session_id, callback)

    def add_page(self, app: Flask, endpoint: str, title: str, *, icon: str = "", description: str = "") -> None:
        """List a view of the app on the home page of everybody whom its `@token_required` admits.

        icon: an emoji or one or two letters; the first letter of the title without it. Register the view first. Raises
        ValueError if there is no view of this endpoint, or its URL needs values.
        """
        home_pages.add_page(app, endpoint, title, icon=icon, description=description)


def _check_app(app: Flask, url_prefix: str) -> None:
    if BLUEPRINT in app.extensions:
        raise RuntimeError("This app has Daypass already: call `init_app` once for each app.")
    if not url_prefix.startswith("/") or url_prefix.endswith("/") or "<" in url_prefix:
        raise ValueError(f"url_prefix must be a path such as /auth, without a slash at its end, not {url_prefix!r}.")
    for rule in app.url_map.iter_rules():
        if rule.rule == url_prefix or rule.rule.startswith(f"{url_prefix}/"):
            raise ValueError(f"url_prefix {url_prefix} is taken: the app has the page {rule.rule} ({rule.endpoint}).")


def _start(app: Flask, runtime: Runtime) -> None:
    """Migrate the database, and start the threads, unless the app is tested. Raises DatabaseLost."""
    try:
        schema.migrate(runtime.engine)
    except DatabaseError as error:
        raise DatabaseLost(error.reason) from error
    if not app.testing:
        background.start_threads(runtime, app.extensions.get(request_metrics.KEY))
        atexit.register(runtime.close)


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
