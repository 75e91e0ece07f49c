"""Fixtures of the browser tests: Chromium, servers and monitored pages."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect, sync_playwright
from pytest_playwright.pytest_playwright import CreateContextCallback

from daypass.accounts import queries
from daypass.tokens.errors import TokenFault
from daypass.web.context import current_db
from tests.conftest import PASSWORD, new_session
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header, tampered

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the shell loads no browser UI
ARGUMENTS = [  # no name lookups or requests outside this machine
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
]
INSTALL_HINT = (
    "no Chromium: `make test` as root on Debian installs it, elsewhere `.venv/bin/playwright install chromium`"
)

expect.set_options(timeout=15_000)  # ms; a busy machine may need more than Playwright's 5 s
PUBLIC_URL = "http://127.0.0.1:8000"  # shown on pages, and so in the pictures; it is the default

AT_THE_DOOR = re.compile("^Sign in")  # the heading for visitors who have no pass, or one that is over

T = TypeVar("T")
Serve = Callable[..., Server]
Visit = Callable[..., Page]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: Playwright's loop keeps Flask contexts from ending."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Override pytest-playwright's fixture, which pytest 10 will not accept.

    `visit` names the server instead.
    """


@cache
def chromium() -> str:
    """The path of the system's Chromium, or else of Playwright's.

    Empty if there is neither.
    """
    if path := next(filter(None, map(shutil.which, NAMES)), None):
        return path
    with sync_playwright() as playwright:
        bundled = Path(playwright.chromium.executable_path)
    return str(bundled) if bundled.exists() else ""


