"""The links between pages fit on one line of a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server
from tests.integration.browser.conftest import PUBLIC_URL, Serve, Visit, in_a_thread

PHONE = {"width": 360, "height": 800}


@pytest.fixture(scope="session")
def with_site(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    """A server with a static site, whose administrator has the most links."""
    site: Path = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<h1>Site</h1>")
    server = serve(DAYPASS_SITE=str(site), DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    return server


def tops(page: Page, navigation: str) -> set[float]:
    """The distances of a navigation's links from the top of the page."""
    boxes = [link.bounding_box() for link in page.get_by_role("navigation", name=navigation).get_by_role("link").all()]
    return {box["y"] for box in boxes if box}


@pytest.mark.parametrize(
    ("path", "navigation"),
    [
        ("/-/", "Sections"),
        ("/-/account", "Sections"),
        ("/-/admin", "Sections"),
        ("/-/account/settings", "Your account"),
        ("/-/admin", "Administration"),
        ("/-/admin/invitations", "Administration"),
    ],
)
def test_a_navigation_is_on_one_line(with_site: Server, visit: Visit, path: str, navigation: str) -> None:
    page = visit(with_site.sign_in("alice", PASSWORD), url=with_site.url, viewport=PHONE)
    page.goto(path)
    assert len(tops(page, navigation)) == 1
