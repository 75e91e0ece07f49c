"""Filters of templates: times, durations, roles, and the rosettes of passes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask

from daypass.database.models import AuthSession
from daypass.web import template_filters
from daypass.web.template_functions import functions_of
from daypass.web.templates import environment_of

ISSUED = datetime(2026, 11, 23, 8, 14, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, []),
        (59, [(59, "s")]),
        (60, [(1, "min")]),
        (38 * 60 + 59, [(38, "min")]),
        (3_600, [(1, "h")]),
        (18 * 3_600 + 12 * 60, [(18, "h"), (12, "min")]),
        (86_400, [(24, "h")]),
        (172_799, [(47, "h"), (59, "min")]),
        (172_800, [(2, "d")]),
        (4 * 86_400 + 23 * 3_600, [(4, "d"), (23, "h")]),
    ],
)
def test_the_time_left_is_given_in_at_most_two_units(seconds: int, expected: list[tuple[int, str]]) -> None:
    assert template_filters.duration_parts(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86_400, "one day"),
        (604_800, "7 days"),
        (43_200, "12 hours"),
        (3_600, "one hour"),
        (5_400, "90 minutes"),
        (61, "61 seconds"),
    ],
)
def test_a_duration_is_given_in_the_largest_unit_that_divides_it(seconds: int, words: str) -> None:
    assert template_filters.duration(seconds) == words


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), "active"),
        (timedelta(hours=22, minutes=59), "active"),
        (timedelta(hours=23), "ending"),
        (timedelta(hours=23, minutes=59, seconds=59), "ending"),
        (DAY, "ended"),
        (2 * DAY, "ended"),
    ],
)
def test_a_pass_is_amber_in_its_last_hour_and_torn_at_its_end(age: timedelta, state: str) -> None:
    assert template_filters.time_left(ISSUED, ISSUED + DAY, ISSUED + age).state == state


def test_a_short_pass_is_amber_in_its_last_quarter_only() -> None:
    end = ISSUED + timedelta(hours=1)
    assert template_filters.time_left(ISSUED, end, ISSUED).state == "active"
    assert template_filters.time_left(ISSUED, end, ISSUED + timedelta(minutes=46)).state == "ending"


def test_a_session_that_is_not_renewed_counts_from_its_beginning() -> None:
    session = AuthSession(created_at=ISSUED, expires_at=ISSUED + 90 * DAY, until_at=ISSUED + 90 * DAY)
    left = template_filters.session_time_left(session, ISSUED + DAY)
    assert (left.seconds, left.total) == (89 * 86_400, 90 * 86_400)


def test_a_session_that_was_renewed_counts_from_its_last_renewal(app: Flask) -> None:
    session = AuthSession(created_at=ISSUED, expires_at=ISSUED + 12 * DAY, until_at=ISSUED + 30 * DAY)
    with app.app_context():
        left = template_filters.session_time_left(session, ISSUED + 6 * DAY)
    assert (left.seconds, left.total) == (6 * 86_400, 7 * 86_400)


def test_the_time_left_is_between_zero_and_the_lifetime() -> None:
    assert template_filters.time_left(ISSUED, ISSUED + DAY, ISSUED + 3 * DAY).seconds == 0
    assert template_filters.time_left(ISSUED, ISSUED + DAY, ISSUED - timedelta(seconds=9)).seconds == 86_400


def test_two_sessions_have_two_rosettes_and_numbers() -> None:
    assert template_filters.rosette("a" * 32) != template_filters.rosette("b" * 32)
    assert template_filters.pass_number("a" * 32) != template_filters.pass_number("b" * 32)


def test_the_number_of_a_pass_does_not_give_its_session_away() -> None:
    session_id = "7f3a91c4e0b84d26a1f5c39d0e6b72d8"
    first, second = template_filters.pass_number(session_id).split()
    assert len(first) == len(second) == 4
    assert first not in session_id and second not in session_id


def test_times_are_shown_in_utc() -> None:
    zurich = ISSUED.astimezone(timezone(timedelta(hours=1)))
    assert template_filters.iso(zurich) == "2026-11-23T08:14:07Z"
    assert template_filters.utc(zurich) == "2026-11-23 08:14:07 UTC"
    assert template_filters.clock(zurich) == "08:14"
    assert template_filters.date(zurich) == "23 Nov 2026"


def test_a_day_has_its_year_only_if_it_is_another_year() -> None:
    assert template_filters.day(ISSUED, ISSUED + DAY) == "Mon 23 Nov"
    assert template_filters.day(ISSUED, ISSUED + 40 * DAY) == "Mon 23 Nov 2026"


@pytest.mark.parametrize(
    ("names", "text"), [((), "Member"), (("admin",), "Admin"), (("reader", "admin"), "Reader, admin")]
)
def test_roles_read_as_a_line_of_text(names: tuple[str, ...], text: str) -> None:
    assert template_filters.roles(names) == text


def test_the_templates_get_their_filters_and_functions() -> None:
    app = Flask(__name__)
    template_filters.init_app(app)
    with app.app_context():
        template = environment_of(app).from_string("{{ 86400 | duration }}, {{ pass_number('a') | length }}")
        assert template.render(functions_of(app)) == "one day, 9"


def test_other_templates_of_the_app_get_no_functions(app: Flask) -> None:
    assert {"pass_number", "macros", "fragment", "static_url"} <= functions_of(app).keys()
    assert functions_of(app).keys().isdisjoint(app.jinja_env.globals)
