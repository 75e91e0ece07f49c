"""Findings about the base URL, its port, and the trusted proxies."""

import ipaddress

import pytest

from daypass.doctor.proxies import check_base_url, check_trust
from daypass.rules.model import NO_RULES
from tests.doctor.findings import LOGIN, only_finding, rules, settings

APP = rules("app.example.org")


@pytest.mark.parametrize("base_url", [LOGIN, "https://login.example.org:8443", "http://127.0.0.1:8000"])
def test_a_correct_base_url_is_not_mentioned(base_url: str) -> None:
    assert list(check_base_url(settings(base_url), NO_RULES)) == []


def test_plain_http_beyond_this_machine_is_wrong() -> None:
    found = only_finding(check_base_url(settings("http://login.example.org"), APP))
    assert found.is_problem
    assert "unencrypted" in found.message
    assert "https://" in found.remedy


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://login.localhost:8000"])
def test_a_base_url_on_loopback_is_wrong_if_the_rules_name_other_hosts(base_url: str) -> None:
    found = only_finding(check_base_url(settings(base_url), APP))
    assert found.is_problem
    assert base_url in found.message and "app.example.org" in found.message
    assert list(check_base_url(settings(base_url), rules("app.localhost", "127.0.0.1"))) == []


@pytest.mark.parametrize("base_url", ["https://192.0.2.1", "https://[2001:db8::1]"])
def test_https_at_an_ip_address_is_worth_knowing(base_url: str) -> None:
    found = only_finding(check_base_url(settings(base_url), NO_RULES))
    assert not found.is_problem
    assert "certificate" in found.message


def test_https_at_the_port_without_tls_is_worth_knowing() -> None:
    found = only_finding(check_base_url(settings("https://login.example.org:8000"), NO_RULES))
    assert not found.is_problem
    assert "without TLS" in found.message


def test_another_port_than_the_one_listened_on_is_worth_knowing() -> None:
    found = only_finding(check_base_url(settings("http://localhost:8080"), NO_RULES))
    assert not found.is_problem
    assert "port 8080, but Daypass listens at port 8000" in found.message
    assert list(check_base_url(settings("http://localhost", port=80), NO_RULES)) == []


def test_rules_without_a_trusted_proxy_are_wrong() -> None:
    found = only_finding(check_trust(settings(trusted_proxies=()), APP))
    assert found.is_problem
    assert "DAYPASS_TRUSTED_PROXIES" in found.remedy and "DAYPASS_PROXY_SECRET" in found.remedy


def test_rules_about_the_folder_on_its_own_host_need_no_proxy() -> None:
    own = rules("127.0.0.1")
    assert list(check_trust(settings("http://127.0.0.1:8000", trusted_proxies=()), own)) == []


def test_a_proxy_trusted_by_address_is_not_mentioned() -> None:
    assert list(check_trust(settings(), APP)) == []
    assert list(check_trust(settings(), NO_RULES)) == []


def test_a_proxy_trusted_by_its_secret_alone_is_not_mentioned() -> None:
    by_secret = settings(trusted_proxies=(), proxy_secret="9d1f6b0c")
    assert list(check_trust(by_secret, APP)) == []
    assert list(check_trust(by_secret, NO_RULES)) == []


def test_https_without_a_trusted_proxy_is_worth_knowing_and_plain_http_is_not() -> None:
    assert not only_finding(check_trust(settings(trusted_proxies=()), NO_RULES)).is_problem
    assert list(check_trust(settings("http://127.0.0.1:8000", trusted_proxies=()), NO_RULES)) == []


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
def test_trusting_everybody_is_wrong(network: str) -> None:
    found = only_finding(check_trust(settings(trusted_proxies=(ipaddress.ip_network(network),)), APP))
    assert found.is_problem
    assert network in found.message
