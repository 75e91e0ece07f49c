"""Macros for the templates of pages, and the HTML of those that are the same for everybody, kept in memory."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from flask import Flask, request
from jinja2.environment import TemplateModule
from jinja2.runtime import Macro

from daypass.web.template_functions import add_functions, functions_of

MAX_FRAGMENTS = 256  # the least recently used one is dropped; most have a few KiB, the attack gallery 150


def init_app(app: Flask) -> None:
    """Give templates the functions `macros` and `fragment`."""
    add_functions(app, macros=_macros(app), fragment=_fragment())


def _macros(app: Flask) -> Callable[[str], TemplateModule]:
    """A function that returns the macros of a file.

    `{% from %}` does the same, but compares all globals at each rendering, which takes as long as a small page.
    """

    def macros(name: str) -> TemplateModule:
        return app.jinja_env.get_template(f"daypass/macros/{name}.html", globals=functions_of(app)).module

    return macros


def _fragment() -> Callable[..., str]:
    """A function that renders a macro once for equal arguments, and keeps the HTML.

    The HTML may depend on nothing but the arguments, the URLs of the app, and their prefix. The macros of a template
    that was loaded again are other macros.
    """

    @lru_cache(maxsize=MAX_FRAGMENTS, typed=True)  # typed: a string and the same Markup are equal, but escaped or not
    def render(macro: Macro, url_prefix: str, *arguments: Hashable) -> str:
        return macro(*arguments)

    def fragment(macro: Macro, *arguments: Hashable) -> str:
        return render(macro, request.script_root, *arguments)

    return fragment
