"""Whole files of a static site, which are sent before Flask sees the request, and compressed ones."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person

PAGE_OF_SITE = "<h1>Handbook</h1>" * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE_OF_SITE)
    (folder / "index.html.gz").write_bytes(gzip.compress(PAGE_OF_SITE.encode()))
    (folder / "large.txt").write_bytes(b"x" * 300_000)
    (folder / "404.html").write_text("<h1>Our own 404</h1>")
    return folder


@pytest.fixture
def environ(environ: dict[str, str], folder: Path) -> dict[str, str]:
    return environ | {"DAYPASS_SITE": str(folder)}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> FlaskClient:
    return sign_in("alice").client


@pytest.fixture
def seen_by_flask(app: Flask, alice: FlaskClient) -> Iterator[list[str]]:
    """The paths of the requests that Flask sees after alice has signed in."""
    paths: list[str] = []

    def note(sender: Flask, **_: object) -> None:
        paths.append(request.path)

    with request_started.connected_to(note, app):
        yield paths


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/", {}, 200),
        ("GET", "/index.html", {"Accept-Encoding": "gzip"}, 200),
        ("GET", "/large.txt", {}, 200),
        ("GET", "/", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
    ],
)
def test_flask_does_not_see_requests_for_whole_files(
    alice: FlaskClient, seen_by_flask: list[str], method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = alice.open(path, method=method, headers=PAGE | headers, buffered=True)
    assert (response.status_code, seen_by_flask) == (status, [])


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Range": "bytes=0-3"}, 206),
        ("GET", "/", {"If-Match": '"other"'}, 412),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/healthz", {}, 200),
        ("POST", "/", {"Sec-Fetch-Site": "same-origin"}, 405),
    ],
)
def test_flask_sees_all_others(
    alice: FlaskClient, seen_by_flask: list[str], method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = alice.open(path, method=method, headers=PAGE | headers, buffered=True)
    assert (response.status_code, seen_by_flask) == (status, [path])


@pytest.mark.parametrize(
    ("header", "value", "status"), [("Cookie", f"other={'x' * 9000}", 431), ("Host", "other.example", 400)]
)
def test_a_request_that_no_view_may_see_gets_no_file(
    app: Flask, sign_in: Callable[..., Person], header: str, value: str, status: int
) -> None:
    headers = PAGE | sign_in("alice").bearer_header
    client = app.test_client(use_cookies=False)
    assert client.get("/", headers=headers).status_code == 200
    assert client.get("/", headers=headers | {header: value}).status_code == status


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("br", None),
        ("nonsense;;,", None),
        (None, None),
    ],
)
def test_a_compressed_file_is_sent_to_clients_that_accept_it(
    alice: FlaskClient, accepted: str | None, coding: str | None
) -> None:
    headers = PAGE if accepted is None else PAGE | {"Accept-Encoding": accepted}
    response = alice.get("/", headers=headers)
    content = gzip.decompress(response.data) if coding else response.data
    assert (response.headers.get("Content-Encoding"), content) == (coding, PAGE_OF_SITE.encode())
    assert response.headers["Content-Length"] == str(len(response.data))
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Vary"] == "Accept-Encoding"


def test_a_part_is_one_of_the_original(alice: FlaskClient) -> None:
    response = alice.get("/", headers=PAGE | {"Accept-Encoding": "gzip", "Range": "bytes=0-3"}, buffered=True)
    assert (response.status_code, response.data) == (206, b"<h1>")
    assert "Content-Encoding" not in response.headers


def test_the_sites_own_404_is_sent_as_it_is(alice: FlaskClient, folder: Path) -> None:
    (folder / "404.html.gz").write_bytes(gzip.compress(b"compressed"))
    response = alice.get("/nowhere", headers=PAGE | {"Accept-Encoding": "gzip"}, buffered=True)
    assert (response.status_code, response.text) == (404, "<h1>Our own 404</h1>")
    assert "Content-Encoding" not in response.headers


def test_a_compressed_file_is_not_sent_to_strangers(client: FlaskClient) -> None:
    response = client.get("/", headers=PAGE | {"Accept-Encoding": "gzip"})
    assert (response.status_code, response.headers.get("Content-Encoding")) == (401, None)


def test_the_copy_of_another_coding_is_not_current(alice: FlaskClient) -> None:
    plain = alice.get("/", headers=PAGE)
    accepted = PAGE | {"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]}
    compressed = alice.get("/", headers=accepted)
    assert (compressed.status_code, compressed.headers["Content-Encoding"]) == (200, "gzip")
    again = alice.get("/", headers=accepted | {"If-None-Match": compressed.headers["ETag"]})
    assert (again.status_code, again.headers["Vary"]) == (304, "Accept-Encoding")


def test_no_file_stays_open(alice: FlaskClient, folder: Path) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
        for method in ("GET", "HEAD"):
            alice.open("/", method=method, headers=headers, buffered=True)
            alice.open("/large.txt", method=method, headers=headers, buffered=True).close()
    opened = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert [path for path in opened if path.startswith(str(folder))] == []
