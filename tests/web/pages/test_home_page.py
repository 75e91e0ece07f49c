"""The home page: what Daypass is, the pages of a visitor, and the next steps of an administrator."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.web.gate import token_required
from daypass.web.home_pages import add_page
from tests.conftest import PAGE, PASSWORD, Person, app_settings
from tests.helpers.setup_links import new_setup_code
from tests.helpers.statements import counted_statements
from tests.web.forward_auth.proxy_checks import NGINX, RULES, SETTINGS, cookie_header

LINK = re.compile(r'<h2><a href="([^"]+)">([^<]+)</a></h2>')
STEPS = ["Invite people", "Protect something", "Look at the lab"]
TITLED = """
[[rule]]
host = "app.example.org"
path = "/hand book/*"
title = "<script>alert(1)</script>"
icon = "📘"
description = "<b>How</b> we \\"work\\"."
allow = "signed-in"

[[rule]]
host = "nas.example.org:8443"
path = "/films/"
title = "Films"
allow = "signed-in"
"""


def home_of(person: Person, app: Flask | None = None) -> str:
    """The home page as this person sees it, of another process if one is given."""
    app = app or person.client.application
    settings = app_settings(app)
    headers = {"Host": settings.authority, "Cookie": f"{settings.cookie_name}={person.token}"}
    response = app.test_client(use_cookies=False).get(f"{settings.prefix}/", headers=PAGE | headers)
    assert response.status_code == 200
    return response.text


def links(page: str) -> list[tuple[str, str]]:
    """The URL and the title of each listed page."""
    return [(html.unescape(url), html.unescape(title)) for url, title in LINK.findall(page)]


def urls(person: Person) -> list[str]:
    return [url for url, _ in links(home_of(person))]


def steps_to_do(page: str) -> list[str]:
    """The next steps that are not done yet."""
    return [title for _, title in step_links(page)]


def step_links(page: str) -> list[tuple[str, str]]:
    """The URL and the title of each of these steps."""
    return re.findall(r'<h3><a href="([^"]+)">([^<]+)</a></h3>', page)


def test_a_stranger_is_told_what_this_is_and_where_to_sign_in(app: Flask, add_account: Callable[..., str]) -> None:
    add_account("alice")
    page = app.test_client().get("/", headers=PAGE).text
    assert "<h1>Sign in to see your pages</h1>" in page
    assert '<a class="button button--primary" href="/login">Sign in</a>' in page
    assert "Next steps" not in page
    assert links(page) == []


def test_without_any_page_a_member_is_told_whom_to_ask(sign_in: Callable[..., Person]) -> None:
    page = home_of(sign_in("bob"))
    assert "<h1>Your pages</h1>" in page
    assert "No page is open to you yet. Whoever runs this site decides what you may see." in html.unescape(page)
    assert "Next steps" not in page


class TestRules:
    @pytest.fixture
    def rules(self) -> str:
        return RULES

    @pytest.fixture
    def file(self, tmp_path: Path, rules: str) -> Path:
        path = tmp_path / "rules.toml"
        path.write_text(rules)
        return path

    @pytest.fixture
    def environ(self, environ: dict[str, str], file: Path) -> dict[str, str]:
        return environ | SETTINGS | {"DAYPASS_RULES": str(file)}

    def test_each_person_sees_what_the_rules_open_to_them(self, sign_in: Callable[..., Person]) -> None:
        both = ["https://app.example.org/public", "https://app.example.org/", "https://nas.example.org:8443/"]
        assert urls(sign_in("alice", ["staff"])) == [both[0], "https://app.example.org/staff", *both[1:]]
        assert urls(sign_in("bob")) == [both[0], "https://app.example.org/bob", *both[1:]]
        assert urls(sign_in("carol")) == both

    def test_every_listed_page_opens(self, app: Flask, sign_in: Callable[..., Person]) -> None:
        opened = 0
        for person in (sign_in("alice", ["staff", "admin"]), sign_in("bob"), sign_in("carol")):
            for url in urls(person):
                headers = NGINX.headers(urlsplit(url).path, host=urlsplit(url).netloc) | cookie_header(person)
                client = app.test_client(use_cookies=False)
                assert client.get(NGINX.path, headers={"Host": "daypass:8000"} | headers).status_code == 200, url
                opened += 1
        assert opened == 11

    def test_a_host_that_does_not_get_the_cookie_is_not_listed(self, sign_in: Callable[..., Person]) -> None:
        assert "far.example" not in home_of(sign_in("alice", ["staff"]))

    def test_a_page_without_a_title_is_shown_as_host_and_path(self, sign_in: Callable[..., Person]) -> None:
        page = home_of(sign_in("bob"))
        assert ("https://app.example.org/bob", "app.example.org/bob") in links(page)
        assert re.findall(r'<span class="page-icon" aria-hidden="true">(.)</span>', page) == ["P", "B", "A", "N"]

    def test_rules_that_cannot_be_used_leave_the_home_page_without_pages(
        self, file: Path, make_app: Callable[[], Flask], sign_in: Callable[..., Person]
    ) -> None:
        alice = sign_in("alice", ["admin"])
        file.write_text("[[rule]]")
        assert "No page is open to you yet." in home_of(alice, make_app())

    class TestOnDaypassOwnHost:
        @pytest.fixture
        def rules(self) -> str:
            return "".join(
                f'[[rule]]\nhost = "login.example.org"\npath = "{path}"\nallow = "signed-in"\n'
                for path in ("/docs/", "/")
            )

        def test_a_page_is_linked_by_its_path_and_the_home_page_does_not_list_itself(
            self, sign_in: Callable[..., Person]
        ) -> None:
            assert links(home_of(sign_in("bob"))) == [("/docs/", "login.example.org/docs")]

    class TestTitles:
        @pytest.fixture
        def rules(self) -> str:
            return TITLED

        def test_a_title_an_icon_and_a_description_are_shown_as_they_are_written(
            self, sign_in: Callable[..., Person]
        ) -> None:
            page = home_of(sign_in("bob"))
            assert links(page) == [
                ("https://app.example.org/hand%20book/", "<script>alert(1)</script>"),
                ("https://nas.example.org:8443/films/", "Films"),
            ]
            assert "&lt;b&gt;How&lt;/b&gt; we &#34;work&#34;." in page
            assert "<script>alert" not in page
            assert ">📘</span>" in page
            assert re.findall(r'<p class="page-address">([^<]+)</p>', page) == [
                "app.example.org/hand book/",
                "nas.example.org:8443/films/",
            ]


class TestSite:
    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "public").mkdir()
        (tmp_path / "public" / "index.html").write_text("<h1>Handbook</h1>")
        return environ | {"DAYPASS_SITE": str(tmp_path / "public")}

    def test_the_folder_is_a_page_of_everybody_who_is_signed_in(self, sign_in: Callable[..., Person]) -> None:
        bob = sign_in("bob")
        assert links(home_of(bob)) == [("/", "This site")]
        assert "Handbook" in bob.client.get("/", headers=PAGE).text

    def test_the_button_sign_in_leads_back_to_the_pages_and_not_to_the_folder(
        self, app: Flask, add_account: Callable[..., str]
    ) -> None:
        add_account("bob")
        (url,) = re.findall(r'href="([^"]+)">Sign in</a>\s*</div>', app.test_client().get("/-/", headers=PAGE).text)
        assert url == "/-/login?next=/-/"
        assert "<h1>Sign in to see your pages</h1>" in app.test_client().get(url, headers=PAGE).text

    def test_the_first_account_is_led_to_the_next_steps(self, app: Flask) -> None:
        form = {"code": new_setup_code(app), "username": "alice", "password": PASSWORD}
        response = app.test_client().post("/-/setup", headers=PAGE, data=form)
        assert (response.status_code, response.location) == (303, "/-/")

    class TestWithRules:
        @pytest.fixture
        def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
            path = tmp_path / "rules.toml"
            host = 'host = "127.0.0.1"'
            path.write_text(
                f'[[rule]]\n{host}\npath = "/guide/"\nallow = "signed-in"\ntitle = "Guide"\n'
                f'[[rule]]\n{host}\nallow = {{ roles = ["staff"] }}\n'
                '[[rule]]\nhost = "localhost"\nallow = "signed-in"\n'
            )
            return environ | {"DAYPASS_RULES": str(path)}

        def test_the_rules_decide_about_the_folder_too(self, sign_in: Callable[..., Person]) -> None:
            assert links(home_of(sign_in("bob"))) == [("/guide/", "Guide")]
            assert links(home_of(sign_in("alice", ["staff"]))) == [("/guide/", "Guide"), ("/", "This site")]

        class TestWithTitle:
            @pytest.fixture
            def environ(self, environ: dict[str, str]) -> dict[str, str]:
                return environ | {"DAYPASS_TITLE": "Heron House"}

            def test_the_first_page_has_the_title_of_the_site(self, sign_in: Callable[..., Person]) -> None:
                assert links(home_of(sign_in("alice", ["staff"]))) == [("/guide/", "Guide"), ("/", "Heron House")]


class TestPagesOfTheApp:
    @pytest.fixture
    def app(self, app: Flask) -> Flask:
        def view(**values: str) -> str:
            return "a page"

        app.add_url_rule("/open", "open", view)
        app.add_url_rule("/reports", "reports", token_required()(view))
        app.add_url_rule("/plans", "plans", token_required(role="staff")(view))
        app.add_url_rule("/plans/<name>", "plan", token_required()(view))
        return app

    def test_a_page_is_listed_for_everybody_whom_its_view_admits(
        self, app: Flask, sign_in: Callable[..., Person]
    ) -> None:
        add_page(app, "open", "Open")
        add_page(app, "reports", "Reports & more", icon="R", description="Of the week")
        add_page(app, "plans", "Plans")
        both = [("/open", "Open"), ("/reports", "Reports & more")]
        bob, alice = sign_in("bob"), sign_in("alice", ["staff"])
        assert links(home_of(bob)) == both
        assert links(home_of(alice)) == [*both, ("/plans", "Plans")]
        assert [alice.client.get(url).status_code for url in urls(alice)] == [200, 200, 200]

    def test_a_view_that_is_missing_or_whose_url_needs_values_is_refused(self, app: Flask) -> None:
        for endpoint in ("nowhere", "plan"):
            with pytest.raises(ValueError, match=endpoint):
                add_page(app, endpoint, "Plan")

    def test_two_apps_have_their_own_pages(self, app: Flask, make_app: Callable[[], Flask]) -> None:
        add_page(app, "reports", "Reports")
        assert not any("home_pages" in name for name in make_app().extensions)


class TestNextSteps:
    def test_an_administrator_alone_has_all_three(self, sign_in: Callable[..., Person]) -> None:
        page = home_of(sign_in("alice", ["admin"]))
        assert steps_to_do(page) == STEPS
        assert [url for url, _ in step_links(page)] == ["/admin/invitations", "/admin/rules", "/lab"]
        assert 'href="/admin"' in page and 'href="/admin/rules"' in page and 'href="/lab"' in page

    def test_another_account_completes_the_first(
        self, sign_in: Callable[..., Person], add_account: Callable[..., str]
    ) -> None:
        alice = sign_in("alice", ["admin"])
        add_account("bob")
        assert steps_to_do(home_of(alice)) == STEPS[1:]

    def test_a_page_of_the_app_completes_the_second(self, app: Flask, sign_in: Callable[..., Person]) -> None:
        alice = sign_in("alice", ["admin"])
        add_page(app, "daypass.members.members", "Members")
        assert steps_to_do(home_of(alice)) == [STEPS[0], STEPS[2]]

    def test_the_list_disappears_once_both_are_done_and_the_lab_does_not_keep_it(
        self, app: Flask, sign_in: Callable[..., Person], add_account: Callable[..., str]
    ) -> None:
        alice = sign_in("alice", ["admin"])
        add_account("bob")
        add_page(app, "daypass.members.members", "Members")
        assert "Next steps" not in home_of(alice)


NO_ACCOUNT = "Open the link that Daypass printed when it started."


class TestBeforeTheFirstAccount:
    @pytest.mark.parametrize("path", ["/", "/login", "/members", "/nowhere", "/setup", "/setup?code=x"])
    def test_every_page_says_where_the_link_is_and_how_to_print_another(self, client: FlaskClient, path: str) -> None:
        page = client.get(path, headers=PAGE).text
        assert page.count(NO_ACCOUNT) == 1
        assert "in the terminal where Daypass runs, or in the log of its service: " in page
        assert "<code>daypass setup-link</code>" in page

    def test_so_does_the_page_of_an_unknown_host(self, client: FlaskClient) -> None:
        page = client.get("/", headers=PAGE | {"Host": "stranger.example"})
        assert page.status_code == 400
        assert NO_ACCOUNT in page.text

    def test_the_home_page_offers_no_sign_in(self, client: FlaskClient) -> None:
        page = client.get("/", headers=PAGE).text
        assert "<h1>Create the first account</h1>" in page
        assert "button--primary" not in page

    def test_once_an_account_exists_no_page_says_so(self, client: FlaskClient, add_account: Callable[..., str]) -> None:
        assert NO_ACCOUNT in client.get("/login", headers=PAGE).text
        add_account("alice")
        for path in ("/", "/login", "/members", "/nowhere", "/setup"):
            assert NO_ACCOUNT not in client.get(path, headers=PAGE).text, path

    def test_the_database_is_asked_until_an_account_exists_and_never_again(
        self, app: Flask, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        def queries() -> list[str]:
            with counted_statements(app) as statements:
                client.get("/login", headers=PAGE)
            return [statement for statement in statements if "FROM setup" in statement]

        assert len(queries()) == len(queries()) == 1
        add_account("alice")
        assert [len(queries()), len(queries())] == [1, 0]
