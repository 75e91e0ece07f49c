"""The lab's functions with default arguments, and keys that are generated once."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, json_fields, key_text, verification
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.key_text import KeyText
from daypass.lab.playground.verification import Verification

NOW = datetime(2026, 11, 23, 8, 14, 7, tzinfo=UTC)
NOW_SECONDS = int(NOW.timestamp())
SECRET = "a kettle, seven plums and a quiet orbit of lanterns between two rivers"

each_algorithm = pytest.mark.parametrize("algorithm", Algorithm)


@cache
def key_for(algorithm: Algorithm) -> KeyText:
    """A key for this algorithm; the same one for all tests."""
    return key_text.generate(algorithm)


def encode_token(claims: str = json_fields.EXAMPLE_CLAIMS, algorithm: Algorithm = Algorithm.HS256, **other: Any) -> str:
    """Sign these claims; other arguments have defaults."""
    defaults: dict[str, Any] = {"header": json_fields.EXAMPLE_HEADER, "key": SECRET, "expires_in": None, "now": NOW}
    return encoding.encode(claims=claims, algorithm=algorithm, **defaults | other)


def verify_token(
    text: str, algorithm: Algorithm = Algorithm.HS256, key: str = SECRET, now: datetime = NOW, leeway: int = 0
) -> Verification:
    """Verify a text as a token, by default with the default key of `encode_token`."""
    return verification.verify(text, key=key, algorithm=algorithm, now=now, leeway=leeway)


def lab_error(act: Callable[[], object]) -> LabError:
    """The error that the lab raises for this act; its message must be printable."""
    with pytest.raises(LabError) as raised:
        act()
    assert type(raised.value) is LabError
    assert is_printable_line(raised.value.message)
    assert raised.value.reason == "refused in the lab"
    return raised.value


def segment(content: bytes | str) -> str:
    """The content as a segment of a token: base64url without padding."""
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_printable_line(text: str) -> bool:
    """Whether the text is one line, not empty, without invisible characters."""
    return text.isprintable() and text != ""
