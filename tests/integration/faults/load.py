"""Requests as a client sees them, one by one and as a load beside a fault: answered, or cut off."""

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

PATIENCE = 20.0  # seconds: for how long what comes by itself is waited for


@dataclass(frozen=True)
class Hit:
    """One request: when it began and ended by the monotonic clock, and the answer or how it was cut off."""

    request: str
    token: str
    began: float
    ended: float
    answer: Response | None
    cut: str = ""

    @property
    def status(self) -> int:
        """The status, 0 where no answer came."""
        return self.answer.status if self.answer else 0

    @property
    def body(self) -> str:
        return self.answer.body if self.answer else ""

    @property
    def media(self) -> str:
        return self.answer.headers.get_content_type() if self.answer else ""

    @property
    def says_later(self) -> bool:
        """Whether it is a 503 that says when to try again."""
        return self.answer is not None and self.status == 503 and self.answer.headers.get("Retry-After", "").isdigit()

    @property
    def new_token(self) -> str:
        """The token that a sign-in answered with, as JSON or as a cookie."""
        assert self.answer
        if self.media == "application/json":
            return str(self.answer.json()["token"])
        return SimpleCookie(self.answer.headers["Set-Cookie"])["daypass"].value

    def __str__(self) -> str:
        return f"{self.request}: {self.status or self.cut} after {self.ended - self.began:.2f} s: {self.body[:300]}"


def ask(
    server: Server, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, token: str = ""
) -> Hit:
    """One request on a connection of its own. A connection that breaks is a Hit too; one that hangs is an error."""
    began = time.monotonic()
    answer, cut = None, ""
    try:
        answer = server.request(method, path, headers, body)
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException) as error:
        cut = repr(error)
    return Hit(f"{method} {path}", token, began, time.monotonic(), answer, cut)


def carrying(token: str, page: bool) -> dict[str, str]:
    """The headers with which a browser or a program sends its token."""
    return PAGE | {"Cookie": f"daypass={token}"} if page else bearer_header(token)


def enter(server: Server, token: str, *, page: bool = False) -> Hit:
    """Ask for a gated page."""
    return ask(server, "GET", "/members", carrying(token, page), token=token)


def sign_out(server: Server, token: str, *, page: bool = False) -> Hit:
    return ask(server, "POST", "/logout", carrying(token, page), token=token)


def sign_in(server: Server, name: str, *, page: bool = False) -> Hit:
    """Sign in by the form, as a browser does, or by JSON."""
    if page:
        return send_form(server, "/login", name)
    body = json.dumps({"username": name, "password": PASSWORD}).encode()
    return ask(server, "POST", "/login", {"Content-Type": "application/json"}, body)


def send_form(server: Server, path: str, name: str) -> Hit:
    """Send a name and PASSWORD by a form."""
    form = urlencode({"username": name, "password": PASSWORD}).encode()
    return ask(server, "POST", path, PAGE | {"Content-Type": "application/x-www-form-urlencoded"}, form)


def is_done(hit: Hit) -> bool:
    """Whether the answer says that it was done."""
    return 200 <= hit.status < 400


def blunders(hits: Sequence[Hit]) -> list[str]:
    """What no fault excuses: an error that nobody thought of, a 503 without a word about when, a traceback."""
    return [
        str(hit)
        for hit in hits
        if hit.status == 500
        or (hit.status == 503 and not (hit.says_later or hit.request == "GET /readyz"))
        or any(word in hit.body for word in ("Traceback", "sqlalchemy", "sqlite3", "psycopg"))
    ]


def eventually(check: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it comes true within the time."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def meanwhile(acts: Sequence[Callable[[], Hit]], every: float) -> Iterator[list[Hit]]:
    """Repeat each act in a thread of its own, one every so many seconds, while the block runs."""
    hits = list[Hit]()
    over = threading.Event()

    def go_on(act: Callable[[], Hit]) -> None:
        due = time.monotonic()
        while not over.is_set():
            hits.append(act())
            due = max(due + every, time.monotonic() - every)
            over.wait(max(0, due - time.monotonic()))

    with ThreadPoolExecutor(len(acts)) as pool:
        going = [pool.submit(go_on, act) for act in acts]
        try:
            yield hits
        finally:
            over.set()
        for one in going:
            one.result()
