"""The webhook: signed requests for the events of notices, delivered in spite of faults."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask

from tests.conftest import PASSWORD
from tests.helpers.mail import deliver, mails, make_due

SECRET = "4b0d9c1e7f3a68d25c7be4f0a1683f21"


class Hook(HTTPServer):
    """A server that records requests, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.received: list[tuple[str, str, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["X-Daypass-Signature"], body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def environ(environ: dict[str, str], hook: Hook) -> dict[str, str]:
    url = f"http://127.0.0.1:{hook.server_port}/hook?a=b"
    return environ | {"DAYPASS_WEBHOOK_URL": url, "DAYPASS_WEBHOOK_SECRET": SECRET}


def sign_in_as_alice(app: Flask) -> None:
    app.test_client().post("/login", json={"username": "alice", "password": PASSWORD})


@pytest.mark.each_database
def test_an_event_is_posted_with_a_signature(app: Flask, add_account: Callable[..., str], hook: Hook) -> None:
    alice = add_account("alice")
    sign_in_as_alice(app)
    deliver(app)
    ((path, signature, body),) = hook.received
    assert path == "/hook?a=b"
    document = json.loads(body)
    assert (document["event"], document["account"], document["name"]) == ("new_sign_in", alice, "alice")
    assert document["address"] == "127.0.0.1"
    timestamp, digest = (part.partition("=")[2] for part in signature.split(","))
    expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert digest == expected
    assert mails(app)[0].state == "sent"


@pytest.mark.parametrize("status", [302, 400, 500])
def test_it_is_posted_again_until_it_is_accepted(
    app: Flask, add_account: Callable[..., str], hook: Hook, status: int
) -> None:
    add_account("alice")
    hook.status = status
    sign_in_as_alice(app)
    deliver(app)
    (mail,) = mails(app)
    assert (mail.state, mail.last_error) == ("waiting", f"the webhook answered {status}")
    hook.status = 200
    make_due(app)
    deliver(app)
    assert mails(app)[0].state == "sent"
    assert [path for path, _, _ in hook.received] == ["/hook?a=b"] * 2, "no redirect is followed"


def test_refusals_are_no_events_of_it(app: Flask, add_account: Callable[..., str], hook: Hook) -> None:
    add_account("alice")
    app.test_client().post("/login", json={"username": "alice", "password": "not it"})
    app.test_client().get("/members", headers={"Authorization": "Bearer a.b.c"})
    assert mails(app) == []
