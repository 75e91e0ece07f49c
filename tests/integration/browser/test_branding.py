"""A site with its own title, logo, accent colour, help and style sheet, in a browser."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from daypass.settings.accent import DARK_PAGE, LIGHT_PAGE, contrast, readable_accent
from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server
from tests.integration.browser.conftest import Serve, Visit, in_a_thread
from tests.integration.browser.test_accessibility import WIDTHS, assert_no_violations

TITLE, HELP = "Harbour Archive of the Northern District", "Forgot your password? Ask Alice in room 12."
ACCENT = "#e60012"  # hardly more contrast than is needed
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 32">
  <style>path { fill: #7a00cc } @media (prefers-color-scheme: dark) { path { fill: #c087e7 } }</style>
  <path d="M4 28 24 4l20 24z"/>
</svg>"""
OWN_SHEET = ".site-footer { text-transform: uppercase } .button { border-radius: 9px }"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def branded(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    folder: Path = tmp_path_factory.mktemp("branding")
    (folder / "logo.svg").write_text(LOGO)
    (folder / "own.css").write_text(OWN_SHEET)
    server = serve(
        DAYPASS_TITLE=TITLE,
        DAYPASS_LOGO=str(folder / "logo.svg"),
        DAYPASS_ACCENT=ACCENT,
        DAYPASS_HELP=HELP,
        DAYPASS_CSS=str(folder / "own.css"),
    )
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return server


@pytest.fixture(scope="module")
def alice_token(branded: Server) -> str:
    return branded.sign_in("alice", PASSWORD)


def open_page(visit: Visit, branded: Server, token: str | None, path: str) -> Page:
    page = visit(token, url=branded.url, reduced_motion="reduce")
    page.goto(path)
    return page


@pytest.mark.parametrize(
    ("path", "is_signed_in"),
    [("/", False), ("/login", False), ("/members", False), ("/", True), ("/account", True), ("/admin", True)],
)
def test_pages_are_accessible_at_every_width(
    visit: Visit, branded: Server, alice_token: str, path: str, is_signed_in: bool
) -> None:
    page = open_page(visit, branded, alice_token if is_signed_in else None, path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    for scheme in SCHEMES:
        for width in (320, 1280):
            assert_no_violations(page, scheme, width)


def test_the_logo_is_shown_beside_the_title(visit: Visit, branded: Server) -> None:
    page = open_page(visit, branded, None, "/login")
    expect(page.locator(".wordmark")).to_have_text(TITLE)
    logo = page.locator(".wordmark img")
    assert logo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert logo.evaluate("image => image.getBoundingClientRect().height") == 32


def test_links_have_the_accent_of_each_theme_and_the_own_style_sheet_wins(
    visit: Visit, branded: Server, alice_token: str
) -> None:
    page = open_page(visit, branded, alice_token, "/account/settings")
    accent = readable_accent(ACCENT)
    for scheme, colour, background in zip(SCHEMES, (accent.light, accent.dark), (LIGHT_PAGE, DARK_PAGE), strict=True):
        page.emulate_media(color_scheme=scheme)
        assert colour_of(page, ".link-button", "color") == colour
        assert colour_of(page, ".button--primary", "background-color") == colour
        assert contrast(colour_of(page, ".button--primary", "color"), colour) >= 4.5
        assert colour_of(page, "body", "background-color") == background
    assert style_of(page, ".site-footer", "text-transform") == "uppercase"
    assert style_of(page, ".button--primary", "border-radius") == "9px"


def style_of(page: Page, selector: str, name: str) -> str:
    found: str = page.locator(selector).first.evaluate(f"element => getComputedStyle(element)['{name}']")
    return found


def colour_of(page: Page, selector: str, name: str) -> str:
    """A computed colour, which browsers write as `rgb(1, 2, 3)`, in hex."""
    channels = style_of(page, selector, name).removeprefix("rgb(").removesuffix(")").split(", ")
    return f"#{bytes(map(int, channels)).hex()}"
