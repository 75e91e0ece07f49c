"""A static site behind the gate."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse, create_environ
from werkzeug.wrappers import Response

from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.gated_routes import OPEN_ROUTES, REQUIRED_ROLES
from tests.helpers.rounds import rounds

PROGRAM = {"Accept": "application/json"}
SCRIPT = "<script>document.title = 'written by a script'</script>"
FILES = {
    "index.html": f"<h1>Handbook</h1>{SCRIPT}",
    "404.html": "<h1>Our own 404</h1>",
    "app.js": "export {}",
    "guide/index.html": "<h1>Guide</h1>",
    "guide/a b&c=d#e?f.txt": "odd name",
    "guide/100%.txt": "percent",
    "Über uns/index.html": "<h1>Über uns</h1>",
    "ten.txt": "0123456789",
    "empty.txt": "",
    "-/index.html": "never served",
    "-x/index.html": "a name that only begins like ours",
    "login": "a page of the site's",
    "static/own.css": "h1 {}",
    "members/index.html": "members of the site",
    "healthz": "never served",
    ".git/config": "hidden",
    "bare/a.txt": "in a folder with no page",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def environ(environ: dict[str, str], folder: Path) -> dict[str, str]:
    return environ | {"DAYPASS_SITE": str(folder)}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> FlaskClient:
    return sign_in("alice", ["admin"]).client


Get = Callable[..., TestResponse]


@pytest.fixture
def get(alice: FlaskClient) -> Get:
    """The response to alice, read to its end."""

    def get(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> TestResponse:
        return alice.open(path, method=method, headers=PAGE | (headers or {}), buffered=True)

    return get


class TestServing:
    """Files for a visitor who is signed in."""

    @pytest.mark.parametrize(
        ("path", "file"),
        [
            ("/", "index.html"),
            ("/index.html", "index.html"),
            ("/guide/", "guide/index.html"),
            ("/guide/a%20b&c=d%23e%3Ff.txt", "guide/a b&c=d#e?f.txt"),
            ("/guide%2f100%25.txt", "guide/100%.txt"),
            ("/%C3%9Cber%20uns/", "Über uns/index.html"),
            ("/-x/", "-x/index.html"),
            ("/login", "login"),
            ("/static/own.css", "static/own.css"),
            ("/members/", "members/index.html"),
            ("/empty.txt", "empty.txt"),
            ("/index.html?version=2", "index.html"),
        ],
    )
    def test_a_path_leads_to_its_file(self, get: Get, path: str, file: str) -> None:
        response = get(path)
        assert (response.status_code, response.text) == (200, FILES[file])
        assert response.headers["Content-Length"] == str(len(FILES[file].encode()))

    def test_a_folder_is_shown_under_a_path_that_ends_with_a_slash(self, get: Get) -> None:
        response = get("/%C3%9Cber%20uns?q=%C3%BC&page=2")
        assert response.status_code == 302
        assert response.location == "/%C3%9Cber%20uns/?q=%C3%BC&page=2"
        assert get("/guide").location == "/guide/"

    @pytest.mark.parametrize(
        "path",
        [
            "/bare/",
            "/bare",
            "/nowhere",
            "/.git/config",
            "/guide/..%2findex.html",
            "/..%2fdaypass.sqlite3",
            "/%2e%2e/daypass.sqlite3",
            "/guide/%2e%2e/index.html",
            "/..%5cdaypass.sqlite3",
            "/ten.txt%00.html",
            "/guide/%0a",
            "/index.html/",
            "/guide./",
            "/guide%20/",
            "/guide/index.html.",
            "/%EF%BC%8E%EF%BC%8E/daypass.sqlite3",
            "/guide%EF%BC%8Findex.html",
            "/%ff",
            "/" + "x" * 5000,
        ],
    )
    def test_what_is_not_there_is_the_sites_own_404(self, get: Get, path: str) -> None:
        response = get(path)
        assert (response.status_code, response.text) == (404, FILES["404.html"])
        assert response.content_type == "text/html; charset=utf-8"

    def test_without_a_404_of_its_own_it_is_ours(self, get: Get, folder: Path) -> None:
        (folder / "404.html").unlink()
        response = get("/nowhere")
        assert response.status_code == 404
        assert "Page not found" in response.text
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]

    def test_a_program_gets_a_problem(self, alice: FlaskClient) -> None:
        response = alice.get("/nowhere", headers=PROGRAM)
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")

    def test_two_slashes_are_not_one(self, get: Get) -> None:
        assert get("/guide//index.html").status_code == 404
        assert get("/guide//").status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    def test_it_can_only_be_read(self, get: Get, method: str) -> None:
        for path in ("/", "/index.html", "/nowhere", "/guide/"):
            response = get(path, method=method)
            assert response.status_code == 405
            assert {"GET", "HEAD"} == set(response.headers["Allow"].split(", "))

    def test_head_has_the_headers_of_get(self, get: Get) -> None:
        for path in ("/", "/ten.txt", "/nowhere"):
            head, whole = get(path, method="HEAD"), get(path)
            assert (head.status_code, head.data) == (whole.status_code, b"")
            own = ("Date", "X-Request-Id")  # of each response
            assert {n: v for n, v in head.headers if n not in own} == {n: v for n, v in whole.headers if n not in own}


class TestHeaders:
    """Headers of the site's files, and of Daypass's own pages."""

    def test_a_page_of_the_site_has_the_security_headers_except_a_policy(self, get: Get) -> None:
        for path in ("/", "/app.js", "/nowhere"):
            headers = get(path).headers
            assert "Content-Security-Policy" not in headers
            assert headers["Cache-Control"] == "private, no-cache"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "SAMEORIGIN"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Permissions-Policy" not in headers
            assert "Content-Disposition" not in headers

    def test_our_own_pages_keep_their_policy(self, get: Get, client: FlaskClient) -> None:
        own = [get("/-/"), get("/-/account"), get("/-/nowhere"), client.get("/", headers=PAGE)]
        for response in own:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert response.headers["X-Frame-Options"] == "DENY"
            assert "camera=()" in response.headers["Permissions-Policy"]

    class TestWithAPolicy:
        """DAYPASS_SITE_CSP."""

        @pytest.fixture
        def environ(self, environ: dict[str, str]) -> dict[str, str]:
            return environ | {"DAYPASS_SITE_CSP": "default-src 'self' 'unsafe-inline'"}

        def test_it_is_sent_only_with_the_site(self, get: Get) -> None:
            for path in ("/", "/app.js", "/nowhere"):
                assert get(path).headers["Content-Security-Policy"] == "default-src 'self' 'unsafe-inline'"
            assert "unsafe-inline" not in get("/-/account").headers["Content-Security-Policy"]


class TestParts:
    """Range requests and conditional requests."""

    @pytest.mark.parametrize(
        ("wanted", "part", "content_range"),
        [
            ("bytes=0-0", "0", "bytes 0-0/10"),
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=5-900", "56789", "bytes 5-9/10"),
        ],
    )
    def test_a_requested_range_is_sent(self, get: Get, wanted: str, part: str, content_range: str) -> None:
        response = get("/ten.txt", {"Range": wanted})
        assert (response.status_code, response.text) == (206, part)
        assert response.headers["Content-Range"] == content_range
        assert response.headers["Content-Length"] == str(len(part))
        assert response.headers["Accept-Ranges"] == "bytes"

    @pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100"])
    def test_a_range_outside_of_the_file_is_416(self, get: Get, wanted: str) -> None:
        response = get("/ten.txt", {"Range": wanted})
        assert response.status_code == 416
        assert response.headers["Content-Range"] == "bytes */10"

    @pytest.mark.parametrize(
        "wanted", ["bytes=0-1,3-4", "bytes=4-2", "bytes", "bytes=a-b", "lines=1-2", "bytes=", "=", "bytes=--1"]
    )
    def test_a_range_that_is_not_a_single_plain_range_is_ignored(self, get: Get, wanted: str) -> None:
        assert get("/ten.txt", {"Range": wanted}).status_code == 200

    def test_an_empty_file_and_a_head_request_have_no_ranges(self, get: Get) -> None:
        assert get("/empty.txt", {"Range": "bytes=0-4"}).status_code == 200
        assert get("/ten.txt", {"Range": "bytes=0-4"}, method="HEAD").status_code == 200

    def test_a_cached_file_is_not_sent_again(self, get: Get) -> None:
        first = get("/ten.txt")
        for headers in (
            {"If-None-Match": first.headers["ETag"]},
            {"If-None-Match": f'"other", W/{first.headers["ETag"]}'},
            {"If-Modified-Since": first.headers["Last-Modified"]},
        ):
            again = get("/ten.txt", headers)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]
            assert again.headers["Cache-Control"] == "private, no-cache"

    def test_a_changed_file_is_sent_again(self, get: Get, folder: Path) -> None:
        first = get("/ten.txt")
        (folder / "ten.txt").write_text("abcdefghij")
        os.utime(folder / "ten.txt", ns=(0, 10**18))
        for headers in (
            {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]},
            {"If-Range": first.headers["ETag"], "Range": "bytes=2-4"},
        ):
            again = get("/ten.txt", headers)
            assert (again.status_code, again.text) == (200, "abcdefghij")
        assert get("/ten.txt", {"If-Match": first.headers["ETag"]}).status_code == 412

    def test_a_file_that_grows_is_sent_as_long_as_it_was(self, alice: FlaskClient, folder: Path) -> None:
        size, log = 3 * 256 * 1024, folder / "log.txt"
        for headers, expected in (({}, size), ({"Range": "bytes=10-"}, size - 10)):
            log.write_bytes(b"x" * size)
            with alice.get("/log.txt", headers=headers) as response, log.open("ab") as file:
                file.write(b"y" * size)
                file.flush()
                assert response.headers["Content-Length"] == str(expected)
                assert response.data == b"x" * expected

    @pytest.mark.parametrize(
        ("method", "headers"),
        [
            ("HEAD", {}),
            ("GET", {"Range": "bytes=99-"}),
            ("GET", {"If-Match": '"other"'}),
            ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        ],
    )
    def test_no_file_stays_open(self, alice: FlaskClient, folder: Path, method: str, headers: dict[str, str]) -> None:
        alice.open("/ten.txt", method=method, headers=headers)
        opened = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        assert str(folder / "ten.txt") not in opened


class TestTheGate:
    """Access to the site, and the sign-in page for the others."""

    PATHS = ("/", "/index.html", "/app.js", "/nowhere", "/.git/config", "/guide", "/login", "/-x/", "/static/own.css")

    def test_a_stranger_sees_none_of_it(self, client: FlaskClient) -> None:
        for path in self.PATHS:
            for method in ("GET", "HEAD"):
                response = client.open(path, method=method, headers=PAGE)
                assert response.status_code == 401, path
                assert "ETag" not in response.headers
            assert "Invalid token" in client.get(path, headers=PAGE).text
            refused = client.get(path, headers=PROGRAM)
            assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
            assert refused.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_strangers_conditional_request_is_refused(self, client: FlaskClient, get: Get) -> None:
        known = get("/ten.txt").headers
        headers = {"If-None-Match": known["ETag"], "If-Modified-Since": known["Last-Modified"], "Range": "bytes=0-1"}
        assert client.get("/ten.txt", headers=headers).status_code == 401

    @pytest.mark.parametrize(
        "url",
        [
            "/",
            "/guide/?page=2&sort=-name",
            "/%C3%9Cber%20uns/?q=%C3%BC",
            "/guide/100%25.txt",
            "/guide/a%20b&c=d%23e%3Ff.txt",
            "/app.js?a=b?c=%26",
        ],
    )
    def test_signing_in_leads_back_to_the_requested_page(
        self, client: FlaskClient, add_account: Callable[..., str], url: str
    ) -> None:
        add_account("bob")
        refused = client.get(url, headers=PAGE)
        form = {"username": "bob", "password": PASSWORD, "next": hidden_next(refused.text)}
        signed_in = client.post(action(refused.text), headers=PAGE, data=form)
        assert (signed_in.status_code, signed_in.location) == (303, url)
        assert client.get(signed_in.location, headers=PAGE, buffered=True).status_code == 200

    def test_under_a_host_that_is_not_ours_there_is_nothing(self, get: Get) -> None:
        for path in ("/", "/-/", "/nowhere"):
            assert get(path, {"Host": "evil.example"}).status_code == 400

    def test_a_session_that_has_ended_is_out_at_the_next_request(self, sign_in: Callable[..., Person]) -> None:
        bob = sign_in("bob")
        assert bob.client.get("/", buffered=True).status_code == 200
        assert bob.client.post("/-/logout", headers=PAGE).status_code == 303
        assert bob.client.get("/", headers=bob.bearer_header).status_code == 401

    def test_a_program_enters_with_its_token(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        assert client.get("/ten.txt", headers=sign_in("bob").bearer_header, buffered=True).text == "0123456789"

    def test_a_kept_session_is_renewed_by_a_page_of_the_site(self, sign_in: Callable[..., Person]) -> None:
        bob = sign_in("bob", age=timedelta(hours=25), keep=True)
        response = bob.client.get("/", headers=PAGE, buffered=True)
        assert response.status_code == 200
        assert "Path=/;" in f"{response.headers['Set-Cookie']};"
        held = bob.client.get_cookie("daypass")
        assert held is not None
        assert held.value != bob.token
        again = bob.client.get("/", headers=PAGE | {"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.headers.get("Set-Cookie")) == (304, None)

    def test_reading_the_site_is_noted_as_use(self, app: Flask, sign_in: Callable[..., Person]) -> None:
        bob = sign_in("bob", age=timedelta(hours=2))
        page = bob.client.get("/ten.txt", headers=PAGE, buffered=True)
        assert page.status_code == 200
        assert "Today" not in page.text
        app.extensions["daypass"].activity.flush()
        listed = bob.client.get("/-/account/sessions", headers=PAGE).text
        first, last = re.findall(r"<dt>(?:Signed in|Last seen)</dt><dd><time datetime=\"([^\"]+)\"", listed)[:2]
        assert first < last

    def test_signing_out_clears_the_browsers_cache_of_the_site(self, alice: FlaskClient) -> None:
        assert alice.post("/-/logout", headers=PAGE).headers["Clear-Site-Data"] == '"cache"'


def hidden_next(page: str) -> str:
    found = re.search(r'name="next" type="hidden" value="([^"]*)"', page)
    assert found, page
    return found[1].replace("&amp;", "&").replace("&#39;", "'")


def action(page: str) -> str:
    found = re.search(r'<form[^>]+action="([^"]*)"', page)
    assert found
    return found[1]


class TestOurOwnPages:
    """Daypass's own pages, which are under `/-/`."""

    def test_every_page_of_ours_is_under_the_prefix(self, app: Flask) -> None:
        rules = {rule.rule: rule.endpoint for rule in app.url_map.iter_rules()}
        well_known = {f"/.well-known/{name}" for name in ("jwks.json", "security.txt", "change-password")}
        fixed = {"/healthz", "/readyz", "/gate/nginx", "/gate/forward"} | well_known
        sites = {rule for rule, endpoint in rules.items() if endpoint == "site.page"}
        assert sites == {"/", "/<site_path:path>"}
        assert {rule for rule in rules if not rule.startswith("/-/")} - sites == fixed
        assert {f"/-{path}" for path in (OPEN_ROUTES | set(REQUIRED_ROLES)) - fixed} <= set(rules)

    @pytest.mark.parametrize("path", ["/-/index.html", "/-/nowhere", "/-/static/", "/-/static/own.css", "/-/-/login"])
    def test_the_site_has_no_files_under_the_prefix(self, get: Get, client: FlaskClient, path: str) -> None:
        for response in (get(path), client.get(path, headers=PAGE, buffered=True)):
            assert response.status_code == 404
            assert "Page not found" in response.text
            assert "never served" not in response.text

    def test_the_name_alone_leads_to_them(self, client: FlaskClient) -> None:
        response = client.get("/-")
        assert response.status_code == 308
        assert urlsplit(response.location).path == "/-/"

    def test_a_page_that_acts_does_not_act_on_a_get(self, get: Get) -> None:
        assert get("/-/account/password").status_code == 405
        assert get("/-/").status_code == 200

    def test_supervisors_find_what_they_ask_where_it_was(self, client: FlaskClient) -> None:
        assert client.get("/healthz").json == {"status": "up"}
        assert client.get("/readyz").status_code == 200
        assert client.get("/-/healthz").status_code == 404

    def test_signing_in_with_no_page_to_go_back_to_leads_to_the_site(
        self, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        add_account("bob")
        for target in ("", "/-/login", "/-/signup?next=/", "https://evil.example", "//evil.example"):
            data = {"username": "bob", "password": PASSWORD, "next": target}
            assert client.post("/-/login", headers=PAGE, data=data).location == "/"
        data = {"username": "bob", "password": PASSWORD, "next": "/login"}
        assert client.post("/-/login", headers=PAGE, data=data).location == "/login"

    def test_every_link_and_form_of_theirs_leads_to_a_page(self, app: Flask, get: Get, client: FlaskClient) -> None:
        links, forms = crawl(get, "/-/")
        stranger_links, stranger_forms = crawl(lambda path: client.get(path, headers=PAGE, buffered=True), "/-/")
        assert {"/", "/-/", "/-/account", "/-/account/sessions", "/-/members", "/-/admin"} <= links
        files = {link.partition("?v=")[0] for link in stranger_links}
        assert {"/-/", "/-/login", "/-/members", "/-/static/base.css", "/-/static/daypass.js"} <= files
        assert {"/-/login"} == stranger_forms
        assert {"/-/logout", "/-/account/password", "/-/account/tokens"} <= forms
        urls = app.url_map.bind("127.0.0.1")
        for path in forms:
            assert not urls.match(path, method="POST")[0].startswith("site.")


def crawl(get: Callable[[str], TestResponse], start: str) -> tuple[set[str], set[str]]:
    """Follow all links of our own pages; returns the links and the form actions."""
    seen, waiting, forms = {start}, [start], set[str]()
    while waiting:
        path = waiting.pop()
        response = get(path)
        assert response.status_code in (200, 401), path
        if response.mimetype == "text/html" and path.startswith("/-/"):
            found = {link.partition("#")[0] for link in re.findall(r'(?:href|src)="(/[^"]*)"', response.text)}
            waiting += found - seen
            seen |= found
            forms |= set(re.findall(r'<form[^>]* method="post"[^>]* action="([^"#]*)', response.text))
    return seen, forms


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(full=150, quick=37))
@given(st.text(st.sampled_from("/.-\\ab\0é\ufffdguide"), max_size=24))
@example("/-/login")
@example("-/")
@example("-/login")
@example("/../-/")
@example("//evil.example")
@example("guide/../-/")
def test_any_path_is_refused_to_a_stranger_or_is_our_own_page(client: FlaskClient, text: str) -> None:
    environ = create_environ(headers=Headers(PAGE)) | {"PATH_INFO": f"/{text}".encode().decode("latin-1")}
    response = Response.from_app(client.application, environ, buffered=True)  # a client would tidy the path up
    ours = text.lstrip("/").split("/")[0] == "-"
    assert response.status_code in ((200, 308, 404) if ours else (401, 308)), text
    assert not any(kept in response.get_data(as_text=True) for kept in FILES.values() if len(kept) > 8)


