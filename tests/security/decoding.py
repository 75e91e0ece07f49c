"""Call `tokens.codec.decode` without a request."""

from datetime import UTC, datetime
from typing import Any

import pytest

from daypass.keys.ring import KeyRing
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Token
from daypass.tokens.errors import InvalidToken, TokenFault
from tests.security.forging import Target

DAY = 86_400


def decode(target: Target, text: str, *, purpose: str = purposes.SESSION, now: datetime | None = None) -> Token:
    return codec.decode(
        text,
        ring=KeyRing([target.key]),
        issuer=target.payload["iss"],
        purposes={purpose: DAY},
        now=now or datetime.now(UTC),
    )


def fault_of(target: Target, text: str, **options: Any) -> TokenFault:
    """The fault of a refused token; the error must be exactly InvalidToken."""
    with pytest.raises(InvalidToken) as caught:
        decode(target, text, **options)
    assert type(caught.value) is InvalidToken
    return caught.value.fault
