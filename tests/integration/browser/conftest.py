"""What the browser tests share: a Chromium, a server with people on it, and pages that are watched for trouble."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect, sync_playwright
from pytest_playwright.pytest_playwright import CreateContextCallback

from app import create_app
from daypass.accounts import queries
from daypass.settings.environment import read_settings
from daypass.tokens.errors import TokenFault
from daypass.web.context import current_db
from tests.conftest import PASSWORD, close_app, new_session
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header, tampered

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [  # nothing is looked up or fetched from outside
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
]
INSTALL_HINT = (
    "no Chromium: `make test` as root on Debian installs it, elsewhere `.venv/bin/playwright install chromium`"
)

expect.set_options(timeout=15_000)  # ms; a busy machine may need more than Playwright's 5 s
SHOWN_URL = "http://127.0.0.1:8000"  # what the pages, and so the pictures, say; it is the default

Serve = Callable[..., Server]
Visit = Callable[..., Page]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: from the first on Playwright runs an event loop, beside which Flask ends no context."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(scope="session")
def base_url() -> None:
    """pytest-playwright's own is written in a way that pytest 10 will not take; `visit` names the server instead."""


@cache
def chromium() -> str:
    """The path of the system's Chromium, else of the one that Playwright installed; empty where there is neither."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else ""


def pytest_runtest_setup() -> None:
    """Without a browser these tests are skipped, but where everything has to be tested they fail."""
    if not chromium():
        skip_or_fail(INSTALL_HINT)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the browser."""
    return {"executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start a server with settings and nobody on it. It runs to the end, so that no page can lose it while loading."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(
            running(tmp_path_factory.mktemp("server"), **{"DAYPASS_WORKERS": "1"} | environ)
        )


@pytest.fixture(scope="session")
def server(serve: Serve) -> Server:
    """A server on which anybody may sign up, with alice, an admin, and charlie; and bob, if a test asks for his token.

    Charlie is the one who signs in by forms. After 20 times his oldest sessions end, which would cost others theirs.
    """
    server = serve(DAYPASS_SIGNUP="open", DAYPASS_BASE_URL=SHOWN_URL)
    server.flask("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
    sign_up(server, "charlie")
    return server


@pytest.fixture(scope="session")
def closed(serve: Serve) -> Server:
    """A server on which nobody may sign up and nobody has an account."""
    return serve(DAYPASS_BASE_URL=SHOWN_URL)


def sign_up(server: Server, name: str) -> str:
    """Make an account with PASSWORD; returns the token that it gets."""
    form = urlencode({"username": name, "password": PASSWORD}).encode()
    answer = server.request(
        "POST", f"{server.prefix}/signup", {"Content-Type": "application/x-www-form-urlencoded"}, form
    )
    return SimpleCookie(answer.headers["Set-Cookie"])["daypass"].value


@pytest.fixture(scope="session")
def alice(server: Server) -> str:
    """A token of alice's, for tests that leave its session alone."""
    return server.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def bob(server: Server) -> str:
    """A token of bob's, for tests that leave its session alone."""
    return sign_up(server, "bob")


@pytest.fixture(scope="session")
def bad(server: Server, bob: str) -> dict[TokenFault, str | None]:
    """A token of bob's with each fault that there is."""
    ended = server.sign_in("bob", PASSWORD)
    server.request("POST", "/logout", bearer_header(ended))
    with ThreadPoolExecutor() as pool:  # away from Playwright's event loop
        expired = pool.submit(aged, server, "bob", timedelta(days=1, minutes=1)).result()
    return {
        TokenFault.MISSING: None,
        TokenFault.EXPIRED: expired,
        TokenFault.ENDED: ended,
        TokenFault.FORGED: tampered(bob),
    }


@pytest.fixture(scope="session")
def stale(server: Server, bob: str) -> str:
    """A token of bob's, whose password was typed too long ago for some acts."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(aged, server, "bob", timedelta(minutes=11)).result()


def aged(server: Server, name: str, age: timedelta) -> str:
    """The token of a session of this person that started so long ago."""
    app = create_app(read_settings(server.variables()))
    with app.app_context():
        account_id = queries.find(current_db(), name).id
    _, token = new_session(app, account_id, age=age)
    close_app(app)
    return token


class Watch:
    """Sees what goes wrong in pages: exceptions, requests to other sites, and what the console is told.

    Chromium tells it of violations of the Content-Security-Policy and of files that are missing too.
    """

    def __init__(self) -> None:
        self.asked_for: set[str] = set()
        self.troubles: list[str] = []
        self.expected: tuple[str, ...] = ()

    def over(self, page: Page, *sites: str) -> None:
        """Watch this page, whose requests may go to these sites alone."""
        page.on("request", lambda request: self._request(request, sites))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"exception: {error}"))

    def _request(self, request: Request, sites: tuple[str, ...]) -> None:
        if request.is_navigation_request():
            self.asked_for.add(request.url)
        if not request.url.startswith(tuple(f"{site}/" for site in sites)):
            self.troubles.append(f"a request leaves the site: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        """Take note of errors; Chromium also calls it one when the very page asked for has a status such as 401."""
        told_status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        url = message.location["url"]
        by_itself = url.endswith("/favicon.ico")  # asked for where a page names no icon
        named = any(text in message.text for text in self.expected)
        expected = named or (told_status and (url in self.asked_for or by_itself))
        if message.type in ("error", "warning") and not expected:
            self.troubles.append(f"console: {message.text}")


@pytest.fixture
def visit(new_context: CreateContextCallback, server: Server) -> Iterator[Visit]:
    """Open an empty page in a browser of its own, with a token as its cookie if one is given.

    `at` is the URL of another server, `also` those that it may lead to; other options go to the browser context.
    Trouble in any page fails the test, but what is `expected` to be told to the console.
    """
    watch, pages = Watch(), list[Page]()

    def visit(
        token: str | None = None,
        *,
        at: str = server.url,
        also: Sequence[str] = (),
        expected: Sequence[str] = (),
        **options: Any,
    ) -> Page:
        watch.expected += tuple(expected)
        context = new_context(base_url=at, **options)
        if token is not None:
            put_cookie(context, at, token)
        page = context.new_page()
        watch.over(page, at, *also)
        pages.append(page)
        return page

    yield visit
    for page in pages:
        page.title()  # a round trip, so that what the page told last has come in
    assert watch.troubles == []


@pytest.fixture
def page(visit: Visit) -> Page:
    """A page of somebody who is not signed in."""
    return visit()


def put_cookie(context: BrowserContext, url: str, token: str) -> None:
    """Put a token into the browser as its cookie."""
    context.add_cookies([{"name": "daypass", "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}])


def cookie_of(page: Page) -> str:
    """The token that the browser holds, in its one cookie."""
    (cookie,) = page.context.cookies()
    return cookie["value"]


def fill_in(page: Page, button: str, **fields: str) -> None:
    """Fill in fields by their labels, such as current_password="...", and press the button."""
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ").capitalize(), exact=True).fill(text)
    page.get_by_role("button", name=button, exact=True).click()


def expect_heading(page: Page, text: str) -> None:
    """Wait until this is the page's one h1."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def status(answer: Response | None) -> int:
    """The status of what `goto` or `reload` returned."""
    assert answer is not None
    return answer.status
