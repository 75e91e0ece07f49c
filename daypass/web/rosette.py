"""The guilloche of a pass: three woven rings, drawn from a digest."""

import math
from functools import lru_cache
from typing import NamedTuple

DIGEST_BYTES = 6  # that the drawing uses


class Ring(NamedTuple):
    """A closed wavy line, drawn several times, each copy rotated a little further."""

    path: str
    """SVG path data, centred at 0 0, within a radius of 100."""
    turns: tuple[str, ...]
    """The rotation of each further copy, in degrees."""


class Point(NamedTuple):
    """A point of a wave, and the offset of the Bezier handle after it."""

    x: float
    y: float
    ahead_x: float
    ahead_y: float


@lru_cache(maxsize=64)
def rings(digest: bytes) -> tuple[Ring, ...]:
    """The rings of a rosette, outermost first.

    The first six bytes choose swings and petals.
    """
    if len(digest) < DIGEST_BYTES:
        raise ValueError("a rosette needs six bytes")
    return (
        _ring(86, _pick(digest[0], 7, 11), _pick(digest[1], 20, 32), 6),
        _ring(62, _pick(digest[2], 15, 22), _pick(digest[3], 9, 15), 8),
        _ring(30, _pick(digest[4], 12, 18), _pick(digest[5], 5, 9), 8),
    )


def _pick(byte: int, low: int, high: int) -> int:
    return low + byte % (high - low + 1)


def _ring(radius: int, swing: int, petals: int, copies: int) -> Ring:
    step = 360 / petals / copies
    return Ring(_wave(radius, swing, petals), tuple(f"{step * copy:.5g}" for copy in range(1, copies)))


def _wave(radius: int, swing: int, petals: int) -> str:
    """The closed path radius + swing * cos(petals * angle), as smooth cubic Beziers."""
    steps = petals * 4
    points = [_point(radius, swing, petals, step, steps) for step in range(steps + 1)]
    start = points[0]
    first, *rest = map(_curve, points[1:])
    ahead = _numbers(start.x + start.ahead_x, start.y + start.ahead_y)
    return f"M{_numbers(start.x, start.y)}C{ahead} {first}S{' '.join(rest)}Z"


def _point(radius: int, swing: int, petals: int, step: int, steps: int) -> Point:
    angle = 2 * math.pi * step / steps
    handle = 2 * math.pi / steps / 3
    distance = radius + swing * math.cos(petals * angle)
    slope = -swing * petals * math.sin(petals * angle)
    x, y = distance * math.cos(angle), distance * math.sin(angle)
    return Point(x, y, (slope * math.cos(angle) - y) * handle, (slope * math.sin(angle) + x) * handle)


def _curve(to: Point) -> str:
    return f"{_numbers(to.x - to.ahead_x, to.y - to.ahead_y)} {_numbers(to.x, to.y)}"


def _numbers(*values: float) -> str:
    return " ".join(_number(value) for value in values)


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
