"""Findings about lifetimes and the number of workers."""

import pytest

from daypass.doctor.limits import check_lifetimes, check_workers
from daypass.settings.definitions import DAY, Settings
from tests.doctor.findings import only_finding, settings


@pytest.mark.parametrize(
    ("long", "name"),
    [
        (settings(token_lifetime=32 * DAY), "DAYPASS_TOKEN_LIFETIME"),
        (settings(idle_lifetime=32 * DAY), "DAYPASS_IDLE_LIFETIME"),
    ],
    ids=["token", "idle"],
)
def test_a_pass_that_is_valid_for_longer_than_a_month_is_worth_knowing(long: Settings, name: str) -> None:
    found = only_finding(check_lifetimes(long))
    assert not found.is_problem
    assert f"{name} is 32 days" in found.message


def test_both_lifetimes_are_one_finding() -> None:
    assert "TOKEN" in only_finding(check_lifetimes(settings(token_lifetime=40 * DAY, idle_lifetime=50 * DAY))).message


def test_a_month_is_not_mentioned() -> None:
    assert list(check_lifetimes(settings(token_lifetime=30 * DAY, idle_lifetime=31 * DAY))) == []


def test_more_than_two_workers_for_each_core_are_worth_knowing() -> None:
    assert list(check_workers(settings(workers=4), 2)) == []
    found = only_finding(check_workers(settings(workers=5), 2))
    assert not found.is_problem
    assert "2 cores" in found.message
    assert "1 core:" in only_finding(check_workers(settings(workers=5), 1)).message
