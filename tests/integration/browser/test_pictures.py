"""The documentation's pictures: always checked, saved with PICTURES=1."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Visit, expect_heading

PICTURES = Path(__file__).parent / "pictures"
UPDATE = os.environ.get("PICTURES") == "1"
WIDTH = 1280

Take = Callable[[Page, str, int], None]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """A function that saves a picture of the top of a page (height in px)."""

    def take(page: Page, name: str, height: int) -> None:
        page.set_viewport_size({"width": WIDTH, "height": height})
        picture = page.screenshot(animations="disabled")
        assert struct.unpack(">II", picture[16:24]) == (WIDTH, height)
        assert 40_000 < len(picture) < 400_000  # bytes; an empty page has 5,000
        folder = PICTURES if UPDATE else tmp_path
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture)

    return take


def test_the_sign_in_page(visit: Visit, server: Server, take: Take) -> None:
    page = visit(url=server.url, color_scheme="light")
    page.goto("/login")
    page.get_by_label("Name", exact=True).fill("alice")
    page.get_by_label("Password", exact=True).fill("hazel lantern")
    take(page, "login.png", 720)


def test_the_pass(visit: Visit, server: Server, take: Take) -> None:
    page = visit(server.sign_in("alice", PASSWORD), color_scheme="light")
    page.goto("/account")
    take(page, "pass.png", 780)


def test_the_invalid_token_page(visit: Visit, server: Server, take: Take) -> None:
    page = visit("torn.up.token", url=server.url, color_scheme="light")
    page.goto("/members")
    expect_heading(page, "Invalid token")
    take(page, "invalid-token.png", 880)
