"""What is true for every request and response."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person

EVIL = "https://evil.example"
PREFLIGHT = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
TOO_LARGE = b"username=alice&password=" + b"x" * 1_000_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def broken(app: Flask) -> FlaskClient:
    """A client of an app in which the page /fault raises an exception."""

    def fault() -> str:
        raise RuntimeError("secret of the fault")

    app.add_url_rule("/fault", view_func=fault)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


def response_by_status(client: FlaskClient, headers: dict[str, str]) -> dict[int, TestResponse]:
    """One response for each status that Daypass sends, by status."""
    responses = [
        client.get("/", headers=headers),
        client.get("/members", headers=headers),
        client.post("/login", headers=headers | {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}),
        client.get("/nowhere", headers=headers),
        client.get("/account/password", headers=headers),
        client.post("/logout", headers=headers),
        client.post("/login", headers=headers | FORM, data=TOO_LARGE),
        client.post("/login", headers=headers | {"Content-Type": "text/plain"}, data=b"{}"),
        client.get("/", headers=headers | {"Host": "evil.example"}),
        client.get("/fault", headers=headers),
    ]
    return {response.status_code: response for response in responses}


@pytest.mark.parametrize("headers", [PAGE, {"Accept": "application/json"}], ids=["page", "program"])
def test_every_response_has_the_headers(broken: FlaskClient, headers: dict[str, str]) -> None:
    responses = response_by_status(broken, headers)
    assert {200, 400, 401, 403, 404, 405, 413, 415, 500} <= set(responses)
    with broken.get("/static/base.css") as static:
        every_header = {status: response.headers for status, response in responses.items()} | {0: static.headers}
    for status, headers_sent in every_header.items():
        policy = headers_sent["Content-Security-Policy"]
        assert "unsafe" not in policy, status
        assert ("sandbox" in policy) == (headers_sent["Content-Type"] != "text/html; charset=utf-8"), status
        directives = set(policy.split("; "))
        assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= directives
        if status == 400:  # under another host, a page may have no script, and only the style that is in it
            assert "script-src" not in policy and ("sandbox" in directives or "style-src 'sha256-" in policy)
        else:
            assert "sandbox" in directives or {"script-src 'self'", "style-src 'self'"} <= directives, status
        assert headers_sent["X-Content-Type-Options"] == "nosniff", status
        assert headers_sent["Referrer-Policy"] == "same-origin", status
        assert headers_sent["Cross-Origin-Opener-Policy"] == "same-origin", status
        assert headers_sent["Cross-Origin-Resource-Policy"] == "same-origin", status
        assert headers_sent["X-Frame-Options"] == "DENY", status
        assert {"camera=()", "geolocation=()", "usb=()"} <= set(headers_sent["Permissions-Policy"].split(", ")), status
        assert "Access-Control-Allow-Origin" not in headers_sent, status


def test_a_response_that_depends_on_the_visitor_is_not_cached(broken: FlaskClient) -> None:
    for status, response in response_by_status(broken, PAGE).items():
        assert response.headers["Cache-Control"] == "no-store", status


def test_a_static_file_is_cached_and_revalidated(client: FlaskClient) -> None:
    with client.get("/static/base.css") as first:
        assert first.headers["Cache-Control"] == "public, no-cache"
    with client.get("/static/base.css", headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert again.status_code == 304
        assert again.headers["X-Content-Type-Options"] == "nosniff"


def test_there_is_no_hsts_over_plain_http(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_errors_are_pages_for_browsers_and_problems_for_programs(broken: FlaskClient) -> None:
    for status, response in response_by_status(broken, PAGE).items():
        assert response.mimetype == "text/html", status
    for status, response in response_by_status(broken, {"Accept": "application/json"}).items():
        if status >= 400:
            assert response.mimetype == "application/problem+json", status
            assert response.json is not None
            assert response.json["status"] == status


def test_an_exception_shows_only_its_id_and_the_log_has_the_rest(
    broken: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    page = broken.get("/fault", headers=PAGE).text
    assert "RuntimeError" not in page
    assert "secret of the fault" not in page
    identifier = re.search(r"Error ID <code>([0-9a-f]{16})</code>", page)
    assert identifier
    assert identifier[1] in caplog.text
    assert "secret of the fault" in caplog.text


CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "https://127.0.0.1:8000"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Origin": "http://127.0.0.1"},
    {"Referer": "https://evil.example/"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
def test_no_unsafe_request_from_another_site_has_an_effect(
    app: Flask, sign_in: Callable[..., Person], headers: dict[str, str]
) -> None:
    alice = sign_in("alice", ["admin"])
    for path in unsafe_paths(app):
        data = {"username": "mallory", "password": "x"}
        response = alice.client.post(path, headers=headers | alice.bearer_header, data=data)
        assert response.status_code == 403, path
        assert "came from another site" in response.text
        assert "Set-Cookie" not in response.headers
    assert alice.client.get("/members").status_code == 200


def unsafe_paths(app: Flask) -> list[str]:
    """Every path that takes a POST, with something in place of its variables."""
    posts = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [re.sub("<.*?>", "0" * 32, path) for path in posts]


def test_every_unsafe_path_is_tried(app: Flask) -> None:
    assert len(unsafe_paths(app)) >= 16


def test_no_view_answers_both_get_and_post(app: Flask) -> None:
    """A path with an act may have a page of its own, such as a form, or what the act would do."""
    assert [rule for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())] == []


def test_an_unsafe_path_without_a_page_does_not_accept_a_get(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    pages = {re.sub("<.*?>", "0" * 32, rule.rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    without_page = set(unsafe_paths(app)) - pages
    assert len(without_page) >= 10
    for path in without_page:
        assert alice.client.get(path, headers=PAGE).status_code == 405, path


def test_no_other_origin_can_read_a_response(client: FlaskClient) -> None:
    for path in ("/", "/login", "/members", "/healthz"):
        for headers in (
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Origin": EVIL, "Access-Control-Request-Method": "POST"},
        ):
            for response in (client.get(path, headers=headers), client.options(path, headers=headers)):
                assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://localhost:8000"},
    ],
    ids=str,
)
def test_an_unsafe_request_from_this_site_is_accepted(sign_in: Callable[..., Person], headers: dict[str, str]) -> None:
    alice = sign_in("alice")
    assert alice.client.post("/logout", headers=headers).status_code == 204
    assert alice.client.get("/members", headers=alice.bearer_header).status_code == 401


def test_a_program_without_cookies_needs_no_origin(sign_in: Callable[..., Person], client: FlaskClient) -> None:
    alice = sign_in("alice")
    assert client.post("/logout", headers=alice.bearer_header).status_code == 204


def test_an_unsafe_request_with_a_cookie_and_without_an_origin_is_refused(sign_in: Callable[..., Person]) -> None:
    assert sign_in("alice").client.post("/logout").status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_only_a_post_signs_out(sign_in: Callable[..., Person], method: str) -> None:
    alice = sign_in("alice")
    headers = {"Sec-Fetch-Site": "same-origin", "X-HTTP-Method-Override": "POST"}
    assert alice.client.open("/logout?_method=POST", method=method, headers=headers).status_code in (200, 405)
    assert alice.client.get("/members").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_host_that_is_not_ours_is_refused(client: FlaskClient, host: str) -> None:
    response = client.get("/login", headers=PAGE | {"Host": host})
    assert (response.status_code, response.headers.get("Location")) == (400, None)
    assert re.findall(r'(?:href|src|action)="(?!http://127\.0\.0\.1:8000)', response.text) == []


@pytest.mark.parametrize(
    "path", ["/.git/HEAD", "/.env", "/instance/secret_key", "/static/", "/static/../app.py", "/console"]
)
def test_no_stray_file_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/members/x.css", "/members;x.css", "/members%2Fx.css", "/members/..%2fstatic/x.css"])
def test_no_spelling_of_a_page_looks_like_a_static_file(sign_in: Callable[..., Person], path: str) -> None:
    assert sign_in("alice").client.get(path).status_code == 404


@pytest.mark.parametrize(
    "cookie",
    [
        "daypass",
        "daypass=",
        'daypass="',
        'daypass="\\303\\050"',
        "daypass=\xff\xfe",
        "=x; daypass=;;;",
        "$Version=1; daypass=x",
        "; ".join(f"name{number}=value{number}" for number in range(200)),
        "daypass=" + "x" * 8_000,
    ],
)
def test_a_malformed_cookie_is_an_invalid_token_and_not_an_error(app: Flask, cookie: str) -> None:
    headers = {"Cookie": cookie.encode("latin-1").decode("latin-1")}
    assert app.test_client(use_cookies=False).get("/members", headers=headers).status_code == 401
    assert app.test_client(use_cookies=False).get("/", headers=headers).status_code == 200


def test_a_refusal_is_one_line_with_its_reason(client: FlaskClient, events: Callable[[], list[dict[str, str]]]) -> None:
    client.get("/members", headers={"Authorization": "Bearer a.b.c"})
    client.post("/login", headers={"Origin": EVIL})
    first, second = events()
    assert (first["event"], first["outcome"], first["address"]) == ("token_refused", "failure", "127.0.0.1")
    assert first["reason"]
    assert (second["event"], second["reason"]) == ("cross_site_refused", EVIL)
    assert first["time"].endswith("+00:00")


class TestUnderHttps:
    """With a base URL of https."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_BASE_URL": "https://login.example.org"}

    def test_every_response_has_hsts(self, broken: FlaskClient) -> None:
        responses = response_by_status(broken, PAGE | {"Host": "login.example.org"})
        assert len(responses) >= 9
        for status, response in responses.items():
            strict = response.headers["Strict-Transport-Security"]
            assert "includeSubDomains" not in strict, status
            assert int(strict.partition(";")[0].removeprefix("max-age=")) >= 31_536_000, status

    class TestWithSubdomains:
        """With all subdomains served over HTTPS."""

        @pytest.fixture
        def environ(self, environ: dict[str, str]) -> dict[str, str]:
            return environ | {"DAYPASS_HSTS_SUBDOMAINS": "on"}

        def test_they_are_included(self, client: FlaskClient) -> None:
            response = client.get("/login", headers=PAGE | {"Host": "login.example.org"})
            assert response.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
