"""The pages that the rules let somebody open, each with an address to link to."""

from dataclasses import dataclass

import pytest

from daypass.rules.pages import pages_for
from daypass.rules.parser import read_rules
from daypass.rules.patterns import read_pattern

HOST = 'host = "docs.example.org"\n'


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    name: str
    roles: tuple[str, ...] = ()


ALICE, BOB = Person("alice", ("staff",)), Person("bob")


def rule(path: str, allow: str = '"signed-in"', more: str = "", host: str = HOST) -> str:
    return f'[[rule]]\n{host}path = "{path}"\nallow = {allow}\n{more}\n'


def paths(visitor: Person, *rules: str) -> list[str]:
    return [page.path for page in pages_for(read_rules("".join(rules)), visitor)]


STAFF = '{ roles = ["staff"] }'


def test_only_the_pages_whose_rule_includes_the_visitor_are_listed() -> None:
    rules = [rule("/plans/", STAFF), rule("/news/", '"public"'), rule("/bob/", '{ names = ["bob"] }'), rule("/")]
    assert paths(ALICE, *rules) == ["/plans/", "/news/", "/"]
    assert paths(BOB, *rules) == ["/news/", "/bob/", "/"]


def test_a_rule_for_several_hosts_is_a_page_on_each() -> None:
    rules = read_rules(rule("/a", host='host = ["one.example", "two.example:8443"]\n'))
    assert [(page.host, page.path) for page in pages_for(rules, BOB)] == [("one.example", "/a"), ("two.example", "/a")]


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/", "/"),
        ("/docs", "/docs"),
        ("/docs/", "/docs/"),
        ("/docs/*", "/docs/"),
        ("/docs/**", "/docs/"),
        ("/docs/a*/b", "/docs/"),
        ("/**/*.pdf", "/"),
        ("/*", "/"),
    ],
)
def test_a_pattern_is_linked_by_what_comes_before_its_first_wildcard(pattern: str, address: str) -> None:
    assert read_pattern(pattern).fixed_path == address


def test_a_pattern_without_a_title_is_no_page_unless_it_decides_about_its_folder() -> None:
    assert paths(ALICE, rule("/**/*.pdf"), rule("/docs/")) == ["/docs/"]
    assert paths(ALICE, rule("/docs/**")) == ["/docs/"]


def test_a_pattern_with_a_title_is_listed_if_the_visitor_may_open_the_folder() -> None:
    pdfs = rule("/plans/*.pdf", more='title = "Plans"')
    assert paths(BOB, pdfs) == ["/plans/"]
    assert paths(BOB, pdfs, rule("/plans/", STAFF)) == []
    assert paths(ALICE, pdfs, rule("/plans/", STAFF)) == ["/plans/"]


def test_a_pattern_is_not_listed_for_others_though_its_folder_is_open_to_them() -> None:
    pdfs = rule("/plans/*.pdf", STAFF, 'title = "Plans"')
    assert paths(ALICE, pdfs) == ["/plans/"]
    assert paths(BOB, pdfs) == []


def test_a_page_that_an_earlier_rule_closes_is_not_listed() -> None:
    assert paths(BOB, rule("/a/", STAFF), rule("/a/b/", more='title = "B"')) == []
    assert paths(ALICE, rule("/a/", STAFF), rule("/a/b/", more='title = "B"')) == ["/a/", "/a/b/"]


def test_a_rule_for_other_methods_is_no_page() -> None:
    assert paths(ALICE, rule("/a/", more='methods = ["POST"]\ntitle = "A"')) == []
    assert paths(ALICE, rule("/a/", more='methods = ["GET", "POST"]')) == ["/a/"]


def test_of_two_rules_with_one_address_the_one_that_decides_names_it() -> None:
    first, second = rule("/**/*.pdf", more='title = "PDFs"'), rule("/", more='title = "Documents"')
    for rules in (first + second, second + first):
        assert [page.label.title for page in pages_for(read_rules(rules), ALICE)] == ["Documents"]
