"""The site's own title, logo, accent colour, help and style sheet, in place of those of Daypass."""

from dataclasses import dataclass

from flask import Flask

from daypass.settings.accent import Accent
from daypass.settings.branding import PRODUCT
from daypass.settings.definitions import Settings
from daypass.web.template_functions import add_functions

ICON = "icon.svg"  # Daypass's own
FOLDER = "branding/"  # in the URLs of static files; there is no such folder
ACCENT_SHEET, OWN_SHEET = f"{FOLDER}accent.css", f"{FOLDER}style.css"


@dataclass(frozen=True)
class Branding:
    """What templates show. `logo`, `icon` and `style_sheets` are names of static files."""

    title: str
    has_title: bool  # if not, pages tell what Daypass is
    help: str
    logo: str | None
    icon: str
    style_sheets: tuple[str, ...]  # in this order after all others
    bare_sheets: tuple[str, ...]  # written into pages under other hosts: the accent, not a style sheet that is unknown


def branding(settings: Settings) -> Branding:
    """The branding in these settings."""
    names = tuple(files(settings))
    logo = next((name for name in names if not name.endswith(".css")), None)
    return Branding(
        title=settings.title,
        has_title=settings.title != PRODUCT,
        help=settings.help,
        logo=logo,
        icon=logo or ICON,
        style_sheets=tuple(name for name in names if name.endswith(".css")),
        bare_sheets=(ACCENT_SHEET,) if settings.accent else (),
    )


def files(settings: Settings) -> dict[str, bytes]:
    """The files of the branding by name, to be served like static files."""
    found = {}
    if settings.logo:
        found[f"{FOLDER}logo{settings.logo.suffix}"] = settings.logo.content
    if settings.accent:
        found[ACCENT_SHEET] = _accent_sheet(settings.accent).encode()
    if settings.css:
        found[OWN_SHEET] = settings.css.content
    return found


def _accent_sheet(accent: Accent) -> str:
    """A style sheet, because the content security policy allows no styles in pages."""
    light, dark = (f":root {{ --accent: {each}; --on-accent: var(--page) }}" for each in (accent.light, accent.dark))
    return f"@layer base {{\n  {light}\n  @media (prefers-color-scheme: dark) {{ {dark} }}\n}}\n"


def init_app(app: Flask, settings: Settings) -> None:
    """Give templates the function `brand`, which returns the branding."""
    found = branding(settings)
    add_functions(app, brand=lambda: found)
