"""The rules page, which is for admins."""

import html
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from daypass.rules.parser import read_rules
from tests.conftest import PAGE, Person
from tests.helpers.example_rules import API_TOKEN_RULE, RULES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return path


@pytest.fixture
def environ(environ: dict[str, str], file: Path) -> dict[str, str]:
    return environ | {"DAYPASS_RULES": str(file)}


@pytest.fixture
def ask(sign_in: Callable[..., Person], add_account: Callable[..., str]) -> Callable[..., str]:
    """The page as the admin alice sees it; bob and charlie (staff) have accounts too."""
    alice = sign_in("alice", ["admin"])
    add_account("bob")
    add_account("charlie", ["staff"])

    def ask(**query: str) -> str:
        response = alice.client.get(f"/admin/rules?{urlencode(query)}", headers=PAGE)
        assert response.status_code == 200
        return response.text

    return ask


def words(page: str) -> str:
    """The text of the page: without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(" .", ".").replace(" ,", ",")


def deciding(page: str) -> list[str]:
    """The rows that are marked as the deciding rule."""
    return re.findall(r'<tr role="row" class="table-row--deciding" aria-current="true">\s*<th[^>]*>([^<]+?) *<', page)


def test_the_words_of_a_rule_are_shown_beside_its_path_as_they_are_written(ask: Callable[..., str], file: Path) -> None:
    title, description = "<script>alert(1)</script>", 'Of the "board" <b>only</b>'
    keys = f"allow = \"signed-in\"\ntitle = '{title}'\ndescription = '{description}'\n"
    file.write_text(f'[[rule]]\nhost = "docs.example.org"\npath = "/plans/"\n{keys}')
    page = ask()
    assert "<script>alert" not in page
    assert "<b>only</b>" not in page
    (cell,) = re.findall(r'data-label="Path"[^>]*><code>/plans/</code>(.*?)</td>', page, re.S)
    assert html.unescape(words(cell)).strip() == f"{title} : {description}"


def test_the_rules_are_shown_in_their_order(ask: Callable[..., str]) -> None:
    page = ask()
    assert "Rule 1 line 2 docs.example.org /news/ GET everybody" in words(page)
    assert "Rule 2 line 8 docs.example.org, reports.example.org /**/*.pdf all role staff or bob" in words(page)
    assert deciding(page) == []


@pytest.mark.parametrize(
    ("url", "method", "row", "text"),
    [
        ("https://docs.example.org/news/a", "GET", "Rule 1", "Everybody may see it, signed in or not."),
        ("https://docs.example.org/a.pdf", "GET", "Rule 2", "may see it. Of the accounts here: bob, charlie."),
        ("docs.example.org/news/a", "POST", "No rule matches", "Of the accounts here: alice, bob, charlie."),
        ("elsewhere.example.org", "GET", "No rule for the host", "Nobody may see it. Of the accounts here: none."),
    ],
)
def test_who_may_see_an_address_and_which_rule_says_so(
    ask: Callable[..., str], url: str, method: str, row: str, text: str
) -> None:
    page = ask(url=url, method=method)
    assert deciding(page) == [row]
    assert text in words(page)


@pytest.mark.parametrize(
    ("name", "url", "text"),
    [
        ("alice", "docs.example.org/a.pdf", "alice may not see it: alice has the role admin."),
        ("Charlie", "docs.example.org/a.pdf", "charlie may see it: charlie has the role staff."),
        ("bob", "docs.example.org/a.pdf", "bob may see it: the rule names this account."),
        ("bob", "elsewhere.example.org", "bob is refused, like everybody else: no rule names this host."),
    ],
)
def test_it_is_said_whether_and_why_an_account_may_see_an_address(
    ask: Callable[..., str], name: str, url: str, text: str
) -> None:
    assert text in words(ask(url=url, method="GET", name=name))


def test_the_answer_leads_to_the_account_and_the_account_to_the_question(
    sign_in: Callable[..., Person], ask: Callable[..., str]
) -> None:
    alice = sign_in("dora", ["admin"])
    (account,) = re.findall('href="(/admin/accounts/[^"]+)"', ask(url="docs.example.org", method="GET", name="bob"))
    page = alice.client.get(account, headers=PAGE).text
    assert "<h1>bob</h1>" in page
    assert '<a href="/admin/rules?name=bob#ask">What bob may see, and why</a>' in page
    assert 'name="name" type="text" value="bob"' in ask(name="bob")


def test_the_outcome_of_a_disabled_account_says_so(app: Flask, ask: Callable[..., str]) -> None:
    app.test_cli_runner().invoke(args=["user", "disable", "bob"])
    page = words(ask(url="docs.example.org/a.pdf", method="GET", name="bob"))
    assert "bob may not see it: the account is disabled." in page


@pytest.mark.parametrize("name", ["mallory", "No!", "<i>x", "x" * 10_000, "\x00"])
def test_a_name_that_no_account_has_is_an_error_at_the_field(ask: Callable[..., str], name: str) -> None:
    page = ask(url="docs.example.org/a.pdf", method="GET", name=name)
    assert "No account has this name." in page and page.count('aria-invalid="true"') == 1
    assert "Of the accounts here: bob, charlie." in words(page)
    assert "<i>" not in page


def test_it_is_shown_where_programs_are_let_in(ask: Callable[..., str], file: Path) -> None:
    file.write_text(RULES + API_TOKEN_RULE)
    page = words(ask(url="docs.example.org/export/a.csv", method="GET"))
    assert "Rule 3 line 13 decides docs.example.org /export/ all role staff, API tokens too" in page
    assert "Role staff may see it. Of the accounts here: charlie. Their API tokens have access too" in page
    assert "Their API tokens have no access: that needs a rule with" in ask(url="docs.example.org/a.pdf", method="GET")


def test_a_disabled_account_may_see_nothing(app: Flask, ask: Callable[..., str]) -> None:
    app.test_cli_runner().invoke(args=["user", "disable", "charlie"])
    assert "Of the accounts here: bob." in words(ask(url="docs.example.org/a.pdf", method="GET"))


@pytest.mark.parametrize(
    "url", ["https://docs.example.org/a/../b", "ftp://x", "a b", "https://\u212a.example/", "\U0001f600"]
)
def test_an_ambiguous_url_is_an_error_at_the_field(ask: Callable[..., str], url: str) -> None:
    page = ask(url=url, method="GET")
    assert "This is refused for everybody: " in page
    assert 'aria-invalid="true"' in page
    assert deciding(page) == []


def test_what_is_typed_is_shown_as_text(ask: Callable[..., str]) -> None:
    page = ask(url="docs.example.org/<script>alert(1)</script>", method="<b>")
    assert "<script>alert" not in page and "<b>" not in page
    page = ask(url="docs.example.org/<i>{{7919*7}}", method="GET")
    assert "<i>" not in page and "55433" not in words(page)


def test_a_broken_version_is_reported_and_the_old_one_shown(app: Flask, ask: Callable[..., str], file: Path) -> None:
    ask()
    file.write_text('[[rule]]\nhost = "<b>"\nallow = "nobody"\n')
    os.utime(file, (0, 0))
    app.extensions["daypass"].rules._checked_at -= 2
    page = ask()
    assert "The rules file was changed and cannot be used." in page
    assert "rules.toml, line 2: host" in page and "rules.toml, line 3: allow" in page and "<b>" not in page
    assert "Rule 2 line 8" in words(page)


def test_rules_that_were_never_valid_let_nobody_in(ask: Callable[..., str], file: Path) -> None:
    file.write_text("[[rule]]\n")
    page = ask(url="docs.example.org", method="GET")
    assert "The rules file cannot be used, so nobody can open a page behind the gate." in page
    assert "Rule 1" not in page


def test_a_rule_that_can_never_decide_is_warned_of(ask: Callable[..., str], file: Path) -> None:
    file.write_text(RULES + '[[rule]]\nhost = "docs.example.org"\npath = "/plans/*.pdf"\nallow = "public"\n')
    assert "Line 12: Rule 3 can never decide" in ask()


def test_the_list_of_accounts_leads_to_the_rules(sign_in: Callable[..., Person]) -> None:
    assert 'href="/admin/rules"' in sign_in("alice", ["admin"]).client.get("/admin", headers=PAGE).text


class TestWithoutAFile:
    @pytest.fixture
    def environ(self, database_url: str) -> dict[str, str]:
        return {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": "9d1f6b0c4e7a83d25c7be4f0a16839cd"}

    def test_the_page_says_how_to_write_one(self, ask: Callable[..., str]) -> None:
        page = ask(url="docs.example.org", method="GET")
        assert "There is no rules file yet" in page and "DAYPASS_RULES" in page
        (example,) = re.findall(r'<pre class="code-block"><code>(.+?)</code></pre>', page, re.DOTALL)
        assert len(read_rules(example)) == 3

    def test_the_question_of_an_account_has_no_answer(self, ask: Callable[..., str]) -> None:
        page = ask(url="docs.example.org", method="GET", name="bob")
        assert "Who may see this address?" not in page and "bob may" not in page

    class TestWithASite:
        @pytest.fixture
        def environ(self, database_url: str, tmp_path: Path) -> dict[str, str]:
            (tmp_path / "public").mkdir()
            secret_key = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
            site = str(tmp_path / "public")
            return {"DAYPASS_DATABASE_URL": database_url, "DAYPASS_SECRET_KEY": secret_key, "DAYPASS_SITE": site}

        def test_the_page_says_who_may_see_the_folder_and_the_example_names_its_host(
            self, sign_in: Callable[..., Person], tmp_path: Path
        ) -> None:
            page = sign_in("alice", ["admin"]).client.get("/-/admin/rules", headers=PAGE).text
            folder = str(tmp_path / "public")
            assert f"everybody who is signed in can open every page of the folder {folder}, and" in words(page)
            (example,) = re.findall(r'<pre class="code-block"><code>(.+?)</code></pre>', page, re.DOTALL)
            assert {host for rule in read_rules(html.unescape(example)).rules for host in rule.hosts} == {"127.0.0.1"}
