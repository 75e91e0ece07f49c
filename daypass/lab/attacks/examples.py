"""An example token of each attack. Its claims are made up and name no session, so it opens nothing.

The examples are the same for all visitors of a site, and made once an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.catalogue import ATTACKS
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.highlights import Mark, Part, parts
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims

FAKE_ID = "0123456789abcdef" * 2  # no account and no session has this ID
MAX_SITES = 4  # whose examples are kept


@dataclass(frozen=True, eq=False)  # compared and hashed by identity, which is fast
class Example:
    """An attack, and the parts of the token that it forges."""

    attack: Attack
    parts: tuple[Part, ...]

    @cached_property
    def marks(self) -> dict[str, str]:
        """How the diagram shows each of the three parts, by name: unchanged, changed, or removed."""
        found = {part.name: "removed" if part.removed else str(part.mark) for part in self.parts}
        whole = Mark.CHANGED if "text" in found else Mark.NONE
        return {name: found.get(name, str(whole)) for name in ("header", "payload", "signature")}


def examples(issuer: str, now: datetime) -> tuple[Example, ...]:
    """The examples of all attacks at the site with this URL, as of the beginning of the hour."""
    return _examples(issuer, now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=MAX_SITES)
def _examples(issuer: str, hour: datetime) -> tuple[Example, ...]:
    return tuple(example(attack, issuer, hour) for attack in ATTACKS)


def example(attack: Attack, issuer: str, now: datetime) -> Example:
    """The attack on a token of alice, who has the role reader, at the site with this URL."""
    key = THROWAWAY_KEYS.key(attack)
    target = Target(codec.encode(_claims(issuer, now), key), key, now)
    return Example(attack, parts(attack, target))


def _claims(issuer: str, now: datetime) -> Claims:
    started, ends = now - timedelta(minutes=1), now + timedelta(minutes=4)
    return Claims(
        issuer=issuer,
        purpose=purposes.SESSION,
        subject=FAKE_ID,
        session_id=FAKE_ID[::-1],
        name="alice",
        roles=("reader",),
        auth_time=started,
        issued_at=started,
        expires_at=ends,
        until=ends,
    )
