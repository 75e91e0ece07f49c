"""An example of each attack, forged from made-up claims: no session stands behind them, so they open nothing at all."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.highlights import Mark, Part, parts
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims

MADE_UP = "0123456789abcdef" * 2  # an identifier that no account and no session has


@dataclass(frozen=True)
class Example:
    """An attack, and a token that it would make."""

    attack: Attack
    parts: tuple[Part, ...]

    @cached_property
    def marks(self) -> dict[str, str]:
        """How the drawing shows each of the three parts: as it was, changed, or removed."""
        found = {part.name: "removed" if part.removed else str(part.mark) for part in self.parts}
        whole = Mark.CHANGED if "text" in found else Mark.NONE
        return {name: found.get(name, str(whole)) for name in ("header", "payload", "signature")}


def example(attack: Attack, issuer: str) -> Example:
    """What the attack makes of a token of alice's, a reader, at a site of this URL."""
    key, now = THROWAWAY_KEYS.key(attack), datetime.now(UTC).replace(microsecond=0)
    target = Target(codec.encode(_claims(issuer, now), key), key, now)
    return Example(attack, parts(attack, target))


def _claims(issuer: str, now: datetime) -> Claims:
    started, ends = now - timedelta(minutes=1), now + timedelta(minutes=4)
    return Claims(
        issuer=issuer,
        purpose=purposes.SESSION,
        subject=MADE_UP,
        session_id=MADE_UP[::-1],
        name="alice",
        roles=("reader",),
        auth_time=started,
        issued_at=started,
        expires_at=ends,
        until=ends,
    )
