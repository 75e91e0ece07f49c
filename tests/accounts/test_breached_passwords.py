"""Passwords known from breaches, in a file or at a service."""

import hashlib
import http.server
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts import breached_passwords
from daypass.accounts.breached_passwords import breach_check, is_in_file, is_in_service
from tests.conftest import PAGE
from tests.helpers.server import free_port

BREACHED = "orbit lantern 7 plum canyon"
FRESH = "quiet hazel river 22 kettle"


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
def breach_list(tmp_path: Path) -> Path:
    """A list of 2,001 passwords, in the form of the public one."""
    passwords = [BREACHED, *(f"password number {number}" for number in range(2000))]
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{digits}:{number}\r\n" for number, digits in enumerate(sorted(map(sha1, passwords)), 1)))
    return path


def test_every_listed_password_is_found_and_no_other(breach_list: Path) -> None:
    assert is_in_file(breach_list, BREACHED)
    assert all(is_in_file(breach_list, f"password number {number}") for number in range(2000))
    assert not any(is_in_file(breach_list, f"password number {number}") for number in range(2000, 4000))


def test_lists_in_lower_case_and_without_counts_or_a_last_line_end_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("\n".join(sorted(sha1(password).lower() for password in (BREACHED, "a", "b", "c"))))
    assert all(is_in_file(path, password) for password in (BREACHED, "a", "b", "c"))
    assert not is_in_file(path, FRESH)


@pytest.mark.parametrize("content", ["", "\n", "nonsense\n"])
def test_an_empty_list_has_no_password(tmp_path: Path, content: str) -> None:
    path = tmp_path / "list"
    path.write_text(content)
    assert not is_in_file(path, BREACHED)


def test_a_look_up_reads_a_few_lines_only(breach_list: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    positions: list[int] = []
    original = breached_passwords._line_after

    def record(file: BinaryIO, position: int) -> bytes:
        positions.append(position)
        return original(file, position)

    monkeypatch.setattr(breached_passwords, "_line_after", record)
    assert is_in_file(breach_list, BREACHED)
    assert len(positions) <= 20  # of 2,001 lines


class Service(http.server.BaseHTTPRequestHandler):
    """A k-anonymity service that knows BREACHED, and FRESH as padding."""

    requests: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.server.requests.append((self.path, str(self.headers)))  # type: ignore[attr-defined]
        lines = [f"{'0' * 34}A:3", f"{sha1(BREACHED)[5:]}:17", f"{sha1(FRESH)[5:]}:0"]
        body = "\r\n".join(lines).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def service() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.requests = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_service_gets_five_digits_and_never_the_hash_or_the_password(
    service: http.server.ThreadingHTTPServer,
) -> None:
    url = f"http://127.0.0.1:{service.server_port}/range/"
    assert is_in_service(url, BREACHED)
    assert not is_in_service(url, FRESH)  # only padding
    assert not is_in_service(url, "not listed at all")
    (path, headers), *_ = service.requests  # type: ignore[attr-defined]
    assert path == f"/range/{sha1(BREACHED)[:5]}"
    assert sha1(BREACHED)[5:12] not in headers
    assert BREACHED not in headers


def test_while_the_service_is_down_passwords_are_accepted_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "daypass"):
        assert not is_in_service(f"http://127.0.0.1:{free_port()}/range/", BREACHED)
    assert "breached passwords failed" in caplog.text
    assert BREACHED not in caplog.text
    assert sha1(BREACHED) not in caplog.text


def test_without_a_source_nothing_is_breached() -> None:
    assert not breach_check(None)(BREACHED)


class TestPages:
    """Sign-up and change of a password, with a list."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], breach_list: Path) -> dict[str, str]:
        return environ | {"DAYPASS_SIGNUP": "open", "DAYPASS_BREACHED_PASSWORDS": str(breach_list)}

    def test_a_breached_password_is_refused_at_sign_up_and_change_and_another_one_is_not(
        self, client: FlaskClient
    ) -> None:
        def sign_up(password: str) -> TestResponse:
            return client.post("/signup", headers=PAGE, data={"username": "carol", "password": password})

        def change(new: str) -> TestResponse:
            return client.post("/account/password", headers=PAGE, data={"current": FRESH, "new": new})

        assert [sign_up(BREACHED).status_code, sign_up(FRESH).status_code] == [422, 303]
        refused = change(BREACHED)
        assert refused.status_code == 422
        assert "data breach" in refused.text
        assert change("canyon 8 quiet plum tower").status_code == 303
