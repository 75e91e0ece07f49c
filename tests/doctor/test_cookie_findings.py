"""Findings about hosts that do not get the cookie."""

import pytest

from daypass.doctor.cookie import check_cookie
from daypass.rules.model import NO_RULES
from daypass.rules.parser import read_rules
from tests.doctor.findings import only_finding, rules, settings

PUBLIC = '"public"'


def test_without_a_cookie_domain_a_host_elsewhere_would_ask_to_sign_in_forever() -> None:
    found = only_finding(check_cookie(settings(), rules("app.example.org")))
    assert found.is_problem
    assert "app.example.org, which does not get the cookie of login.example.org" in found.message
    assert "Set DAYPASS_COOKIE_DOMAIN to example.org" in found.remedy


def test_a_cookie_domain_that_reaches_every_host_is_not_mentioned() -> None:
    named = rules("app.example.org", "docs.example.org", "example.org")
    assert list(check_cookie(settings(cookie_domain="example.org"), named)) == []


def test_the_host_of_base_url_needs_no_cookie_domain() -> None:
    assert list(check_cookie(settings(), rules("login.example.org"))) == []
    assert list(check_cookie(settings("https://[2001:db8::1]"), rules("[2001:db8::1]"))) == []
    assert list(check_cookie(settings(), NO_RULES)) == []


def test_a_domain_that_misses_a_host_is_wrong() -> None:
    named = rules("a.apps.example.org", "app.example.org", "badexample.org")
    found = only_finding(check_cookie(settings(cookie_domain="example.org"), named))
    assert found.is_problem
    assert "badexample.org, which does not get the cookie of example.org" in found.message
    assert "app.example.org" not in found.message
    assert "names under one domain" in found.remedy


def test_a_public_suffix_is_not_proposed_as_the_cookie_domain() -> None:
    found = only_finding(check_cookie(settings("https://login.daypass.co.uk"), rules("app.example.co.uk")))
    assert "DAYPASS_COOKIE_DOMAIN to co.uk" not in found.remedy
    assert "names under one domain" in found.remedy


def test_a_domain_that_no_host_needs_is_worth_knowing() -> None:
    found = only_finding(check_cookie(settings(cookie_domain="example.org"), rules("login.example.org")))
    assert not found.is_problem
    assert "Remove DAYPASS_COOKIE_DOMAIN" in found.remedy


def test_a_host_where_all_is_public_needs_no_cookie() -> None:
    assert list(check_cookie(settings(), rules("app.example.org", allow=PUBLIC))) == []


@pytest.mark.parametrize("path", ["/news/", "/*.pdf"])
def test_a_host_that_is_partly_public_needs_a_cookie(path: str) -> None:
    assert only_finding(check_cookie(settings(), rules("app.example.org", allow=PUBLIC, path=path))).is_problem


def test_a_host_that_is_public_only_for_reading_needs_a_cookie() -> None:
    reading = read_rules('[[rule]]\nhost = "app.example.org"\nmethods = ["GET"]\nallow = "public"\n')
    assert only_finding(check_cookie(settings(), reading)).is_problem


def test_two_names_of_this_machine_do_not_share_a_cookie() -> None:
    found = only_finding(check_cookie(settings("http://localhost:8000"), rules("127.0.0.1")))
    assert found.is_problem


def test_a_base_url_on_loopback_is_left_to_another_check() -> None:
    assert list(check_cookie(settings("http://localhost:8000"), rules("app.example.org"))) == []
