"""The lab's clock and the times of a token on it."""

from datetime import UTC, datetime, timedelta

import pytest

from daypass.errors import InvalidRequest
from daypass.lab.playground import clock
from daypass.lab.playground.times import next_change, token_times
from tests.lab.playground.shortcuts import NOW, NOW_SECONDS, encode_token, lab_error, verify_token


def test_a_typed_time_is_an_offset() -> None:
    assert clock.read_offset(clock.as_typed(NOW + timedelta(hours=1)), NOW) == 3600
    assert clock.read_offset("2026-11-23T08:13", NOW) == -67
    assert clock.read_offset("2026-11-23 08:14:07", NOW) == 0
    assert clock.read_offset("2026-11-24", NOW) == 15 * 3600 + 45 * 60 + 53
    assert clock.read_offset("", NOW) == 0


@pytest.mark.parametrize(
    "typed",
    [
        "now",
        "2026-02-30T00:00",
        "1969-12-31T23:59",
        "9999-12-31T23:59:59",
        "2026-11-",
        "2026-11-23 8:14",
        "٢٠٢٦-11-23T08:14",
        "9" * 999,
    ],
)
def test_what_is_not_a_time_is_refused_in_words(typed: str) -> None:
    error = lab_error(lambda: clock.read_offset(typed, NOW))
    assert (error.field, error.message) == ("clock", "Enter a date and time in UTC, such as 2026-11-23 08:14:07.")


@pytest.mark.parametrize("offset", [10**12 - 1, 1 - 10**12, 300_000_000_000, -3_000_000_000])
def test_an_offset_beyond_the_calendar_is_refused(offset: int) -> None:
    with pytest.raises(InvalidRequest):
        clock.shifted(NOW, offset)


@pytest.mark.parametrize(
    ("claim", "first", "last"),
    [("exp", -(10**9), 29), ("nbf", -30, 10**9), ("iat", -30, 10**9)],
)
def test_with_a_leeway_a_token_is_valid_that_much_longer(claim: str, first: int, last: int) -> None:
    """The claim is the time now; the token is valid at the seconds from `first` to `last`, and not outside of them."""
    token = encode_token(f'{{"{claim}": {NOW_SECONDS}}}')
    moments = [NOW + timedelta(seconds=seconds) for seconds in (first - 1, first, last, last + 1)]
    valid = [verify_token(token, now=moment, leeway=30).valid for moment in moments]
    assert valid == [claim == "exp", True, True, claim != "exp"]


def test_the_next_change_of_the_verdict_is_the_next_boundary() -> None:
    claims = {"iat": NOW_SECONDS - 5, "nbf": NOW_SECONDS + 100, "exp": NOW_SECONDS + 200, "other": 1}
    times = token_times(claims, NOW, 30)
    assert [(time.name, time.passed, time.words) for time in times] == [
        ("iat", True, "5 seconds ago"),
        ("nbf", False, "in 1 minute"),
        ("exp", False, "in 3 minutes"),
    ]
    assert next_change(times) == NOW + timedelta(seconds=70)
    assert next_change(token_times(claims, NOW + timedelta(seconds=75), 30)) == NOW + timedelta(seconds=230)
    assert next_change(token_times(claims, NOW + timedelta(seconds=230), 30)) is None


@pytest.mark.parametrize("value", ["soon", None, [], 10**30, True])
def test_a_claim_that_is_no_time_has_no_place_on_the_clock(value: object) -> None:
    assert token_times({"exp": value}, NOW, 0) == ()


def test_the_end_of_the_calendar_has_no_leeway() -> None:
    last = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
    (time,) = token_times({"exp": last}, NOW, 300)
    assert time.boundary == time.moment
