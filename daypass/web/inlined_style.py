"""Style sheets that are written into a page, for pages under hosts that do not serve our files."""

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from flask import Flask
from markupsafe import Markup

from daypass.web import security_headers
from daypass.web.static_files import StaticFiles
from daypass.web.template_functions import add_functions

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
MAX_STYLES = 8  # kept in memory; each has some KiB


@dataclass(frozen=True)
class InlinedStyle:
    """The content of a `<style>` element."""

    text: str

    @cached_property
    def source(self) -> str:
        """How a content security policy names this style (CSP Level 3 section 2.3.1)."""
        return f"'sha256-{b64encode(sha256(self.text.encode()).digest()).decode()}'"


def init_app(app: Flask, files: StaticFiles) -> None:
    """Give templates the function `inlined_style`."""

    @lru_cache(MAX_STYLES)
    def style(*names: str) -> InlinedStyle:
        return _read(files, names)

    def inlined_style(*names: str) -> Markup:
        """The text of these style sheets. The response may then have no other style, no script and no image."""
        found = _read(files, names) if app.debug else style(*names)
        security_headers.allow_only_style(found.source)
        return Markup(found.text)  # noqa: S704  # nosec B704  # our own files, which contain no markup

    add_functions(app, inlined_style=inlined_style)


def _read(files: StaticFiles, names: tuple[str, ...]) -> InlinedStyle:
    """These style sheets in one, without comments and line breaks."""
    sheets = "".join(files.text(name) for name in names)
    return InlinedStyle(SPACE.sub(" ", COMMENT.sub("", sheets)).strip())
