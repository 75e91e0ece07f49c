"""Medians, quartiles, and ratios within rounds."""

import pytest

from benchmarks.measuring.spread import Spread, paired_ratios, spread


def test_the_spread_is_the_median_with_the_quartiles() -> None:
    assert spread([5, 1, 3, 2, 4]) == Spread(median=3, low=2, high=4)


def test_one_round_that_was_disturbed_has_little_effect() -> None:
    assert spread([1.0, 1.1, 1.0, 1.1, 1000.0]) == Spread(median=1.1, low=1.0, high=1.1)


def test_a_single_value_has_no_spread() -> None:
    assert spread([1.5]) == Spread(1.5, 1.5, 1.5)


def test_four_digits_are_kept() -> None:
    assert spread([1.23456]).median == 1.235
    assert spread([12345.6]).median == 12350


def test_ratios_are_of_the_same_round() -> None:
    """A machine that is slower in one round slows both sides down."""
    assert paired_ratios([2.0, 20.0, 4.0], [1.0, 10.0, 2.0]) == [2.0, 2.0, 2.0]


def test_every_round_must_have_both_sides() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_ratios([1.0, 2.0], [1.0])
