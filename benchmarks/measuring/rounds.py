"""Interleaved rounds: each case gets one slice in each round, in rotating order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measuring.load import Case, Slice

Samples = dict[str, list[float]]  # by name, one value for each round
Tell = Callable[[str], None]  # shows what is being done


@dataclass(frozen=True)
class Scale:
    """How many rounds, and how long each slice is, in seconds."""

    rounds: int
    seconds: int


def measure(suite: str, cases: Sequence[Case], scale: Scale, tell: Tell) -> Samples:
    """Measure all cases; the servers of all of them are running."""
    for case in cases:
        case.check()
        case.run(1)  # loads what later requests use
    samples: Samples = {}
    for number in range(scale.rounds):
        tell(f"{suite}, round {number + 1} of {scale.rounds}")
        start = number % len(cases)
        for case in (*cases[start:], *cases[:start]):
            for name, value in figures(case.name, case.run(scale.seconds)).items():
                samples.setdefault(name, []).append(value)
    return samples


def figures(name: str, slice: Slice) -> dict[str, float]:
    """CPU in microseconds per request, requests and megabytes per second, and the latency of p99 in milliseconds."""
    return {
        f"{name}.cpu": 1e6 * slice.cpu / slice.requests,
        f"{name}.rate": slice.requests / slice.seconds,
        f"{name}.megabytes": slice.bytes / slice.seconds / 1e6,
        f"{name}.p99": 1e3 * slice.p99,
    }
