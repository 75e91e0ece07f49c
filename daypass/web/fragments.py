"""Macros for the templates of pages. What they have written for the same arguments, and the URLs of pages, are kept."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from flask import Flask, request, url_for
from jinja2.environment import TemplateModule
from jinja2.runtime import Macro

from daypass.web.template_functions import add_functions, functions_of

MAX_FRAGMENTS = 256  # the least recently used one is dropped; most have a few KiB, the attack gallery 150
MAX_URLS = 256
MAX_FILES = 64


def init_app(app: Flask) -> None:
    """Give templates the functions `macros`, `fragment` and `page_url`."""
    add_functions(app, macros=_macros(app), fragment=_fragment(app), page_url=_page_url())


def _macros(app: Flask) -> Callable[[str], TemplateModule]:
    """A function that returns the macros of a file.

    `{% from %}` does the same, but compares all globals at each rendering, which takes as long as a small page.
    """

    def load(name: str) -> TemplateModule:
        return app.jinja_env.get_template(f"daypass/macros/{name}.html", globals=functions_of(app)).module

    kept = lru_cache(maxsize=MAX_FILES)(load)

    def macros(name: str) -> TemplateModule:
        return load(name) if app.jinja_env.auto_reload else kept(name)

    return macros


def _fragment(app: Flask) -> Callable[..., str]:
    """A function that renders a macro once for equal arguments, and keeps the HTML.

    The HTML may depend on nothing but the arguments, the branding and the URLs of the app, and their prefix. The macros
    of a template that was loaded again are other macros. In debug mode nothing is kept: static files may change.
    """

    @lru_cache(maxsize=MAX_FRAGMENTS, typed=True)  # typed: a string and the same Markup are equal, but escaped or not
    def render(macro: Macro, url_prefix: str, *arguments: Hashable) -> str:
        return macro(*arguments)

    def fragment(macro: Macro, *arguments: Hashable) -> str:
        return macro(*arguments) if app.debug else render(macro, request.script_root, *arguments)

    return fragment


def _page_url() -> Callable[[str], str]:
    """A function that returns the URL of a page whose URL has no values. It is kept: `url_for` takes much longer."""

    @lru_cache(maxsize=MAX_URLS)
    def url(endpoint: str, url_prefix: str) -> str:
        return url_for(endpoint)

    def page_url(endpoint: str) -> str:
        return url(endpoint, request.script_root)

    return page_url
