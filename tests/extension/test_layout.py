"""DAYPASS_LAYOUT: pages of Daypass in a layout of the app; and templates of the app in place of those of Daypass."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from daypass.testing import signed_in
from tests.extension.conftest import HostMaker, browser

LAYOUT = """<!doctype html>
<html><head><title>Shop: {% block title %}{% endblock %}</title>
{% block head %}<link href="/shop.css">{% endblock %}</head>
<body><nav>Shop of {{ owner }}</nav>{% block content %}{% endblock %}</body></html>"""
Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a template of the app."""

    def write(name: str, text: str) -> None:
        path = tmp_path / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


@pytest.fixture
def shop(make_host: HostMaker, write: Write) -> Flask:
    write("base.html", LAYOUT)
    app = make_host(DAYPASS_LAYOUT="base.html")
    app.context_processor(lambda: {"owner": "Olga <3"})
    return app


def test_a_page_is_in_the_layout_with_its_title_its_styles_and_its_form(shop: Flask) -> None:
    page = browser(shop).get("/orders").text
    assert page.startswith("<!doctype html>\n<html><head><title>Shop: Sign in to see /orders · Daypass</title>")
    assert '<link href="/shop.css">' in page
    assert '<link rel="stylesheet" href="/auth/static/base.css' in page
    assert "<nav>Shop of Olga &lt;3</nav>" in page
    assert 'action="/auth/login"' in page
    assert page.endswith("</body></html>")
    assert [page.count(tag) for tag in ("<html", "<head>", "<body>", "<title>", "<main")] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    "path", ["/auth/account", "/auth/lab", "/auth/lab/attacks", "/auth/account/sessions", "/auth/"]
)
def test_pages_for_those_who_are_signed_in_are_in_it_too(shop: Flask, path: str) -> None:
    page = signed_in(shop, "alice").get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<nav>Shop of Olga" in page.text


def test_errors_are_in_it_too(shop: Flask) -> None:
    page = browser(shop).post("/auth/login", headers={"Sec-Fetch-Site": "cross-site"}).text
    assert "<nav>Shop of Olga" in page
    assert "This request came from another site" in page


def test_what_a_visitor_typed_stays_escaped(shop: Flask) -> None:
    page = browser(shop).get("/orders?next=<script>alert(1)</script>").text
    assert "<script>alert" not in page


def test_the_policy_lets_the_layout_load_its_own_files_and_still_restricts_forms_and_frames(shop: Flask) -> None:
    policy = browser(shop).get("/orders").headers["Content-Security-Policy"]
    assert policy == "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{% block title %}{% endblock %}{% block head %}{% endblock %}", "it has no block named content"),
        ("<html></html>", "it has no block named title"),
        ("{% block", "unexpected"),
        ("{% extends 'other.html' %}", "there is no template other.html"),
        (None, "there is no template base.html"),
    ],
)
def test_a_layout_that_cannot_be_used_is_logged_once_and_pages_are_shown_without_it(
    make_host: HostMaker, write: Write, caplog: pytest.LogCaptureFixture, text: str | None, problem: str
) -> None:
    if text is not None:
        write("base.html", text)
    client = browser(make_host(DAYPASS_LAYOUT="base.html"))
    for _ in range(2):
        page = client.get("/orders")
        assert page.status_code == 401
        assert '<main class="column"' in page.text
    messages = [record.getMessage() for record in caplog.records if "DAYPASS_LAYOUT" in record.getMessage()]
    assert len(messages) == 1
    assert messages[0].startswith("DAYPASS_LAYOUT base.html cannot be used: ")
    assert problem in messages[0]


def test_a_block_may_be_in_a_template_that_the_layout_extends(make_host: HostMaker, write: Write) -> None:
    write("root.html", LAYOUT)
    write("base.html", "{% extends 'root.html' %}")
    assert "<nav>Shop of" in browser(make_host(DAYPASS_LAYOUT="base.html")).get("/orders").text


def test_a_template_of_the_app_replaces_that_of_daypass(make_host: HostMaker, write: Write) -> None:
    write("daypass/pages/login.html", "Sign in to {{ site }}, with all functions: {{ page_url('signin.login') }}")
    assert browser(make_host()).get("/orders").text == "Sign in to shop.example.org, with all functions: /auth/login"
