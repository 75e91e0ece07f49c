"""What is told about numbers."""

import pytest

from daypass.doctor.limits import check_lifetimes, check_workers
from daypass.settings.definitions import DAY, Settings
from tests.doctor.findings import one, settings, told


@pytest.mark.parametrize(
    ("long", "name"),
    [
        (settings(token_lifetime=32 * DAY), "DAYPASS_TOKEN_LIFETIME"),
        (settings(idle_lifetime=32 * DAY), "DAYPASS_IDLE_LIFETIME"),
    ],
    ids=["token", "idle"],
)
def test_a_pass_that_is_good_for_longer_than_a_month_is_worth_knowing(long: Settings, name: str) -> None:
    found = one(check_lifetimes(long))
    assert not found.is_problem
    assert f"{name} is 32 days" in found.message


def test_both_lifetimes_are_told_once() -> None:
    assert "TOKEN" in one(check_lifetimes(settings(token_lifetime=40 * DAY, idle_lifetime=50 * DAY))).message


def test_a_month_is_not_mentioned() -> None:
    assert told(check_lifetimes(settings(token_lifetime=30 * DAY, idle_lifetime=31 * DAY))) == []


def test_more_than_two_workers_for_each_core_are_worth_knowing() -> None:
    assert told(check_workers(settings(workers=4), 2)) == []
    found = one(check_workers(settings(workers=5), 2))
    assert not found.is_problem
    assert "2 cores" in found.message
    assert "1 core:" in one(check_workers(settings(workers=5), 1)).message
