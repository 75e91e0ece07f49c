"""`tokens.decode` without a request around it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from daypass.keys.ring import KeyRing
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Token
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.security.forging import Target

DAY = 86_400


def read(target: Target, text: str, *, purpose: str = purposes.SESSION, now: datetime | None = None) -> Token:
    return codec.decode(
        text,
        ring=KeyRing([target.key]),
        issuer=target.payload["iss"],
        purposes={purpose: DAY},
        now=now or datetime.now(UTC),
    )


def refused(target: Target, text: str, **how: Any) -> TokenFault:
    with pytest.raises(InvalidToken) as caught:
        read(target, text, **how)
    assert type(caught.value) is InvalidToken
    return caught.value.fault
