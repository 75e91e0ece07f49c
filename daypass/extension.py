"""Daypass in a Flask app: its pages, the gate, and commands."""

import atexit
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask, current_app, has_app_context
from flask.cli import AppGroup

from daypass import background, cli
from daypass.accounts.legacy import LegacyAccount as LegacyAccount
from daypass.accounts.legacy import LegacyCheck
from daypass.database import schema
from daypass.database.errors import DatabaseError, DatabaseLost
from daypass.runtime import Runtime, build_runtime, build_verifier
from daypass.settings.app_config import merged
from daypass.settings.environment import read_app_settings, read_verifier_settings
from daypass.startup import OncePerProcess
from daypass.web import home_pages, login_urls, own_views, request_metrics
from daypass.web.context import current_runtime
from daypass.web.current_pass import PROFILE_LOADER, ProfileLoader, current_pass
from daypass.web.mounting import mount, mount_gate
from daypass.web.page_url import BLUEPRINT
from daypass.web.sign_in_password import LEGACY_CHECK

T = TypeVar("T")


class Daypass:
    """A login for an app: its pages are under `url_prefix`, and `@token_required` protects the app's views.

    It holds no app, so that one object can serve several: `app.extensions["daypass"]` has the state of each.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        url_prefix: str = "/auth",
        protect_app: bool = False,
        register_pages: bool = True,
        login_view: str | None = None,
        issuer: str | None = None,
    ) -> None:
        """With an app, do what `init_app` does.

        issuer: the URL of another Daypass, such as https://login.example.org, whose passes the app accepts. The app
        needs no database then, and gets no pages and no commands: it verifies passes with the keys that the issuer
        publishes.
        """
        self._issuer = issuer
        self._load_profile: ProfileLoader | None = None
        self._legacy_check: LegacyCheck | None = None
        if app is not None:
            self.init_app(
                app,
                url_prefix=url_prefix,
                protect_app=protect_app,
                register_pages=register_pages,
                login_view=login_view,
            )

    def init_app(
        self,
        app: Flask,
        *,
        url_prefix: str = "/auth",
        protect_app: bool = False,
        register_pages: bool = True,
        login_view: str | None = None,
    ) -> None:
        """Add the pages and the commands `flask daypass ...` to the app. Opens nothing before the first request.

        The settings are the keys DAYPASS_... of the environment and of `app.config`; the environment takes precedence.
        url_prefix: the path that all pages of Daypass begin with; no other page of the app may.
        protect_app: whether all pages of the app get Daypass's security headers and error pages, and are checked for
        foreign hosts, requests from other sites, and bodies above `MAX_CONTENT_LENGTH` (64 KiB without it). Otherwise
        Daypass changes only its own pages, and those with `@token_required`.
        register_pages: False for an app with sign-in views of its own, which call `sign_in` and `sign_out`.
        login_view: the endpoint of that view, to which visitors who have to sign in are redirected.
        Raises SettingsError if a setting is missing or malformed, RuntimeError if the app has Daypass already, and
        ValueError if the prefix cannot be used, or the options contradict each other.
        """
        if BLUEPRINT in app.extensions:
            raise RuntimeError("This app has Daypass already: call `init_app` once for each app.")
        has_pages = register_pages and self._issuer is None
        _check_options(has_pages=has_pages, protect_app=protect_app, login_view=login_view)
        if self._issuer is None:
            self._add(app, url_prefix, has_pages, protect_app, login_view)
        else:
            _add_verifier(app, self._issuer)
        app.extensions[PROFILE_LOADER] = self._profile_of

    def _add(self, app: Flask, url_prefix: str, has_pages: bool, protect_app: bool, login_view: str | None) -> None:
        if has_pages:
            _check_prefix(app, url_prefix)
        environ = merged(app.config, os.environ)
        settings = read_app_settings(environ, url_prefix=url_prefix, instance=Path(app.instance_path))
        runtime = build_runtime(settings)
        runtime = replace(runtime, start=OncePerProcess(partial(_start, app, runtime)))
        if has_pages:
            mount(app, runtime, protect_app=protect_app)
        else:
            mount_gate(app, runtime, login_urls.at_view(login_view))
        app.extensions[LEGACY_CHECK] = lambda: self._legacy_check
        _add_commands(app, runtime)

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

    def sign_in(self, name: str, password: str, *, keep: bool = False) -> None:
        """Sign the visitor in, from a view of the app: the response gets the cookie, and `current_pass` is the new one.

        keep: whether the session is renewed while it is used, instead of lasting one day. Raises DaypassError, whose
        `message` is for the visitor and `status` for the response, if the name or the password is wrong, after too
        many attempts, or while too many people sign in; and for a request that another site has made.
        """
        own_views.sign_in(name, password, keep=keep)

    def sign_out(self) -> bool:
        """End the visitor's session, from a view of the app: the response clears the cookie.

        Returns whether the visitor was signed in. Raises DaypassError if the database cannot be reached, since the
        session would not end, and for a form that another site has sent.
        """
        return own_views.sign_out()

    def return_target(self, text: str | None) -> str:
        """The path to redirect to after signing in: `text` if it is one of this app, otherwise the path of its root.

        Use it for the argument `next`, which anybody can set (OWASP: unvalidated redirects).
        """
        return own_views.return_target(text)

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


def _check_options(*, has_pages: bool, protect_app: bool, login_view: str | None) -> None:
    if protect_app and not has_pages:
        raise ValueError("protect_app needs the pages of Daypass, which its errors are shown with.")
    if login_view is not None and has_pages:
        raise ValueError("login_view is for apps without the pages of Daypass: add register_pages=False.")


def _add_verifier(app: Flask, issuer: str) -> None:
    """Accept the passes of another Daypass."""
    settings = read_verifier_settings(merged(app.config, os.environ), issuer)
    mount_gate(app, build_verifier(settings), login_urls.at_issuer(settings))


def _add_commands(app: Flask, runtime: Runtime) -> None:
    """Add our commands, which run in a context of the app, as receivers of signals expect."""

    def load_runtime() -> Runtime:
        if not has_app_context() or current_app != app:  # `flask` has pushed it, unlike the runner of tests
            click.get_current_context().with_resource(app.app_context())
        return runtime

    group = AppGroup(BLUEPRINT, help="Manage accounts, sessions and keys.")
    cli.add_commands(group, load_runtime)
    app.cli.add_command(group)


def _check_prefix(app: Flask, url_prefix: str) -> None:
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
