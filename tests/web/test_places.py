"""The networks of sessions, in words."""

import pytest

from daypass.web.places import describe_place

HERE = "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (HERE, "The network that you use now"),
        ("203.0.113.10", "Another network"),
        ("2001:db8::1", "Another network"),
        ("192.168.0.7", "A local network"),
        ("10.1.2.3", "A local network"),
        ("172.16.0.1", "A local network"),
        ("172.32.0.1", "Another network"),
        ("fd00::1", "A local network"),
        ("127.0.0.1", "The computer that Daypass runs on"),
        ("::1", "The computer that Daypass runs on"),
        ("::ffff:127.0.0.1", "The computer that Daypass runs on"),
        ("", "An unknown network"),
        ("<script>", "An unknown network"),
    ],
)
def test_a_network_is_described(address: str, words: str) -> None:
    assert describe_place(address, HERE) == words


def test_ipv6_addresses_of_one_network_are_the_same_place() -> None:
    assert describe_place("2001:db8:1:2::7", "2001:db8:1:2:3:4:5:6") == "The network that you use now"
    assert describe_place("2001:db8:1:3::7", "2001:db8:1:2::7") == "Another network"


def test_no_network_is_that_of_a_visitor_whose_address_is_unknown() -> None:
    assert describe_place("203.0.113.9", None) == "Another network"
    assert describe_place("", None) == "An unknown network"
