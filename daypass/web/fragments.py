"""Macros for the templates of pages. What they have written for the same arguments, and the URLs of pages, are kept."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from flask import Flask, request
from jinja2.environment import TemplateModule
from jinja2.runtime import Macro

from daypass.web.page_url import current_blueprint, current_endpoint, page_url
from daypass.web.template_functions import add_functions, functions_of
from daypass.web.templates import environment_of

MAX_FRAGMENTS = 256  # the least recently used one is dropped; most have a few KiB, the attack gallery 150
MAX_URLS = 256
MAX_FILES = 64


def init_app(app: Flask) -> None:
    """Give templates the functions `macros` and `fragment`, and those about endpoints."""
    add_functions(app, macros=_macros(app), fragment=_fragment(app), page_url=_page_url())
    add_functions(app, current_endpoint=current_endpoint, current_blueprint=current_blueprint)


def _macros(app: Flask) -> Callable[[str], TemplateModule]:
    """A function that returns the macros of a file.

    `{% from %}` does the same, but compares all globals at each rendering, which takes as long as a small page.
    """

    def load(name: str) -> TemplateModule:
        return environment_of(app).get_template(f"daypass/macros/{name}.html", globals=functions_of(app)).module

    kept = lru_cache(maxsize=MAX_FILES)(load)

    def macros(name: str) -> TemplateModule:
        return load(name) if environment_of(app).auto_reload else kept(name)

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


def _page_url() -> Callable[..., str]:
    """`page_url` for templates. A URL without values is kept: building it takes much longer."""

    @lru_cache(maxsize=MAX_URLS)
    def url(endpoint: str, url_prefix: str) -> str:
        return page_url(endpoint)

    def function(endpoint: str, **values: Any) -> str:
        return page_url(endpoint, **values) if values else url(endpoint, request.script_root)

    return function
