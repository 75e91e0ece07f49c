"""Put pages of Daypass into a layout of the app, which the setting DAYPASS_LAYOUT names."""

import logging
from typing import Any

from flask import Flask
from jinja2 import Environment, TemplateError, TemplateNotFound, nodes
from jinja2.meta import find_referenced_templates
from markupsafe import Markup

from daypass.web.templates import environment_of, render

BLOCKS = ("title", "head", "content")  # that the layout must have
WRAPPER = "daypass/layouts/in_app.html"
KEY = "daypass_layout_is_usable"  # in `app.extensions`

log = logging.getLogger("daypass")


def usable_layout(app: Flask, name: str) -> str:
    """The name of the layout; empty, and logged once, if it cannot be used: visitors must be able to sign in."""
    if not name:
        return ""
    if KEY not in app.extensions or app.debug:
        problem = _problem(environment_of(app), name)
        app.extensions[KEY] = not problem
        if problem:
            log.error("DAYPASS_LAYOUT %s cannot be used: %s.", name, problem)
    return name if app.extensions[KEY] else ""


def _problem(environment: Environment, name: str) -> str:
    """Why the template cannot be a layout; empty if it can."""
    try:
        found = _blocks(environment, name)
    except TemplateNotFound as error:
        return f"there is no template {error.name}"
    except TemplateError as error:
        return str(error)
    missing = [block for block in BLOCKS if block not in found]
    return f"it has no block named {missing[0]}" if missing else ""


def _blocks(environment: Environment, name: str) -> set[str]:
    """The names of the blocks of a template, and of those that it refers to."""
    source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
    tree = environment.parse(source)
    own = {block.name for block in tree.find_all(nodes.Block)}
    return own.union(*(_blocks(environment, other) for other in find_referenced_templates(tree) if other))


def put_into(layout: str, page: str, variables: dict[str, Any]) -> str:
    """Put the title, the rest of the head, and the body of a rendered page into the blocks of the layout."""
    _, _, rest = page.partition("<title>")
    title, _, rest = rest.partition("</title>")
    head, _, rest = rest.partition("</head>")
    body = rest.partition("<body>")[2].rpartition("</body>")[0]
    parts = {"page_title": _html(title), "page_head": _html(head), "page_body": _html(body)}
    return render(WRAPPER, variables | parts | {"layout": layout})


def _html(text: str) -> Markup:
    """A part of a page that Jinja has rendered, with every value in it escaped."""
    return Markup(text)  # noqa: S704  # nosec B704
