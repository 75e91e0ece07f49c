"""`daypass guest-links ...`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from tests.helpers.guest_links import code_in, show, stored


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "rules.toml").write_text('[[rule]]\nhost = "docs.example.org"\nallow = "signed-in"\n')
    return environ | {
        "DAYPASS_RULES": str(tmp_path / "rules.toml"),
        "DAYPASS_BASE_URL": "https://login.example.org",
        "DAYPASS_COOKIE_DOMAIN": "example.org",
    }


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run `daypass guest-links ...`."""
    return lambda *words: app.test_cli_runner().invoke(args=["guest-links", *words])


def test_a_link_is_created_listed_and_revoked(app: Flask, client: FlaskClient, run: Callable[..., Result]) -> None:
    result = run("add", "https://docs.example.org/guide/", "--days", "3", "--for", "Printer")
    assert result.exit_code == 0
    code = code_in(result.stdout)
    assert show(client, code).status_code == 200
    [link] = stored(app)
    assert result.stdout.strip() == f"https://login.example.org/guest?code={code}"
    listed = run("list").stdout
    assert listed.startswith(f"{link.id}\tdocs.example.org/guide/\tPrinter\tterminal\t")
    assert code not in listed
    assert run("revoke", link.id).exit_code == 0
    assert show(client, code).status_code == 410
    assert run("list").stdout == ""


def test_what_is_wrong_is_said_in_one_sentence(run: Callable[..., Result]) -> None:
    for words, problem in [
        (["add", "https://other.example.org/"], "No rule names the host other.example.org"),
        (["add", "https://docs.example.org/a/../b"], "refused for everybody"),
        (["add", "https://docs.example.org/", "--days", "91"], "91 is not in the range"),
        (["add", "https://docs.example.org/", "--for", " "], "Enter 1 to 64 characters"),
        (["revoke", "x"], "no such guest link"),
    ]:
        result = run(*words)
        assert result.exit_code != 0
        assert problem in result.stderr
        assert "Traceback" not in result.stderr
