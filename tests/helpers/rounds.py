"""The number of rounds and variants of slow tests.

.ci/run sets the environment variable ROUNDS to `full`.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
IS_FULL = os.environ.get("ROUNDS") == "full"


def rounds(*, full: int, quick: int) -> int:
    """The number of rounds for this run."""
    return full if IS_FULL else quick


def variants(values: Sequence[T], *, quick: int) -> Sequence[T]:
    """The parameters of a slow test for this run: all of them, or only the first ones."""
    return values if IS_FULL else values[:quick]
