"""What is on one line of a phone: the links between pages, and the id of a key in a question."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.server import Server
from tests.integration.browser.conftest import PUBLIC_URL, Serve, Visit, in_a_thread

PHONE = {"width": 360, "height": 800}


@pytest.fixture(scope="session")
def with_site(serve: Serve, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Server:
    """A server with a static site and a request for an account, whose administrator has the most links."""
    site: Path = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<h1>Site</h1>")
    server = serve(DAYPASS_SITE=str(site), DAYPASS_BASE_URL=PUBLIC_URL, DAYPASS_SIGNUP="approve")
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    form = urlencode({"username": "bob", "password": PASSWORD}).encode()
    server.request("POST", "/-/signup", {"Content-Type": "application/x-www-form-urlencoded"}, form)
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


def test_links_that_do_not_fit_scroll_sideways_and_the_page_does_not(with_site: Server, visit: Visit) -> None:
    page = visit(with_site.sign_in("alice", PASSWORD), url=with_site.url, viewport=PHONE)
    page.goto("/-/admin")
    navigation = page.get_by_role("navigation", name="Administration")
    expect(navigation.get_by_role("link", name="Requests (1)")).to_be_in_viewport(ratio=1)
    mails = navigation.get_by_role("link", name="Mails")
    expect(mails).not_to_be_in_viewport()
    mails.focus()
    expect(mails).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    mails.click()
    expect(page).to_have_title(re.compile("^Mails"))
    expect(mails).to_be_in_viewport(ratio=1)  # the link of the current page


LINES_OF_LAST_WORD = """heading => {
    const text = heading.firstChild, range = document.createRange()
    range.setStart(text, text.data.lastIndexOf(" ") + 1)
    range.setEnd(text, text.length)
    return range.getClientRects().length
}"""


def test_the_id_of_a_key_in_a_question_is_on_one_line(with_site: Server, visit: Visit) -> None:
    page = visit(with_site.sign_in("alice", PASSWORD), url=with_site.url, viewport={"width": 320, "height": 800})
    page.goto("/-/admin/keys")
    page.get_by_role("link", name="Drop").click()
    expect(page.get_by_role("button", name="Drop key")).to_be_visible()
    assert page.get_by_role("heading", level=1).evaluate(LINES_OF_LAST_WORD) == 1
