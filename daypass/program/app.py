"""The app of the stand-alone program: all of Daypass, the checks of proxies, and the folder of pages."""

from typing import TYPE_CHECKING

from flask import Flask

from daypass import cli
from daypass.program import log
from daypass.program.settings import settings_or_exit
from daypass.runtime import Runtime, build_runtime
from daypass.settings import resources
from daypass.settings.definitions import Settings
from daypass.web.cookie_header import CookieFilter
from daypass.web.forward_auth import middleware
from daypass.web.forward_auth.middleware import ForwardAuthMiddleware
from daypass.web.mounting import mount
from daypass.web.pages import static_site
from daypass.web.static_site.middleware import StaticSiteMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(settings: Settings | None = None) -> Flask:
    """Create the app.

    Opens nothing before the first request. Exits if the environment has an invalid setting.
    """
    app, runtime = _new_app(), build_runtime(settings or settings_or_exit())
    if runtime.settings.site:
        _add_static_site(app, runtime)

    def around(inner: "WSGIApplication") -> "WSGIApplication":
        return CookieFilter(ForwardAuthMiddleware(inner, runtime), *runtime.settings.cookie_names)

    app.register_blueprint(middleware.pages)
    mount(app, runtime, protect_app=True, around=around)
    cli.add_commands(app.cli, lambda: runtime)
    return app


def _new_app() -> Flask:
    """An app without pages, which logs to standard error."""
    log.init_logging()
    return Flask("daypass", template_folder=str(resources.TEMPLATES), static_folder=None)


def _add_static_site(app: Flask, runtime: Runtime) -> None:
    app.url_map.converters["site_path"] = static_site.SitePath
    app.register_blueprint(static_site.pages)
    app.wsgi_app = StaticSiteMiddleware(app.wsgi_app, runtime, app.url_map, static_site.ENDPOINT)  # type: ignore[method-assign]
