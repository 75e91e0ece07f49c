"""The site's own title, logo, accent colour, help and style sheet."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from daypass.settings.branding import PNG_SIGNATURE
from tests.conftest import PAGE, Person

TITLE, HELP = "Harbour <Archive>", "Forgot your password? Ask <b>Alice</b>."
ESCAPED_TITLE, ESCAPED_HELP = "Harbour &lt;Archive&gt;", "Forgot your password? Ask &lt;b&gt;Alice&lt;/b&gt;."
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"><path style="fill:red" d="M0 0h3v2z"/></svg>'
PNG = PNG_SIGNATURE + struct.pack(">I4sII5x4x", 13, b"IHDR", 30, 20)
OWN_SHEET = "/* für uns */ .site-footer { font-style: italic }\n"
PAGES = ["/", "/login", "/members", "/signup", "/setup?token=x", "/nothing", "/reset?token=x", "/disown?token=x"]


class TestWithBranding:
    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "logo.svg").write_bytes(LOGO)
        (tmp_path / "own.css").write_text(OWN_SHEET)
        return environ | {
            "DAYPASS_TITLE": TITLE,
            "DAYPASS_LOGO": str(tmp_path / "logo.svg"),
            "DAYPASS_ACCENT": "#7a00cc",
            "DAYPASS_HELP": HELP,
            "DAYPASS_CSS": str(tmp_path / "own.css"),
        }

    @pytest.mark.parametrize("path", PAGES)
    def test_a_page_has_the_title_and_the_logo_of_the_site(
        self, client: FlaskClient, add_account: Callable[..., str], path: str
    ) -> None:
        add_account("alice")  # before the set-up, pages speak of Daypass
        page = client.get(path, headers=PAGE).text
        assert f" · {ESCAPED_TITLE}</title>" in page
        assert f"<span>{ESCAPED_TITLE}</span>" in page
        assert re.search(r'<img src="/static/branding/logo.svg\?v=[0-9a-f]{16}" alt="">', page)
        assert re.search(r'<link rel="icon" href="/static/branding/logo.svg\?v=[0-9a-f]{16}">', page)
        assert path.startswith("/setup") or "Daypass" not in page  # the set-up is done by whoever runs Daypass

    @pytest.mark.parametrize("path", ["/", "/account", "/account/sessions", "/members", "/lab", "/admin"])
    def test_a_member_reads_of_the_site_and_not_of_daypass(self, sign_in: Callable[..., Person], path: str) -> None:
        page = sign_in("alice", ["admin"]).client.get(path, headers=PAGE)
        assert page.status_code == 200
        assert f" · {ESCAPED_TITLE}</title>" in page.text
        assert "What Daypass is" not in page.text
        assert "About Daypass" not in page.text

    @pytest.mark.parametrize("path", ["/login", "/members", "/reset?token=x"])
    def test_help_is_below_the_sign_in_form_and_on_pages_that_refuse(self, client: FlaskClient, path: str) -> None:
        assert ESCAPED_HELP in client.get(path, headers=PAGE).text

    def test_who_may_not_see_a_page_is_told_whom_to_ask(self, sign_in: Callable[..., Person]) -> None:
        refused = sign_in("bob").client.get("/admin", headers=PAGE)
        assert (refused.status_code, ESCAPED_HELP in refused.text) == (403, True)

    def test_help_is_not_where_it_does_not_help(self, client: FlaskClient) -> None:
        for path in ("/", "/nothing"):
            assert "Ask" not in client.get(path, headers=PAGE).text

    def test_the_own_style_sheet_is_the_last_one(self, client: FlaskClient) -> None:
        head = client.get("/login", headers=PAGE).text.partition("</head>")[0]
        sheets = re.findall(r'rel="stylesheet" href="(/static/[^"?]+)\?v=', head)
        assert sheets[-2:] == ["/static/branding/accent.css", "/static/branding/style.css"]
        assert sheets[0] == "/static/base.css"
        assert len(set(sheets)) == len(sheets)

    def test_the_accent_has_a_colour_for_each_theme(self, client: FlaskClient) -> None:
        response = client.get("/static/branding/accent.css")
        assert response.mimetype == "text/css"
        light, _, dark = response.text.partition("prefers-color-scheme: dark")
        assert re.findall("--accent: ([^;]+);", light) == ["#7a00cc"]
        assert re.findall("--accent: (#[0-9a-f]{6});", dark) != ["#7a00cc"]

    @pytest.mark.parametrize(
        ("name", "mimetype", "content"),
        [("logo.svg", "image/svg+xml", LOGO), ("style.css", "text/css", OWN_SHEET.encode())],
    )
    def test_a_file_has_its_type_and_is_kept_for_a_year(
        self, client: FlaskClient, name: str, mimetype: str, content: bytes
    ) -> None:
        page = client.get("/login", headers=PAGE).text
        (url,) = set(re.findall(rf'"(/static/branding/{name}\?v=\w+)"', page))
        response = client.get(url)
        assert (response.status_code, response.mimetype, response.data) == (200, mimetype, content)
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_a_logo_opened_as_a_page_runs_nothing(self, client: FlaskClient) -> None:
        response = client.get("/static/branding/logo.svg")
        assert response.headers.getlist("Content-Security-Policy") == [
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
        ]

    @pytest.mark.parametrize("name", ["", "logo.png", "own.css", "logo.svg/x", "LOGO.SVG"])
    def test_nothing_else_is_served_beside_them(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/static/branding/{name}").status_code == 404

    def test_the_files_are_read_once(self, client: FlaskClient, environ: dict[str, str]) -> None:
        for name in ("DAYPASS_LOGO", "DAYPASS_CSS"):
            Path(environ[name]).unlink()
        assert client.get("/static/branding/logo.svg").data == LOGO
        assert client.get("/static/branding/style.css").status_code == 200

    def test_programs_still_read_the_same_realm(self, client: FlaskClient) -> None:
        assert client.get("/members").headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'

    def test_a_page_under_another_host_has_the_title_the_accent_and_no_files(self, client: FlaskClient) -> None:
        page = client.get("/", headers=PAGE | {"Host": "stranger.example.org"}).text
        assert f" · {ESCAPED_TITLE}</title>" in page
        assert f"a page of {ESCAPED_TITLE} at 127.0.0.1" in page
        assert ":root { --accent: #7a00cc;" in page
        assert "/static/" not in page

    def test_a_page_describes_the_site(self, client: FlaskClient) -> None:
        page = client.get("/login", headers=PAGE).text
        assert f'<meta name="description" content="Sign in to {ESCAPED_TITLE} at 127.0.0.1' in page


class TestWithASite:
    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        site = tmp_path / "site"
        (site / "static" / "branding").mkdir(parents=True)
        (site / "static" / "branding" / "accent.css").write_text("of the site")
        return environ | {"DAYPASS_SITE": str(site), "DAYPASS_ACCENT": "#05a"}

    def test_the_files_are_served_with_daypasss_own_pages(self, client: FlaskClient) -> None:
        page = client.get("/-/login", headers=PAGE).text
        (url,) = re.findall(r'"(/-/static/branding/accent.css\?v=\w+)"', page)
        assert "--accent: #0055aa" in client.get(url).text


class TestPng:
    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "logo").write_bytes(PNG)
        return environ | {"DAYPASS_LOGO": str(tmp_path / "logo")}

    def test_a_png_logo_is_beside_the_name_of_daypass(self, client: FlaskClient) -> None:
        page = client.get("/", headers=PAGE).text
        (url,) = set(re.findall(r'"(/static/branding/logo.png\?v=\w+)"', page))
        response = client.get(url)
        assert (response.mimetype, response.data) == ("image/png", PNG)
        assert "<span>Daypass</span>" in page


class TestWithoutBranding:
    def test_the_home_page_says_what_daypass_is(self, client: FlaskClient) -> None:
        assert "A login in front of pages" in client.get("/", headers=PAGE).text
        assert "About Daypass" in client.get("/login", headers=PAGE).text

    @pytest.mark.parametrize("path", PAGES)
    def test_no_page_refers_to_branding(self, client: FlaskClient, path: str) -> None:
        page = client.get(path, headers=PAGE).text
        assert "· Daypass</title>" in page
        assert "branding" not in page
        assert len(re.findall(r'<meta name="description" content="[^"]{40,160}">', page)) == 1

    @pytest.mark.parametrize("name", ["accent.css", "style.css", "logo.svg", "logo.png"])
    def test_no_file_is_served(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/static/branding/{name}").status_code == 404
