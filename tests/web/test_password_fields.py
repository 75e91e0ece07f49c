"""Password fields: for password managers, and for pasting (ASVS 6.2.6, 6.2.7)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person, setup_code
from tests.helpers.project import ROOT

FIELD = re.compile(r"<input[^>]*(?:password|current|new)[^>]*>")
SOURCES = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.js")]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open"}


@pytest.fixture
def pages(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> dict[str, str]:
    """The pages that ask for a password, by their name."""
    link = f"/setup?code={setup_code(app)}"
    texts = {path: client.get(path, headers=PAGE).text for path in (link, "/login", "/signup")}
    alice = sign_in("alice", age=timedelta(hours=1)).client
    texts |= {path: alice.get(path, headers=PAGE).text for path in ("/account/settings", "/account/delete")}
    texts["confirmation"] = alice.post("/account/sessions/end-others", headers=PAGE).text
    return texts


def password_fields(page: str) -> list[str]:
    return [field for field in FIELD.findall(page) if 'type="password"' in field]


def test_password_managers_know_every_password_field(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        fields = password_fields(page)
        assert fields, name
        kinds = [re.findall(r'autocomplete="([^"]*)"', field) for field in fields]
        assert all(kind in (["current-password"], ["new-password"]) for kind in kinds), (name, fields)
        assert re.search(r'autocomplete="username"', page), name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_prevents_pasting(path: object) -> None:
    text = (ROOT / str(path)).read_text()
    listeners = re.findall(r"[\"']paste[\"'].*?\n  \}\);", text, re.DOTALL)
    assert "onpaste" not in text
    assert len(listeners) == len(re.findall(r"[\"']paste[\"']", text))
    assert [listener for listener in listeners if "preventDefault" in listener] == []