class TestRules:
    """With rules for the site's own host."""

    RULES = """
[[rule]]
host = "127.0.0.1"
path = "/guide/"
methods = ["GET"]
allow = "public"

[[rule]]
host = "127.0.0.1"
path = "/members/"
allow = { roles = ["staff"], names = ["charlie"] }

[[rule]]
host = "127.0.0.1"
path = "/Über uns"
allow = { roles = ["nobody-has-it"] }
"""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        rules = tmp_path / "rules.toml"
        rules.write_text(self.RULES)
        return environ | {"DAYPASS_RULES": str(rules)}

    @pytest.mark.parametrize("path", ["/guide/", "/guide/100%25.txt"])
    def test_a_public_page_is_for_strangers_too(self, client: FlaskClient, path: str) -> None:
        assert client.get(path, headers=PAGE, buffered=True).status_code == 200
        assert client.head(path, headers=PAGE).status_code == 200

    @pytest.mark.parametrize(
        "path", ["/", "/app.js", "/members/", "/guide/..%2fapp.js", "/guide/../app.js", "/nothing"]
    )
    def test_no_other_page_is(self, client: FlaskClient, path: str) -> None:
        response = client.get(path, headers=PAGE, buffered=True)
        assert response.status_code in (400, 401)
        assert not any(kept in response.text for kept in FILES.values() if len(kept) > 8)

    @pytest.mark.parametrize(
        "path",
        [
            "/guide./",
            "/guide%20/",
            "/guide/index.html.",
            "/guide/%EF%BC%8E%EF%BC%8E/app.js",
            "/guide%EF%BC%8Findex.html",
        ],
    )
    def test_a_path_that_some_software_reads_otherwise_is_refused_to_everybody(
        self, client: FlaskClient, get: Get, path: str
    ) -> None:
        assert [client.get(path, headers=PAGE).status_code, get(path).status_code] == [400, 400]

    def test_the_sites_404_is_shown_to_strangers_only_where_it_is_public(self, app: Flask, get: Get) -> None:
        stranger = app.test_client().get("/guide/nothing", headers=PAGE, buffered=True)
        assert (stranger.status_code, "Our own 404" in stranger.text) == (404, False)
        assert "Our own 404" in get("/guide/nothing").text

    def test_a_404_of_the_sites_that_is_for_some_is_shown_to_no_others(
        self, make_app: Callable[[], Flask], app: Flask, tmp_path: Path, sign_in: Callable[..., Person]
    ) -> None:
        tokens = sign_in("alice").token, sign_in("bob", ["staff"]).token
        rule = '[[rule]]\nhost = "127.0.0.1"\npath = "/404.html"\nallow = { roles = ["staff"] }'
        (tmp_path / "rules.toml").write_text(rule)
        client = make_app().test_client()
        held = [PAGE | {"Authorization": f"Bearer {token}"} for token in tokens]
        responses = [client.get("/nothing", headers=headers, buffered=True) for headers in held]
        assert ["Our own 404" in response.text for response in responses] == [False, True]

    def test_a_page_for_some_is_for_those_with_the_role_or_name(self, sign_in: Callable[..., Person]) -> None:
        people = [sign_in("alice"), sign_in("bob", ["staff"]), sign_in("charlie")]
        responses = [person.client.get("/members/", headers=PAGE, buffered=True) for person in people]
        assert [response.status_code for response in responses] == [403, 200, 200]
        assert "You do not have access to /members/." in responses[0].text

    def test_a_closed_page_is_called_by_the_title_of_its_rule(
        self, make_app: Callable[[], Flask], app: Flask, tmp_path: Path, sign_in: Callable[..., Person]
    ) -> None:
        token = sign_in("alice").token
        path, title = 'path = "/plans/"', 'title = "Plans & <dates>"'
        rule = f'[[rule]]\nhost = "127.0.0.1"\n{path}\n{title}\nallow = {{ roles = ["staff"] }}'
        (tmp_path / "rules.toml").write_text(rule)
        headers = PAGE | {"Authorization": f"Bearer {token}"}
        response = make_app().test_client().get("/plans/2026/", headers=headers, buffered=True)
        assert response.status_code == 403
        assert "You do not have access to Plans &amp; &lt;dates&gt;." in response.text

    def test_composed_and_decomposed_letters_are_the_same(self, get: Get) -> None:
        for path in ("/%C3%9Cber%20uns/", "/U%CC%88ber%20uns/"):
            assert get(path).status_code == 403

    def test_a_page_without_a_rule_is_for_anyone_signed_in(self, get: Get) -> None:
        assert get("/").status_code == 200

    def test_where_the_rules_do_not_name_the_host_nobody_is_let_in(
        self, make_app: Callable[[], Flask], app: Flask, tmp_path: Path, sign_in: Callable[..., Person]
    ) -> None:
        token = sign_in("alice").token
        (tmp_path / "rules.toml").write_text('[[rule]]\nhost = "127.0.0.2"\nallow = "public"')
        client = make_app().test_client()
        assert client.get("/guide/", headers=PAGE | {"Authorization": f"Bearer {token}"}).status_code == 403
        assert client.get("/guide/", headers=PAGE).status_code == 401

    def test_another_name_of_loopback_is_the_same_host(
        self, make_app: Callable[[], Flask], app: Flask, tmp_path: Path
    ) -> None:
        (tmp_path / "rules.toml").write_text('[[rule]]\nhost = "localhost"\npath = "/guide/"\nallow = "public"')
        client = make_app().test_client()
        assert [client.get(path, headers=PAGE, buffered=True).status_code for path in ("/guide/", "/")] == [200, 401]

    def test_without_rules_that_can_be_used_nobody_is_let_in(
        self, make_app: Callable[[], Flask], app: Flask, tmp_path: Path, sign_in: Callable[..., Person]
    ) -> None:
        token = sign_in("alice").token
        (tmp_path / "rules.toml").write_text("[[rule]]\nhost = 1")
        client = make_app().test_client()
        for path in ("/guide/", "/"):
            assert client.get(path, headers=PAGE | {"Authorization": f"Bearer {token}"}).status_code == 503
