"""Fragments: rendered once, for everything that their HTML depends on, and for nobody in particular."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from markupsafe import Markup

from daypass.web import fragments, templates
from daypass.web.template_functions import functions_of
from tests.conftest import PAGE, Person, app_settings

MACRO = "{% macro text(value) %}<i>{{ note(value) }}</i>{% endmacro %}"


@pytest.fixture
def rendered() -> list[object]:
    """The values for which the macro was rendered."""
    return []


@pytest.fixture
def small_app(tmp_path: Path, rendered: list[object]) -> Flask:
    """An app with a macro that notes when it is rendered."""
    app = Flask("small", template_folder=str(tmp_path))

    def note(value: object) -> object:
        rendered.append(value)
        return value

    (tmp_path / "daypass/macros").mkdir(parents=True)
    (tmp_path / "daypass/macros/test.html").write_text(MACRO)
    (tmp_path / "kept.html").write_text("{{ fragment(macros('test').text, value) }}")
    app.jinja_env.globals["note"] = note
    templates.init_app(app, {})
    fragments.init_app(app)
    return app


def render(app: Flask, value: object, **environ: str) -> str:
    with app.test_request_context(environ_overrides=environ):
        return templates.render("kept.html", {"value": value} | functions_of(app))


def test_a_macro_is_rendered_once_for_equal_arguments(small_app: Flask, rendered: list[object]) -> None:
    assert [render(small_app, value) for value in ("a", "b", "a")] == ["<i>a</i>", "<i>b</i>", "<i>a</i>"]
    assert rendered == ["a", "b"]


def test_it_is_rendered_again_under_another_prefix(small_app: Flask, rendered: list[object]) -> None:
    for prefix in ("", "/prefix", ""):
        render(small_app, "a", SCRIPT_NAME=prefix)
    assert rendered == ["a", "a"]


def test_only_the_fragments_used_last_are_kept(
    small_app: Flask, rendered: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fragments, "MAX_FRAGMENTS", 2)
    fragments.init_app(small_app)
    for value in ("a", "b", "a", "c", "a", "b"):
        render(small_app, value)
    assert rendered == ["a", "b", "c", "b"]


def test_a_text_is_not_taken_for_equal_markup(small_app: Flask) -> None:
    assert render(small_app, Markup("<b>")) == "<i><b></i>"  # constant
    assert render(small_app, "<b>") == "<i>&lt;b&gt;</i>"


def test_a_value_that_can_change_is_no_argument(small_app: Flask) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        render(small_app, ["a"])


def test_a_changed_template_has_fragments_of_its_own(small_app: Flask, tmp_path: Path) -> None:
    small_app.jinja_env.auto_reload = True
    assert render(small_app, "a") == "<i>a</i>"
    path = tmp_path / "daypass/macros/test.html"
    path.write_text(MACRO.replace("i>", "b>"))
    os.utime(path, (1, 1))
    assert render(small_app, "a") == "<b>a</b>"


def test_nothing_is_kept_in_debug_mode(small_app: Flask, rendered: list[object]) -> None:
    small_app.debug = True
    for _ in range(2):
        render(small_app, "a")
    assert rendered == ["a", "a"]


def test_the_url_of_a_page_is_built_once_for_each_prefix(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Mock(side_effect=lambda endpoint: f"{request.script_root}/{endpoint}")
    monkeypatch.setattr(fragments, "page_url", built)
    for prefix in ("", "/prefix") * 2:
        with small_app.test_request_context(environ_overrides={"SCRIPT_NAME": prefix}):
            assert functions_of(small_app)["page_url"]("home") == f"{prefix}/home"
    assert built.call_count == 2


def test_a_limited_number_of_urls_is_kept(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Mock(side_effect=lambda endpoint: endpoint)
    monkeypatch.setattr(fragments, "page_url", built)
    with small_app.test_request_context():
        for endpoint in (*range(fragments.MAX_URLS + 1), 0):
            functions_of(small_app)["page_url"](str(endpoint))
    assert built.call_count == fragments.MAX_URLS + 2


def test_each_app_has_fragments_of_its_own(small_app: Flask, tmp_path: Path, rendered: list[object]) -> None:
    other = Flask("other", template_folder=str(tmp_path))
    other.jinja_env.globals["note"] = str.upper
    templates.init_app(other, {})
    fragments.init_app(other)
    assert [render(app, "a") for app in (small_app, other, small_app)] == ["<i>a</i>", "<i>A</i>", "<i>a</i>"]


def pages(app: Flask, client: FlaskClient) -> dict[str, str]:
    """All pages without arguments, by their path, without numbers and tokens, which the time changes."""
    paths = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    found = {path: client.get(path, headers=PAGE) for path in paths}
    html = {path: page.text for path, page in found.items() if page.mimetype == "text/html" and path != "/lab"}
    return {path: re.sub(r"\d+|eyJ[\w.-]+", "0", text) for path, text in html.items()}


def test_no_page_depends_on_the_visitors_before(
    app: Flask, make_app: Callable[[], Flask], sign_in: Callable[..., Person]
) -> None:
    alice, bob = sign_in("alice", ["admin"]), sign_in("bob")
    before = pages(app, alice.client)
    assert len(before) > 15
    for visitor in (bob, alice, None):
        clients = app.test_client(), make_app().test_client()
        for client in clients:
            if visitor:
                client.set_cookie(app_settings(app).cookie_name, visitor.token)
        warm, cold = (pages(app, client) for client in clients)
        assert warm == cold
