"""The state of the lab's form. Nothing is kept after the request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from daypass.errors import InvalidRequest
from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import clock, json_fields, key_text, pasted
from daypass.lab.playground.expiries import EXPIRIES
from daypass.lab.playground.own_work import digest, is_own
from daypass.lab.playground.tampering import is_variant

EXAMPLE_KEY = "a-demonstration-key-of-32-bytes."  # for the first token that a visitor sees
MULTILINE, SINGLE_LINE = (
    ("key", "header", "claims"),
    ("original", "place", "made_key", "made_token", "clock", "clock_shown", "steps"),
)
OFFSET = re.compile("-?[0-9]{1,12}")


@dataclass(frozen=True)
class Workbench:
    """The fields of the form.

    `key` is the text that was entered, and `in_base64url` whether it is a secret in base64url. `original` is the token
    before it was changed. `made_key` and `made_token` are digests of what the lab made (`own_work`). `offset` is how
    many seconds the clock is ahead, `clock` the time that was typed, and `clock_shown` what the field showed before.
    `steps` names the finished first steps (`first_steps`). `source`, which is no field, says what the token was in.
    """

    algorithm: Algorithm = Algorithm.HS256
    key: str = EXAMPLE_KEY
    in_base64url: bool = False
    expiry: str = "day"
    header: str = json_fields.EXAMPLE_HEADER
    claims: str = json_fields.EXAMPLE_CLAIMS
    token: str = ""
    original: str = ""
    other: str = ""
    place: str = ""
    made_key: str = digest(EXAMPLE_KEY)
    made_token: str = ""
    clock: str = ""
    clock_shown: str = ""
    offset: int = 0
    leeway: int = 0
    steps: str = ""
    source: str = ""

    @property
    def key_text(self) -> str:
        """The key as `key_text` reads it."""
        return key_text.secret_in_base64url(self.key) if self.in_base64url and is_shared(self.algorithm) else self.key

    @property
    def has_new_clock(self) -> bool:
        """Whether the visitor has edited the time of the clock."""
        return self.clock != self.clock_shown

    @property
    def has_own_key(self) -> bool:
        """Whether the lab made the key."""
        return is_own(self.key, self.made_key)

    @property
    def has_own_token(self) -> bool:
        """Whether the lab signed the token, or the one that was changed into it; also without a token."""
        return not self.token or (is_own(self.original, self.made_token) and is_variant(self.token, self.original))


def from_form(typed: Mapping[str, str]) -> Workbench:
    """Read the form. Raises InvalidRequest for a choice that it does not offer."""
    default = Workbench()
    fields = {name: typed.get(name, getattr(default, name)).replace("\r\n", "\n") for name in MULTILINE}
    fields |= {name: typed.get(name, getattr(default, name)).strip() for name in SINGLE_LINE}
    fields["key"] = fields["key"].strip("\n")
    algorithm, expiry, leeway = (
        typed.get(name, str(getattr(default, name))) for name in ("algorithm", "expiry", "leeway")
    )
    offset = typed.get("offset", "0")
    if algorithm not in set(Algorithm) or expiry not in EXPIRIES or leeway not in clock.LEEWAYS:
        raise InvalidRequest("the lab offers no such algorithm, expiry or leeway")
    if not OFFSET.fullmatch(offset):
        raise InvalidRequest("the offset of the clock is not a number of seconds")
    token = pasted.token_in(typed.get("token", ""))
    return Workbench(
        algorithm=Algorithm(algorithm),
        in_base64url="in_base64url" in typed,
        expiry=expiry,
        leeway=int(leeway),
        offset=int(offset),
        token=token.text,
        source=token.source,
        other=pasted.token_in(typed.get("other", "")).text,
        **fields,
    )


def with_real_time(bench: Workbench) -> Workbench:
    """Set the clock back to the real time."""
    return replace(bench, clock="", clock_shown="", offset=0)


def set_clock(bench: Workbench, now: datetime) -> tuple[Workbench, datetime]:
    """Set the clock to the time that was typed, if any. Returns the time that the clock shows too.

    Raises LabError if it is not a time.
    """
    offset = clock.read_offset(bench.clock, now) if bench.has_new_clock else bench.offset
    moment = clock.shifted(now, offset)
    return replace(bench, offset=offset, clock=clock.as_typed(moment), clock_shown=clock.as_typed(moment)), moment
