"""What the lab's tests share: its functions with the usual arguments, keys that are made once, and refusals."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, key_text, verification
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.key_text import KeyText
from daypass.lab.playground.verification import Verification

NOW = datetime(2026, 11, 23, 8, 14, 7, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
SECRET = "a kettle, seven plums and a quiet orbit of lanterns between two rivers"

each_algorithm = pytest.mark.parametrize("algorithm", Algorithm)


@cache
def key_of(algorithm: Algorithm) -> KeyText:
    """A key for this algorithm, the same one throughout."""
    return key_text.generate(algorithm)


def write(claims: str = encoding.EXAMPLE_CLAIMS, algorithm: Algorithm = Algorithm.HS256, **other: Any) -> str:
    usual: dict[str, Any] = {"header": encoding.EXAMPLE_HEADER, "key": SECRET, "expires_in": None, "now": NOW}
    return encoding.encode(claims=claims, algorithm=algorithm, **usual | other)


def judge(text: str, algorithm: Algorithm = Algorithm.HS256, key: str = SECRET, now: datetime = NOW) -> Verification:
    return verification.verify(text, key=key, algorithm=algorithm, now=now)


def refusal(act: Callable[[], object]) -> LabError:
    """What the lab says when it will not do this."""
    with pytest.raises(LabError) as refused:
        act()
    assert type(refused.value) is LabError
    assert is_showable(refused.value.message)
    assert refused.value.reason == "refused in the lab"
    return refused.value


def is_showable(text: str) -> bool:
    """Whether a page may hold the text: one line of what can be seen."""
    return text.isprintable() and text != ""
