"""Findings about rules."""

import pytest

from daypass.doctor.rules import Accounts, check_accounts, check_order, check_sign_up, invalid
from daypass.rules.errors import InvalidRules, RuleError
from daypass.rules.model import NO_RULES
from daypass.rules.parser import read_rules
from daypass.settings.sign_up import SignUp
from tests.doctor.findings import only_finding, rules

NO_PEOPLE = Accounts((), ())
NAMED = rules("app.example.org", allow='{ roles = ["staff"], names = ["bob"] }')


def test_every_mistake_in_a_broken_file_is_wrong_and_reported_with_its_line() -> None:
    error = InvalidRules("rules.toml", [RuleError(7, "this rule has no host"), RuleError(2, "this is not TOML")])
    assert [(finding.message, finding.is_problem) for finding in invalid(error)] == [
        ("rules.toml, line 2: this is not TOML.", True),
        ("rules.toml, line 7: this rule has no host.", True),
    ]


def test_a_rule_that_can_never_decide_is_wrong() -> None:
    shadowed = read_rules(
        '[[rule]]\nhost = "app.example.org"\nallow = "public"\n'
        '[[rule]]\nhost = "app.example.org"\npath = "/plans/"\nallow = { roles = ["staff"] }\n'
    )
    found = only_finding(check_order(shadowed))
    assert found.is_problem
    assert found.message == "Rule 2 can never decide: everything that it matches is decided by rule 1 in line 1."
    assert "line 4" in found.remedy


def two_paths(first: str, second: str, host: str = "app.example.org") -> str:
    return (
        f'[[rule]]\nhost = "app.example.org"\npath = "{first}"\nallow = "public"\n'
        f'[[rule]]\nhost = "{host}"\npath = "{second}"\nallow = {{ roles = ["staff"] }}\n'
    )


def test_paths_that_differ_by_case_alone_are_worth_knowing() -> None:
    found = only_finding(check_order(read_rules(two_paths("/plans/", "/Plans/"))))
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
    assert list(check_order(read_rules(text))) == []


def test_with_open_sign_up_signed_in_means_anyone() -> None:
    signed_in = rules("app.example.org")
    found = only_finding(check_sign_up(signed_in, has_site=False, signup=SignUp.OPEN))
    assert not found.is_problem
    assert "signed-in" in found.message
    assert "DAYPASS_SITE" in only_finding(check_sign_up(NO_RULES, has_site=True, signup=SignUp.OPEN)).message


def test_sign_up_that_opens_nothing_is_not_mentioned() -> None:
    for signup in (SignUp.CLOSED, SignUp.INVITE, SignUp.APPROVE):
        assert list(check_sign_up(rules("app.example.org"), has_site=True, signup=signup)) == []
    assert list(check_sign_up(NAMED, has_site=False, signup=SignUp.OPEN)) == []
    assert list(check_sign_up(NO_RULES, has_site=False, signup=SignUp.OPEN)) == []


@pytest.mark.parametrize("signup", [SignUp.OPEN, SignUp.INVITE, SignUp.APPROVE])
def test_an_unused_name_in_the_rules_is_wrong_if_anyone_can_sign_up_with_it(signup: SignUp) -> None:
    found = only_finding(check_accounts(NAMED, Accounts((), {"staff"}), signup=signup))
    assert found.is_problem
    assert f"DAYPASS_SIGNUP is {signup}" in found.message
    assert "bob in line 1" in found.message
    assert "daypass user add bob" in found.remedy


def test_an_unused_name_in_the_rules_is_worth_knowing_if_sign_up_is_closed() -> None:
    assert not only_finding(check_accounts(NAMED, Accounts((), {"staff"}), signup=SignUp.CLOSED)).is_problem


def test_a_role_that_nobody_has_is_worth_knowing_once_with_all_its_lines() -> None:
    twice = rules("app.example.org", "docs.example.org", allow='{ roles = ["staff"] }')
    found = only_finding(check_accounts(twice, NO_PEOPLE, signup=SignUp.OPEN))
    assert not found.is_problem
    assert "role staff in lines 1 and 5" in found.message


def test_names_and_roles_that_exist_are_not_mentioned() -> None:
    assert list(check_accounts(NAMED, Accounts({"bob"}, {"staff"}), signup=SignUp.OPEN)) == []
    assert list(check_accounts(rules("app.example.org"), NO_PEOPLE, signup=SignUp.OPEN)) == []
