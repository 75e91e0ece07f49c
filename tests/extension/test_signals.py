"""Signals to the app, and callbacks when a session ends."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, current_app, has_app_context

from daypass import Daypass, current_pass, signals, token_required
from daypass.audit.entry import Entry
from daypass.testing import signed_in
from tests.conftest import PASSWORD
from tests.extension.conftest import browser
from tests.extension.test_pages_of_a_host import sign_in

NAMES = ("signed_in", "sign_in_refused", "session_revoked", "password_changed", "account_created", "account_deleted")
NEW_PASSWORD = "brass otter 9 windy harbour"


@pytest.fixture
def received(host: Flask) -> Iterator[list[str]]:
    """The signals of the app, with the name of their event."""
    found: list[str] = []
    receivers = []
    for name in (
        "signed_in",
        "sign_in_refused",
        "session_revoked",
        "password_changed",
        "account_created",
        "account_deleted",
    ):

        def receive(app: Flask, event: Entry, name: str = name) -> None:
            found.append(f"{name} {event.event} {'with' if event.facts.get('account') else 'without'} account")

        receivers.append(receive)  # signals hold weak references
        getattr(signals, name).connect(receive, sender=host)
    yield found
    receivers.clear()


def test_signing_in_and_out_sends_signals(host: Flask, received: list[str]) -> None:
    client = browser(host)
    sign_in(client, "alice")
    client.post("/auth/logout")
    client.post("/auth/login", data={"username": "alice", "password": "wrong"})
    assert [each.split()[:2] for each in received] == [
        ["signed_in", "sign_in"],
        ["session_revoked", "sign_out"],
        ["sign_in_refused", "sign_in"],
    ]


def test_a_receiver_has_the_context_of_the_app_in_a_command_too(host: Flask) -> None:
    seen: list[str] = []

    def receive(sender: Flask, **facts: object) -> None:
        seen.append(current_app.name)

    with signals.account_created.connected_to(receive, host):
        host.test_cli_runner().invoke(args=["daypass", "user", "add", "carol", "--password-stdin"], input=PASSWORD)
    assert seen == [host.name]
    assert not has_app_context()


def test_what_happens_to_an_account_sends_signals(host: Flask, received: list[str]) -> None:
    run = host.test_cli_runner().invoke
    run(args=["daypass", "user", "add", "carol", "--password-stdin"], input=PASSWORD)
    run(args=["daypass", "user", "password", "carol", "--password-stdin"], input=NEW_PASSWORD)
    run(args=["daypass", "user", "roles", "carol", "staff"])
    run(args=["daypass", "sessions", "end", "--user", "carol"])
    run(args=["daypass", "user", "disable", "carol"])
    run(args=["daypass", "user", "delete", "carol", "--yes"])
    assert received == [
        "account_created account_created with account",
        "password_changed password_set with account",
        "session_revoked password_set with account",
        "session_revoked roles_set with account",
        "session_revoked sessions_ended with account",
        "session_revoked account_disabled with account",
        "account_deleted account_deleted with account",
        "session_revoked account_deleted with account",
    ]


def test_a_receiver_that_fails_is_logged_and_undoes_nothing(host: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail(app: Flask, event: Entry) -> None:
        raise ZeroDivisionError

    with signals.signed_in.connected_to(fail, sender=host):
        assert sign_in(browser(host), "alice").status_code == 303
    assert "a receiver of the signal daypass-signed-in failed" in caplog.text


def test_another_app_gets_no_signal(app: Flask, received: list[str], add_account: object) -> None:
    """The stand-alone program sends its own."""
    app.test_client().post("/login", json={"username": "alice", "password": PASSWORD})
    assert received == []


@pytest.fixture
def watched(host: Flask) -> Iterator[tuple[Flask, threading.Event]]:
    """An app that watches the session that visits /watch, and an event for its end."""
    daypass, ended = Daypass(), threading.Event()

    @host.get("/watch")
    @token_required
    def watch() -> str:
        host.extensions["cancel"] = daypass.on_session_revoked(current_pass.session_id, ended.set)
        return "Watching"

    yield host, ended
    host.extensions.get("cancel", lambda: None)()
    for thread in threading.enumerate():
        if thread.name == "session watch":
            thread.join(10)


def test_a_callback_is_called_when_the_session_ends_in_this_process(watched: tuple[Flask, threading.Event]) -> None:
    host, ended = watched
    client = signed_in(host, "alice")
    assert client.get("/watch").text == "Watching"
    signed_in(host, "alice").post("/auth/logout")
    assert not ended.wait(1.2)  # another session of the account
    client.post("/auth/logout")
    assert ended.wait(10)


def test_it_is_called_when_the_session_ends_in_another_process(watched: tuple[Flask, threading.Event]) -> None:
    host, ended = watched
    signed_in(host, "alice").get("/watch")
    other = Flask("other", instance_path=host.instance_path)
    other.config.update(host.config)
    Daypass(other)
    other.test_cli_runner().invoke(args=["daypass", "user", "disable", "alice"])
    assert ended.wait(10)
    other.extensions["daypass"].close()


def test_a_cancelled_callback_is_not_called_and_the_thread_ends(watched: tuple[Flask, threading.Event]) -> None:
    host, ended = watched
    client = signed_in(host, "alice")
    client.get("/watch")
    host.extensions["cancel"]()
    client.post("/auth/logout")
    for thread in threading.enumerate():
        if thread.name == "session watch":
            thread.join(10)
    assert not ended.is_set()
    assert "session watch" not in {thread.name for thread in threading.enumerate()}
