"""Static files: URLs with a content hash, what may be cached, and compression."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.web import static_files
from daypass.web.page_url import page_url
from daypass.web.template_functions import functions_of
from tests.conftest import PAGE, Person

STYLE = "p { margin: 0 }\n" * 100
PICTURE = b"\x89PNG" + bytes(1000)
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A static folder with files and a subfolder; a secret file is beside it."""
    static = tmp_path / "static"
    (static / "folder").mkdir(parents=True)
    (static / "style.css").write_text(STYLE)
    (static / "short.js").write_text("x")
    (static / "picture.png").write_bytes(PICTURE)
    (tmp_path / "secret.css").write_text("secret")
    return static


@pytest.fixture
def small_app(folder: Path) -> Flask:
    app = Flask("small", static_folder=None)
    files = static_files.init_app(app, folder, {})
    app.add_url_rule("/static/<path:filename>", "daypass.static", files.serve)
    return app


@pytest.fixture
def small(small_app: Flask) -> FlaskClient:
    return small_app.test_client()


def url_of(app: Flask, name: str) -> str:
    """The URL that a template gets for a file."""
    with app.test_request_context():
        url: str = functions_of(app)["static_url"](name)
    return url


def test_a_url_with_the_hash_of_the_content_is_cached_for_a_year(small_app: Flask, small: FlaskClient) -> None:
    url = url_of(small_app, "style.css")
    for headers in ({}, GZIP):
        response = small.get(url, headers=headers)
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.mimetype == "text/css"


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef", "?w={hash}", "?v={hash}0"])
def test_any_other_url_is_revalidated_each_time(small_app: Flask, small: FlaskClient, query: str) -> None:
    known = url_of(small_app, "style.css").partition("=")[2]
    response = small.get("/static/style.css" + query.replace("{hash}", known))
    assert (response.status_code, response.text) == (200, STYLE)
    assert response.headers["Cache-Control"] == "public, no-cache"


def test_other_content_has_another_url(folder: Path, small_app: Flask) -> None:
    (folder / "same.css").write_text(STYLE)
    (folder / "other.css").write_text(STYLE + " ")
    known, same, other = (url_of(small_app, f"{name}.css").partition("=")[2] for name in ("style", "same", "other"))
    assert known == same != other


def test_a_template_cannot_name_a_file_that_is_not_there(small_app: Flask) -> None:
    with pytest.raises(FileNotFoundError):
        url_of(small_app, "nothing.css")


@pytest.mark.parametrize("debug", [True, False])
def test_a_changed_file_is_read_again_in_debug_mode_alone(
    folder: Path, small_app: Flask, small: FlaskClient, debug: bool
) -> None:
    small_app.debug = debug
    before = url_of(small_app, "style.css")
    (folder / "style.css").write_text("p { margin: 1px }")
    os.utime(folder / "style.css", (1, 1))
    assert (url_of(small_app, "style.css") != before) == debug
    assert (small.get("/static/style.css").text != STYLE) == debug


