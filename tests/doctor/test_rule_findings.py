"""What is told about rules."""

import pytest

from daypass.doctor.rules import Accounts, check_accounts, check_order, check_sign_up, invalid
from daypass.rules.errors import InvalidRules, RuleError
from daypass.rules.model import NO_RULES
from daypass.rules.parser import read_rules
from tests.doctor.findings import one, rules, told

NOBODY = Accounts((), ())
NAMED = rules("app.example.org", allow='{ roles = ["staff"], names = ["bob"] }')


def test_every_mistake_of_a_broken_file_is_wrong_and_told_with_its_line() -> None:
    error = InvalidRules("rules.toml", [RuleError(7, "this rule has no host"), RuleError(2, "this is not TOML")])
    assert told(invalid(error)) == [
        ("rules.toml, line 2: this is not TOML.", True),
        ("rules.toml, line 7: this rule has no host.", True),
    ]


def test_a_rule_that_can_never_decide_is_wrong() -> None:
    shadowed = read_rules(
        '[[rule]]\nhost = "app.example.org"\nallow = "public"\n'
        '[[rule]]\nhost = "app.example.org"\npath = "/plans/"\nallow = { roles = ["staff"] }\n'
    )
    found = one(check_order(shadowed))
    assert found.is_problem
    assert found.message == "Rule 2 can never decide: everything that it matches is decided by rule 1 in line 1."
    assert "line 4" in found.remedy


def two_paths(first: str, second: str, host: str = "app.example.org") -> str:
    return (
        f'[[rule]]\nhost = "app.example.org"\npath = "{first}"\nallow = "public"\n'
        f'[[rule]]\nhost = "{host}"\npath = "{second}"\nallow = {{ roles = ["staff"] }}\n'
    )


def test_paths_that_differ_by_case_alone_are_worth_knowing() -> None:
    found = one(check_order(read_rules(two_paths("/plans/", "/Plans/"))))
    assert not found.is_problem
    assert "lines 1 and 5" in found.message


@pytest.mark.parametrize(
    "text",
    [
        two_paths("/plans/", "/plan/"),
        two_paths("/plans/", "/Plans/", host="docs.example.org"),
        two_paths("/plans/", "/Plans/").replace('"public"', '{ roles = ["staff"] }'),
        two_paths("/plans/", "/plans/").replace('"public"', '"public"\nmethods = ["GET"]'),
    ],
    ids=["other path", "other host", "alike", "same path"],
)
def test_paths_that_no_server_mixes_up_are_not_mentioned(text: str) -> None:
    assert told(check_order(read_rules(text))) == []


def test_open_sign_up_makes_signed_in_say_little() -> None:
    signed_in = rules("app.example.org")
    found = one(check_sign_up(signed_in, has_site=False, signup=True))
    assert not found.is_problem
    assert "signed-in" in found.message
    assert "DAYPASS_SITE" in one(check_sign_up(NO_RULES, has_site=True, signup=True)).message


def test_sign_up_that_opens_nothing_is_not_mentioned() -> None:
    assert told(check_sign_up(rules("app.example.org"), has_site=True, signup=False)) == []
    assert told(check_sign_up(NAMED, has_site=False, signup=True)) == []
    assert told(check_sign_up(NO_RULES, has_site=False, signup=True)) == []


def test_a_free_name_in_the_rules_is_wrong_where_anybody_can_take_it() -> None:
    found = one(check_accounts(NAMED, Accounts((), {"staff"}), signup=True))
    assert found.is_problem
    assert "bob in line 1" in found.message
    assert "flask user add bob" in found.remedy


def test_a_free_name_is_worth_knowing_where_nobody_can() -> None:
    assert not one(check_accounts(NAMED, Accounts((), {"staff"}), signup=False)).is_problem


def test_a_role_that_nobody_has_is_worth_knowing_once_with_all_its_lines() -> None:
    twice = rules("app.example.org", "docs.example.org", allow='{ roles = ["staff"] }')
    found = one(check_accounts(twice, NOBODY, signup=True))
    assert not found.is_problem
    assert "role staff in lines 1 and 5" in found.message


def test_people_who_are_there_are_not_mentioned() -> None:
    assert told(check_accounts(NAMED, Accounts({"bob"}, {"staff"}), signup=True)) == []
    assert told(check_accounts(rules("app.example.org"), NOBODY, signup=True)) == []
