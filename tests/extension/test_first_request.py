"""What an app does at its first request: it migrates its database and starts its threads, once in each process."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from daypass import Daypass
from daypass.startup import OncePerProcess
from tests.conftest import close_app
from tests.extension.conftest import add_pages, browser

THREADS = {"audit trail", "maintenance", "metrics"}


@pytest.fixture
def new_host(bare_host: Flask) -> Iterator[Callable[[], Flask]]:
    def make() -> Flask:
        Daypass(bare_host)
        add_pages(bare_host)
        return bare_host

    yield make
    close_app(bare_host)


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()} & THREADS


@pytest.mark.parametrize("path", ["/auth/login", "/orders", "/auth/healthz"])
def test_the_first_request_creates_the_database(new_host: Callable[[], Flask], tmp_path: Path, path: str) -> None:
    app = new_host()
    assert not (tmp_path / "instance" / "daypass.sqlite3").exists()
    assert browser(app).get(path).status_code in (200, 401)
    assert (tmp_path / "instance" / "daypass.sqlite3").exists()


def test_an_open_page_of_the_app_creates_nothing(new_host: Callable[[], Flask], tmp_path: Path) -> None:
    """It asks nothing of Daypass."""
    app = new_host()
    app.add_url_rule("/about", "about", lambda: "About")
    assert browser(app).get("/about").text == "About"
    assert not (tmp_path / "instance" / "daypass.sqlite3").exists()


def test_an_app_that_is_tested_starts_no_threads(new_host: Callable[[], Flask]) -> None:
    browser(new_host()).get("/orders")
    assert threads() == set()


def test_a_database_that_cannot_be_used_is_no_error_of_other_pages_and_is_tried_again(
    new_host: Callable[[], Flask], tmp_path: Path
) -> None:
    app = new_host()
    app.add_url_rule("/about", "about", lambda: "About")
    path = tmp_path / "instance" / "daypass.sqlite3"
    path.parent.mkdir()
    path.write_text("not a database")
    client = browser(app)
    assert client.get("/orders").status_code == 503
    assert client.get("/auth/login").status_code == 503
    assert client.get("/about").text == "About"
    path.unlink()
    assert client.get("/orders").status_code == 401


def test_a_worker_starts_its_threads_once(new_host: Callable[[], Flask], bare_host: Flask) -> None:
    """In a process of its own, which a server has forked after it created the app."""
    bare_host.testing = False
    bare_host.config["DAYPASS_METRICS_TOKEN"] = "8c1b5f0e7a92d36484b1c07e5f2a9d63"
    app = new_host()
    reports, report = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        for _ in range(2):
            browser(app).get("/orders")
        report.send(sorted(thread.name for thread in threading.enumerate() if thread.name in THREADS))
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    assert reports.poll(20)
    assert reports.recv() == sorted(THREADS)
    process.join(20)
    assert threads() == set()


def test_an_action_is_done_once_and_again_after_it_failed() -> None:
    outcomes: list[str] = ["fails", "done", "never"]

    def act() -> None:
        if outcomes.pop(0) == "fails":
            raise ConnectionError

    once = OncePerProcess(act)
    with pytest.raises(ConnectionError):
        once()
    once()
    once()
    assert outcomes == ["never"]
