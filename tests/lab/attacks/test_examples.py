"""The examples of the gallery: made once an hour for each site."""

from datetime import UTC, datetime, timedelta

import pytest

from daypass.lab.attacks import examples
from daypass.lab.attacks.catalogue import ATTACKS

ISSUER = "https://login.example.org"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_examples() -> None:
    """Forget the examples of earlier tests."""
    examples._examples.cache_clear()


def test_every_attack_has_an_example() -> None:
    assert [example.attack for example in examples.examples(ISSUER, NOON)] == list(ATTACKS)


def test_they_are_made_once_an_hour() -> None:
    shown = examples.examples(ISSUER, NOON)
    assert examples.examples(ISSUER, NOON + HOUR - timedelta(microseconds=1)) is shown
    later = examples.examples(ISSUER, NOON + HOUR)
    of_time = [attack.name for attack in ATTACKS].index("expired")
    assert shown[of_time].parts != later[of_time].parts


def test_each_site_has_examples_of_its_own() -> None:
    assert examples.examples(ISSUER, NOON) is not examples.examples("https://other.example.org", NOON)


def test_only_those_of_the_last_sites_are_kept() -> None:
    shown = examples.examples(ISSUER, NOON)
    for number in range(examples.MAX_SITES):
        examples.examples(f"https://{number}.example.org", NOON)
    assert examples.examples(ISSUER, NOON) is not shown
