"""The plot of sign-ins and refusals: bars of an SVG, sign-ins above the line and refusals below it."""

from collections.abc import Sequence
from dataclasses import dataclass

from daypass.audit.histogram import Numbers

WIDTH, HEIGHT = 10, 60  # of one bar with its gap, and of each half, in units of the SVG
GAP = 2
LEAST = 2  # the height of the smallest bar that is not zero


@dataclass(frozen=True)
class Bar:
    """One bar of each half; heights in units of the SVG."""

    numbers: Numbers
    x: int
    up: int
    down: int


@dataclass(frozen=True)
class Plot:
    """Bars, each half with its own scale: `most_*` is its largest number."""

    bars: list[Bar]
    most_sign_ins: int
    most_refusals: int

    @property
    def width(self) -> int:
        """The width of the SVG."""
        return len(self.bars) * WIDTH

    @property
    def height(self) -> int:
        """The height of the SVG."""
        return 2 * HEIGHT

    @property
    def middle(self) -> int:
        """The height of the line between the halves."""
        return HEIGHT

    @property
    def bar_width(self) -> int:
        """The width of a bar without its gap."""
        return WIDTH - GAP


def plot(series: Sequence[Numbers]) -> Plot:
    """Draw a series."""
    most_sign_ins = max((numbers.sign_ins for numbers in series), default=0)
    most_refusals = max((numbers.refusals for numbers in series), default=0)
    bars = [
        Bar(numbers, index * WIDTH, _height(numbers.sign_ins, most_sign_ins), _height(numbers.refusals, most_refusals))
        for index, numbers in enumerate(series)
    ]
    return Plot(bars, most_sign_ins, most_refusals)


def _height(number: int, most: int) -> int:
    return max(LEAST, round(number / most * (HEIGHT - 1))) if number else 0