def counted_urls(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Serve the app's static files anew, and count the URLs that are built."""
    build = Mock(wraps=page_url)
    monkeypatch.setattr(static_files, "page_url", build)
    static_files.init_app(app, folder, {})
    return build


def test_the_url_of_a_file_is_built_once(folder: Path, small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    build = counted_urls(small_app, folder, monkeypatch)
    assert url_of(small_app, "style.css") == url_of(small_app, "style.css")
    assert build.call_count == 1


def test_a_url_under_another_prefix_is_another_url(small_app: Flask) -> None:
    plain = url_of(small_app, "style.css")
    with small_app.test_request_context(environ_overrides={"SCRIPT_NAME": "/prefix"}):
        assert functions_of(small_app)["static_url"]("style.css") == f"/prefix{plain}"
    assert url_of(small_app, "style.css") == plain


def test_only_the_urls_used_last_are_kept(folder: Path, small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "MAX_URLS", 2)
    build = counted_urls(small_app, folder, monkeypatch)
    for name in ("style.css", "short.js", "picture.png", "style.css"):
        url_of(small_app, name)
    assert build.call_count == 4


ACCEPTED = ["gzip", "GZIP", "gzip, deflate, br, zstd", "br, gzip;q=0.5", "*", "gzip;q=1, identity;q=0.5", "gzip, *;q=0"]


@pytest.mark.parametrize("accepts", ACCEPTED)
def test_text_is_compressed_for_clients_that_accept_it(small: FlaskClient, accepts: str) -> None:
    response = small.get("/static/style.css", headers={"Accept-Encoding": accepts})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert int(response.headers["Content-Length"]) == len(response.data) < len(STYLE)
    assert gzip.decompress(response.data).decode() == STYLE


NOT_ACCEPTED = [None, "", "identity", "br", "gzip;q=0", "gzip;q=0, *", "identity, gzip;q=0.5", "gzipped"]


@pytest.mark.parametrize("accepts", NOT_ACCEPTED)
def test_text_is_sent_as_it_is_to_others(small: FlaskClient, accepts: str | None) -> None:
    response = small.get("/static/style.css", headers={} if accepts is None else {"Accept-Encoding": accepts})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"
    assert (response.text, int(response.headers["Content-Length"])) == (STYLE, len(STYLE))


@pytest.mark.parametrize(("name", "content"), [("picture.png", PICTURE), ("short.js", b"x")])
def test_pictures_and_short_files_are_not_compressed(small: FlaskClient, name: str, content: bytes) -> None:
    response = small.get(f"/static/{name}", headers=GZIP)
    assert response.data == content
    assert {"Content-Encoding", "Vary"}.isdisjoint(response.headers.keys())


def test_a_file_is_compressed_once(small: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    compress = Mock(wraps=gzip.compress)
    monkeypatch.setattr(gzip, "compress", compress)
    for _ in range(3):
        assert small.get("/static/style.css", headers=GZIP).headers["Content-Encoding"] == "gzip"
    assert compress.call_count == 1


def etag_of(response: TestResponse) -> str:
    return response.headers["ETag"]


def test_each_encoding_has_a_strong_etag_of_its_own(small: FlaskClient) -> None:
    plain, gzipped = (etag_of(small.get("/static/style.css", headers=headers)) for headers in ({}, GZIP))
    assert plain != gzipped
    assert plain.startswith('"')
    assert gzipped.startswith('"')


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_a_known_file_is_not_sent_again(
    small_app: Flask, small: FlaskClient, method: str, headers: dict[str, str]
) -> None:
    url = url_of(small_app, "style.css")
    first = small.get(url, headers=headers)
    for known in (etag_of(first), f"W/{etag_of(first)}", f'"x", {etag_of(first)}', "*"):
        again = small.open(url, method=method, headers=headers | {"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control"):
            assert again.headers[name] == first.headers[name]


def test_a_file_known_in_another_encoding_is_sent(small: FlaskClient) -> None:
    plain = etag_of(small.get("/static/style.css"))
    for known in (plain, '"x"'):
        response = small.get("/static/style.css", headers=GZIP | {"If-None-Match": known})
        assert (response.status_code, gzip.decompress(response.data).decode()) == (200, STYLE)


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_a_head_request_gets_the_same_headers_and_no_body(small: FlaskClient, headers: dict[str, str]) -> None:
    got, head = (small.open("/static/style.css", method=method, headers=headers) for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers == got.headers


@pytest.mark.parametrize(
    "path", ["nothing.css", "folder", "folder/", "../secret.css", "%2e%2e/secret.css", "%00", "x/y"]
)
def test_nothing_else_is_served(small: FlaskClient, path: str) -> None:
    for headers in ({}, GZIP):
        response = small.get(f"/static/{path}", headers=headers)
        assert response.status_code == 404
        assert "secret" not in response.text


def test_an_error_under_the_path_of_static_files_is_stored_nowhere(sign_in: Callable[..., Person]) -> None:
    response = sign_in("alice").client.get("/static/nothing.css", headers=PAGE)
    assert (response.status_code, "alice" in response.text) == (404, True)
    assert response.headers["Cache-Control"] == "no-store"


def test_no_page_is_compressed(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    paths = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert len(paths) > 15
    for path in paths:
        for headers in (PAGE | GZIP, alice.bearer_header | GZIP):
            with alice.client.get(path, headers=headers) as response:
                assert "Content-Encoding" not in response.headers, path
