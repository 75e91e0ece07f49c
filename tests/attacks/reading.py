"""`tokens.decode` without a request around it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from daypass import tokens
from daypass.errors import Fault, InvalidToken
from daypass.keys import KeyRing
from daypass.tokens import Token
from tests.attacks.forge import Target

DAY = 86_400


def read(target: Target, text: str, *, purpose: str = tokens.SESSION, now: datetime | None = None) -> Token:
    return tokens.decode(
        text,
        ring=KeyRing([target.key]),
        issuer=target.payload["iss"],
        purposes={purpose: DAY},
        now=now or datetime.now(UTC),
    )


def refused(target: Target, text: str, **how: Any) -> Fault:
    with pytest.raises(InvalidToken) as caught:
        read(target, text, **how)
    assert type(caught.value) is InvalidToken
    return caught.value.fault
