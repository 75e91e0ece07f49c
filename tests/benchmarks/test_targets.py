"""How figures are computed and compared."""

import pytest

from benchmarks import results
from benchmarks.measuring.spread import Spread
from benchmarks.report import RED, number, summary, table
from benchmarks.targets import QUICK, TARGETS, Target, at_least, at_most

CPU = at_most("gated", "gated page / open page", "gated.cpu", "open.cpu", 1.05)
RATE = at_least("check", "check / bare answer", "check.rate", "wsgi.rate", 0.6)
SHOWN = at_most("django", "Django's page / ours", "django.cpu", "gated.cpu", None)
SAMPLES = {"gated.cpu": [11.0, 22.0, 33.0], "open.cpu": [10.0, 20.0, 30.0]}


def exactly(value: float) -> Spread:
    return Spread(value, value, value)


def test_a_figure_is_a_ratio_or_a_plain_value() -> None:
    assert CPU.values(SAMPLES) == pytest.approx([1.1] * 3)
    assert at_most("x", "x", "gated.cpu", None, 50, unit="µs").values(SAMPLES) == [11.0, 22.0, 33.0]


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [(CPU, 1.05, True), (CPU, 1.06, False), (RATE, 0.6, True), (RATE, 0.59, False), (SHOWN, 100, True)],
)
def test_the_limit_itself_is_met(target: Target, value: float, met: bool) -> None:
    assert target.is_met(value) is met


@pytest.mark.parametrize(
    ("target", "committed", "now", "worse"),
    [
        (CPU, 1.0, 1.09, False),
        (CPU, 1.0, 1.11, True),
        (CPU, 1.0, 0.5, False),
        (RATE, 1.0, 0.91, False),
        (RATE, 1.0, 0.89, True),
        (RATE, 1.0, 2.0, False),
        (SHOWN, 1.0, 1.11, True),
    ],
)
def test_worse_by_more_than_ten_percent_is_worse(target: Target, committed: float, now: float, worse: bool) -> None:
    assert target.is_worse(now, committed) is worse


def test_a_figure_that_got_worse_is_marked_and_red_on_a_terminal() -> None:
    figures = {"gated": exactly(1.2), "check": exactly(0.7)}
    committed = {"gated": exactly(1.0), "check": exactly(0.7)}
    colored = table([CPU, RATE], figures, committed, color=True).splitlines()
    plain = table([CPU, RATE], figures, committed, color=False).splitlines()
    assert [RED in line for line in colored] == [False, False, True, False]
    assert RED not in "".join(plain)
    assert "worse by more than 10%" in plain[2]
    assert "worse" not in plain[3]


def test_the_table_says_which_targets_are_met() -> None:
    figures = {"gated": Spread(1.02, 1.01, 1.03), "check": exactly(0.12), "django": exactly(5)}
    lines = table([CPU, RATE, SHOWN], figures, {}, color=False).splitlines()
    assert "not met" not in lines[2] and "met" in lines[2] and "1.01 to 1.03" in lines[2]
    assert "not met" in lines[3]
    assert "met" not in lines[4]
    assert summary([CPU, RATE, SHOWN], figures) == "1 of 2 targets are met."


def test_what_was_not_measured_is_not_shown() -> None:
    assert "check" not in table([CPU, RATE], {"gated": exactly(1)}, {}, color=False)
    assert results.figures([CPU, RATE], SAMPLES).keys() == {"gated"}


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0616, "0.0616"), (1.234, "1.23"), (26.46, "26.5"), (1250, "1,250"), (0, "0")]
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_every_figure_has_a_name_of_its_own() -> None:
    assert len({target.name for target in TARGETS}) == len(TARGETS)
    assert set(QUICK) <= set(TARGETS)
