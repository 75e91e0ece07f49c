"""Host names: local ones, and the domains that they are under."""

import pytest

from daypass.doctor.hosts import common_parent, is_address, is_local, is_under


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_what_only_this_machine_reaches_is_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["example.org", "notlocalhost", "localhost.example.org", "192.0.2.1", "10.0.0.1"])
def test_a_host_that_others_reach_is_not_local(host: str) -> None:
    assert not is_local(host)


def test_an_ip_address_is_not_a_name() -> None:
    assert [is_address(host) for host in ("192.0.2.1", "[2001:db8::1]", "example.org")] == [True, True, False]


@pytest.mark.parametrize(
    ("host", "under"),
    [
        ("example.org", True),
        ("app.example.org", True),
        ("a.app.example.org", True),
        ("badexample.org", False),
        ("example.org.evil.test", False),
        ("org", False),
    ],
)
def test_a_cookie_reaches_a_domain_and_what_is_under_it(host: str, under: bool) -> None:
    assert is_under(host, "example.org") is under


@pytest.mark.parametrize(
    ("hosts", "parent"),
    [
        (["app.example.org", "login.example.org"], "example.org"),
        (["app.example.org", "example.org"], "example.org"),
        (["a.b.example.org", "c.b.example.org"], "b.example.org"),
        (["example.org", "example.com"], ""),
        (["a.org", "b.org"], ""),
        (["app.localhost", "login.localhost"], ""),
        (["192.0.2.1", "198.51.2.1"], ""),
    ],
)
def test_the_parent_of_hosts_is_the_longest_domain_that_all_are_under(hosts: list[str], parent: str) -> None:
    assert common_parent(hosts) == parent
