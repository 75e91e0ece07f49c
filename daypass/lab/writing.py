"""Header and claims as JSON text -> a signed token."""

from datetime import datetime
from typing import Any

from daypass.lab.algorithms import Algorithm

HEADER = '{"typ": "JWT"}'
CLAIMS = '{\n  "sender": "alice",\n  "message": "Lunch at noon?",\n  "date": "2026-11-23"\n}'
EXPIRIES = {"never": None, "a minute": 60, "a day": 86_400}  # seconds, by the words on the form


def write(*, header: str, claims: str, algorithm: Algorithm, key: str, expires_in: int | None, now: datetime) -> str:
    """The signed token, of at most reading.LONGEST characters.

    `header` and `claims` are JSON objects as text; `alg` in the header is set by `algorithm`, whatever it says.
    `expires_in` is in seconds from `now` and sets `exp`; with None the claims stay as they are.
    Raises LabError, which names the field that it is about.
    """
    raise NotImplementedError


def signed_header(text: str, algorithm: Algorithm) -> dict[str, Any]:
    """The header as it will stand in the token. Raises LabError."""
    raise NotImplementedError
