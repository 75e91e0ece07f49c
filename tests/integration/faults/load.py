"""Requests and background load during a fault, recorded one by one."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.conftest import PAGE, PASSWORD
from tests.helpers.server import Response, Server
from tests.helpers.tokens import bearer_header

TIMEOUT = 20.0  # seconds to wait for an expected change


@dataclass(frozen=True)
class Attempt:
    """One request: its times (monotonic), and the response or connection error."""

    request: str
    token: str
    began: float
    ended: float
    response: Response | None
    error: str = ""

    @property
    def status(self) -> int:
        """The status; 0 without a response."""
        return self.response.status if self.response else 0

    @property
    def body(self) -> str:
        return self.response.body if self.response else ""

    @property
    def media(self) -> str:
        return self.response.headers.get_content_type() if self.response else ""

    @property
    def says_retry_later(self) -> bool:
        """Whether this is a 503 with a Retry-After header."""
        return (
            self.response is not None and self.status == 503 and self.response.headers.get("Retry-After", "").isdigit()
        )

    @property
    def new_token(self) -> str:
        """The token in the response to a sign-in, as JSON or as a cookie."""
        assert self.response
        if self.media == "application/json":
            return str(self.response.json()["token"])
        return SimpleCookie(self.response.headers["Set-Cookie"])["daypass"].value

    def __str__(self) -> str:
        return f"{self.request}: {self.status or self.error} after {self.ended - self.began:.2f} s: {self.body[:300]}"


def send_request(
    server: Server, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, token: str = ""
) -> Attempt:
    """Send one request on a new connection.

    Connection errors are recorded, but a timeout is raised.
    """
    began = time.monotonic()
    response, connection_error = None, ""
    try:
        response = server.request(method, path, headers, body)
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException) as error:
        connection_error = repr(error)
    return Attempt(f"{method} {path}", token, began, time.monotonic(), response, connection_error)


def token_headers(token: str, page: bool) -> dict[str, str]:
    """The headers with which a browser (page=True) or a program sends its token."""
    return PAGE | {"Cookie": f"daypass={token}"} if page else bearer_header(token)


def get_gated_page(server: Server, token: str, *, page: bool = False) -> Attempt:
    """Request a gated page."""
    return send_request(server, "GET", "/members", token_headers(token, page), token=token)


def sign_out(server: Server, token: str, *, page: bool = False) -> Attempt:
    return send_request(server, "POST", "/logout", token_headers(token, page), token=token)


def sign_in(server: Server, name: str, *, page: bool = False) -> Attempt:
    """Sign in, by the form as a browser or by JSON."""
    if page:
        return send_form(server, "/login", name)
    body = json.dumps({"username": name, "password": PASSWORD}).encode()
    return send_request(server, "POST", "/login", {"Content-Type": "application/json"}, body)


def send_form(server: Server, path: str, name: str, *, cookie: str = "") -> Attempt:
    """Submit a name and PASSWORD as a form."""
    form = urlencode({"username": name, "password": PASSWORD}).encode()
    headers = PAGE | {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    return send_request(server, "POST", path, headers, form)


def is_success(attempt: Attempt) -> bool:
    """Whether the status is 2xx or 3xx."""
    return 200 <= attempt.status < 400


def unexpected_errors(attempts: Sequence[Attempt]) -> list[str]:
    """The attempts with a 500, a 503 without Retry-After, or a traceback."""
    return [
        str(attempt)
        for attempt in attempts
        if attempt.status == 500
        or (attempt.status == 503 and not (attempt.says_retry_later or attempt.request == "GET /readyz"))
        or any(word in attempt.body for word in ("Traceback", "sqlalchemy", "sqlite3", "psycopg"))
    ]


def eventually(check: Callable[[], bool], seconds: float = TIMEOUT) -> bool:
    """Whether the check becomes true within the time."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def background_load(actions: Sequence[Callable[[], Attempt]], interval: float) -> Iterator[list[Attempt]]:
    """Repeat each action at this interval (seconds) while the block runs."""
    attempts = list[Attempt]()
    stopped = threading.Event()

    def run(action: Callable[[], Attempt]) -> None:
        due = time.monotonic()
        while not stopped.is_set():
            attempts.append(action())
            due = max(due + interval, time.monotonic() - interval)
            stopped.wait(max(0, due - time.monotonic()))

    with ThreadPoolExecutor(len(actions)) as pool:
        running = [pool.submit(run, action) for action in actions]
        try:
            yield attempts
        finally:
            stopped.set()
        for future in running:
            future.result()