def pytest_runtest_setup() -> None:
    """Without a browser, skip the test, or fail it in continuous integration."""
    if not chromium():
        skip_or_fail(INSTALL_HINT)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the browser."""
    return {"executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Serve]:
    """A function that starts a server without accounts.

    It runs until all tests end, so no page loses it.
    """

    def start(**environ: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        shutil.copy(sqlite_template, folder)  # a fifth of the start would be migrations
        return stack.enter_context(running(folder, **{"DAYPASS_WORKERS": "1"} | environ))

    with ExitStack() as stack:
        yield start


@pytest.fixture(scope="session")
def server(serve: Serve, password_hash: str) -> Server:
    """A server with open sign-up, and the accounts alice (an admin) and charlie.

    Bob is added if a test uses his token.

    Tests sign in by forms as charlie: the 21st sign-in ends the account's oldest session, which another test might use.
    """
    server = serve(DAYPASS_SIGNUP="open", DAYPASS_LIMIT_SIGNUP="off", DAYPASS_BASE_URL=PUBLIC_URL)
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    sign_up(server, "charlie")
    return server


def in_a_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that needs a Flask context in a thread of its own: Playwright's event loop runs in this one."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(function, *arguments).result()


@pytest.fixture(scope="session")
def closed(serve: Serve) -> Server:
    """A server with closed sign-up and without accounts."""
    return serve(DAYPASS_BASE_URL=PUBLIC_URL)


def sign_up(server: Server, name: str) -> str:
    """Create an account with PASSWORD; returns its token."""
    form = urlencode({"username": name, "password": PASSWORD}).encode()
    response = server.request(
        "POST", f"{server.prefix}/signup", {"Content-Type": "application/x-www-form-urlencoded"}, form
    )
    return SimpleCookie(response.headers["Set-Cookie"])["daypass"].value


@pytest.fixture(scope="session")
def alice(server: Server) -> str:
    """A token of alice; tests must not end its session."""
    return server.sign_in("alice", PASSWORD)


@pytest.fixture(scope="session")
def bob(server: Server) -> str:
    """A token of bob; tests must not end its session."""
    return sign_up(server, "bob")


@pytest.fixture(scope="session")
def invalid_tokens(server: Server, bob: str) -> dict[TokenFault, str | None]:
    """A token of bob for each fault."""
    ended = server.sign_in("bob", PASSWORD)
    server.request("POST", "/logout", bearer_header(ended))
    expired = in_a_thread(token_of_aged_session, server, "bob", timedelta(days=1, minutes=1))
    return {
        TokenFault.MISSING: None,
        TokenFault.EXPIRED: expired,
        TokenFault.ENDED: ended,
        TokenFault.FORGED: tampered(bob),
    }


@pytest.fixture(scope="session")
def stale(server: Server, bob: str) -> str:
    """A token of bob whose password confirmation is too old for protected actions."""
    return in_a_thread(token_of_aged_session, server, "bob", timedelta(minutes=11))


def token_of_aged_session(server: Server, name: str, age: timedelta) -> str:
    """The token of a session of this account that is this old."""
    with app_on_database_of(server) as app:
        with app.app_context():
            account_id = queries.find(current_db(), name).id
        return new_session(app, account_id, age=age)[1]


class PageMonitor:
    """Records exceptions, requests to other sites, and console messages of pages.

    Chromium also reports missing files and violations of the Content-Security-Policy to the console.
    """

    def __init__(self) -> None:
        self.navigations: set[str] = set()
        self.problems: list[str] = []
        self.expected: tuple[str, ...] = ()

    def attach(self, page: Page, *sites: str) -> None:
        """Monitor this page, which may send requests only to these sites."""
        page.on("request", lambda request: self._request(request, sites))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def _request(self, request: Request, sites: tuple[str, ...]) -> None:
        if request.is_navigation_request():
            self.navigations.add(request.url)
        if not request.url.startswith(tuple(f"{site}/" for site in sites)):
            self.problems.append(f"a request leaves the site: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        """Record errors.

        Chromium also reports a 4xx status of the requested page itself as one.
        """
        is_status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        url = message.location["url"]
        is_favicon = url.endswith("/favicon.ico")  # requested if a page names no icon
        named = any(text in message.text for text in self.expected)
        expected = named or (is_status and (url in self.navigations or is_favicon))
        if message.type in ("error", "warning") and not expected:
            self.problems.append(f"console: {message.text}")


@pytest.fixture
def visit(new_context: CreateContextCallback, server: Server) -> Iterator[Visit]:
    """Open a blank page in a new browser context, signed in with a token if given.

    `url` is the server's URL, and `other_urls` are those of other servers that it may lead to; other options go to the
    browser context. Any problem in a page fails the test, except for console messages with an `expected` text.
    """
    monitor, pages = PageMonitor(), list[Page]()

    def visit(
        token: str | None = None,
        *,
        url: str = server.url,
        other_urls: Sequence[str] = (),
        expected: Sequence[str] = (),
        **options: Any,
    ) -> Page:
        monitor.expected += tuple(expected)
        context = new_context(base_url=url, **options)
        if token is not None:
            put_cookie(context, url, token)
        page = context.new_page()
        monitor.attach(page, url, *other_urls)
        pages.append(page)
        return page

    yield visit
    for page in pages:
        page.title()  # a round trip, after which all earlier events have arrived
    assert monitor.problems == []


@pytest.fixture
def page(visit: Visit) -> Page:
    """A page of a visitor who is not signed in."""
    return visit()


def put_cookie(context: BrowserContext, url: str, token: str) -> None:
    """Set a token as the browser's cookie."""
    context.add_cookies([{"name": "daypass", "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}])


def cookie_of(page: Page) -> str:
    """The token in the browser's one cookie."""
    (cookie,) = page.context.cookies()
    return cookie["value"]


def fill_in(page: Page, button: str, **fields: str) -> None:
    """Fill in fields by label (current_password="..."), and press the button."""
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ").capitalize(), exact=True).fill(text)
    page.get_by_role("button", name=button, exact=True).click()


def expect_heading(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until this is the page's one h1."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def status(response: Response | None) -> int:
    """The status of the response returned by `goto` or `reload`."""
    assert response is not None
    return response.status
