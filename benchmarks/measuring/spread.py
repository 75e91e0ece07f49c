"""The median of repeated measurements, with quartiles."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

DIGITS = 4  # significant digits that are kept


@dataclass(frozen=True)
class Spread:
    """The median, and the quartiles below and above it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Summarize one or more values."""
    if len(values) == 1:
        return Spread(*[_rounded(values[0])] * 3)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(_rounded(median), _rounded(low), _rounded(high))


def paired_ratios(numerators: Sequence[float], denominators: Sequence[float]) -> list[float]:
    """The ratio within each round, so that what slows a whole round down has no effect."""
    return [numerator / denominator for numerator, denominator in zip(numerators, denominators, strict=True)]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
