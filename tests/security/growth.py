"""Measure how the work of a parser grows with the length of its input: steps of Python, and CPU time."""

import re
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

from tests.lab.playground.step_count import count_steps
from tests.security.parsers import BODY, Parser

DOUBLINGS = 3  # from an eighth of the longest input
LINEAR = 3  # a doubled input takes less than this times the work; 2 if linear, 4 if quadratic
FEW_STEPS = 300  # a call whose loops are all in C
SHORT = 0.01  # of the time of the yardstick: shorter calls do no harm, and are not compared
ATTEMPTS = 4


def steps(act: Callable[[], object]) -> float:
    """Lines and calls of Python. Loops in C (regular expressions, codecs, JSON) are one step each."""
    return float(count_steps(act))


def seconds(act: Callable[[], object]) -> float:
    """Seconds on the CPU of this thread, the least of three measurements."""

    def once() -> float:
        started = time.thread_time()
        act()
        return time.thread_time() - started

    return min(once() for _ in range(3))


def yardstick() -> float:
    """Seconds that an ordinary linear pass over a body takes: the unit of all others in this run."""
    text = "a=b&" * (BODY // 4)
    return seconds(lambda: [re.split("&", text) for _ in range(10)])


def growth(
    work: Callable[[Callable[[], object]], float], parser: Parser, shape: tuple[str, str], least: float
) -> float:
    """By how much the work grows when the input is doubled: the median of the last three doublings.

    A single jump, as where a parser gives up, is not growth. Less work than `least` counts as that much.
    """
    lengths = [parser.longest >> doubling for doubling in range(DOUBLINGS, -1, -1)]
    works = [max(work(parser.act(shape, length)), least) for length in lengths]
    return median(larger / smaller for smaller, larger in pairwise(works))


def fast_growing(parser: Parser) -> list[str]:
    """The shapes for which a parser's work grows faster than linearly; a measured time is confirmed several times."""
    least = SHORT * yardstick()
    found = []
    for shape in parser.shapes:
        if seconds(parser.act(shape, parser.longest)) <= least:
            continue
        if growth(steps, parser, shape, FEW_STEPS) > LINEAR:
            found.append(f"{shape}: steps")
        elif all(growth(seconds, parser, shape, least) > LINEAR for _ in range(ATTEMPTS)):
            found.append(f"{shape}: seconds")
    return found
