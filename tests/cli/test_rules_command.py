"""`daypass rules`: the table, every mistake, and which rule decides."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.conftest import Person
from tests.helpers.example_rules import API_TOKEN_RULE, RULES

Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return path


@pytest.fixture
def environ(environ: dict[str, str], file: Path) -> dict[str, str]:
    return environ | {"DAYPASS_RULES": str(file)}


@pytest.fixture
def run(make_app: Callable[[], Flask]) -> Run:
    """Run `daypass rules ...` on an app without a database."""
    return lambda *words: make_app().test_cli_runner().invoke(args=["rules", *words])


def test_check_prints_the_rules_as_a_table(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "rule line host path methods who may see it",
        "1 2 docs.example.org /news/ GET everybody",
        "2 8 docs.example.org, reports.example.org /**/*.pdf all role staff or bob",
        "- - these hosts all else all everybody who is signed in",
        "- - all other hosts all all nobody",
    ]


def test_check_makes_no_database(run: Run, tmp_path: Path) -> None:
    run("check")
    assert list(tmp_path.iterdir()) == [tmp_path / "rules.toml"]


def test_check_tells_every_mistake_and_fails(run: Run, file: Path) -> None:
    file.write_text('[[rule]]\nhost = "x y"\nallow = "nobody"\n\n[[rule]]\n')
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.findall(r"^rules\.toml, line (\d): \w", result.stderr, re.MULTILINE) == ["2", "3", "5", "5"]


def test_check_warns_of_a_rule_that_can_never_decide(run: Run, file: Path) -> None:
    file.write_text(RULES + '[[rule]]\nhost = "docs.example.org"\npath = "/plans/*.pdf"\nallow = "public"\n')
    result = run("check")
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning, line 12: Rule 3 can never decide: everything that it matches is decided by rule 2 in line 8.\n"
    )


def test_explain_says_which_rule_decides_and_why(run: Run) -> None:
    result = run("explain", "https://docs.example.org/plans/a.pdf?news#news")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "Request: GET /plans/a.pdf on docs.example.org",
            "Rule 1, line 2, does not match: it is for another path.",
            "Rule 2 decides: it is the first rule that matches.",
            "Who may see it: role staff or bob.",
            "Their API tokens have no access: that needs a rule with programs = true.",
        ],
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["docs.example.org/news/"], "Rule 1 decides"),
        (["docs.example.org/news/", "--method", "HEAD"], "Rule 1 decides"),
        (["docs.example.org/news/", "--method", "POST"], "Rule 1, line 2, does not match: it is for other methods."),
        (["reports.example.org/news/"], "Rule 1, line 2, does not match: it is for another host."),
        (["docs.example.org/"], "No rule matches, but a rule names the host docs.example.org"),
        (["elsewhere.example.org/"], "No rule names the host elsewhere.example.org, so the request is refused."),
    ],
)
def test_explain_knows_hosts_paths_and_methods(run: Run, words: list[str], text: str) -> None:
    assert text in run("explain", *words).stdout


@pytest.mark.parametrize("words", [["docs.example.org/a/../b"], ["ftp://x"], [""], ["a b"], ["x", "--method", "get"]])
def test_an_unclear_question_is_one_sentence(run: Run, words: list[str]) -> None:
    result = run("explain", *words)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("Error: This is refused for everybody: ")


def test_explain_says_whether_somebody_may(app: Flask, run: Run, sign_in: Callable[..., Person]) -> None:
    for name, roles in {"alice": ["admin"], "bob": [], "charlie": ["staff", "admin"]}.items():
        sign_in(name, roles)

    def result(name: str, url: str = "docs.example.org/a.pdf") -> str:
        return run("explain", url, "--as", name).stdout.splitlines()[-1]

    assert result("Alice") == "alice may not see it: alice has the role admin."
    assert result("bob") == "bob may see it: the rule names this account."
    assert result("charlie") == "charlie may see it: charlie has the roles admin, staff."
    assert result("alice", "docs.example.org/x") == "alice may see it: everybody who is signed in may."
    assert result("alice", "docs.example.org/news/") == "alice may see it: the page is public."
    assert result("alice", "elsewhere.example.org") == "alice is refused, like everybody else: no rule names this host."
    app.test_cli_runner().invoke(args=["user", "disable", "bob"])
    assert result("bob") == "bob may not see it: the account is disabled."


def test_explain_as_nobody_known_is_one_sentence(run: Run) -> None:
    result = run("explain", "docs.example.org", "--as", "mallory")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no account with this name.\n")


def test_explain_needs_rules_that_can_be_used(run: Run, file: Path) -> None:
    file.write_text("[[rule]]\n")
    result = run("explain", "docs.example.org")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "rules.toml, line 1: this rule has no host" in result.stderr


def test_check_shows_where_programs_are_let_in(run: Run, file: Path) -> None:
    file.write_text(RULES + API_TOKEN_RULE)
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    table = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert table[2].endswith("all role staff or bob")
    assert table[3] == "3 13 docs.example.org /export/ all role staff, API tokens too"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("docs.example.org/export/", "Their API tokens have access too, if they are valid for this host."),
        ("docs.example.org/a.pdf", "Their API tokens have no access: that needs a rule with programs = true."),
        ("docs.example.org/", "Their API tokens have no access: that needs a rule with programs = true."),
        ("docs.example.org/news/", "API tokens make no difference."),
        ("elsewhere.example.org/", "API tokens make no difference."),
    ],
)
def test_explain_says_whether_api_tokens_open_it(run: Run, file: Path, url: str, text: str) -> None:
    file.write_text(RULES + API_TOKEN_RULE)
    assert run("explain", url).stdout.splitlines()[-1] == text


class TestWithoutAFile:
    @pytest.fixture
    def environ(self, database_url: str) -> dict[str, str]:
        return {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": "9d1f6b0c4e7a83d25c7be4f0a16839cd"}

    @pytest.mark.parametrize("words", [["check"], ["explain", "docs.example.org"]])
    def test_that_there_are_no_rules_is_one_sentence(self, run: Run, words: list[str]) -> None:
        result = run(*words)
        assert (result.exit_code, result.stderr) == (1, "Error: There are no rules: DAYPASS_RULES is not set.\n")
