"""The data of an attack: its texts, its forged tokens, and the defence against it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from daypass.keys.algorithms import RSA_EXPONENT, Algorithm
from daypass.lab.attacks.forging import Target

RFC = "https://www.rfc-editor.org/rfc/rfc"
CVE = "https://www.cve.org/CVERecord?id="
EVERY_RING = (Algorithm.HS256, Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA)


class Carrier(StrEnum):
    """Where in the request the token is sent."""

    COOKIE = "cookie"
    BEARER = "bearer"


class Interlude(Enum):
    """What happens after the token was issued and before it is presented."""

    NOTHING = auto()
    SIGN_OUT = auto()
    DROP_THE_KEY = auto()


@dataclass(frozen=True)
class Defence:
    """What stops an attack: a function or constant of Daypass, and its decisive lines of code, quoted."""

    where: str  # inside the package, such as `tokens.codec.decode`
    line: str


@dataclass(frozen=True)
class Reference:
    """Where the attack worked, or a warning of it: a CVE, an RFC section or a title, and a summary."""

    name: str  # such as "CVE-2018-0114", "RFC 8725 section 3.1", or a title
    about: str
    link: str | None = None

    @property
    def url(self) -> str | None:
        """The URL of the source, or None if there is none."""
        if self.name.startswith("CVE-"):
            return CVE + self.name
        if self.name.startswith("RFC "):
            number, _, section = self.name.removeprefix("RFC ").partition(" section ")
            return f"{RFC}{number}#section-{section}"
        return self.link


@dataclass(frozen=True)
class Attack:
    """One attack. `forge` returns the tokens to try: one, or several variants of the same idea.

    usual_name: what the literature calls it. `title` says the same in words that everybody understands.
    rings: the algorithms of keys that it applies to; the gallery uses the first.
    request_label, finding_label: labels in the sequence diagram, for the token and for what the gate finds.
    revealing_member: the member of the token to highlight, such as `sid`; if None, the changed ones.
    genuine: whether the site itself signed the token.
    secret: a weak secret that the gallery uses as its key instead of a random one, so that the attack succeeds.
    rsa_exponent: the public exponent of the gallery's RSA key.
    """

    name: str
    title: str
    usual_name: str
    hope: str
    request_label: str
    finding_label: str
    why: str
    defence: Defence
    reference: Reference
    forge: Callable[[Target], Sequence[str]]
    rings: tuple[Algorithm, ...] = EVERY_RING
    carrier: Carrier = Carrier.COOKIE
    interlude: Interlude = Interlude.NOTHING
    revealing_member: str | None = None
    genuine: bool = False
    secret: str | None = None
    rsa_exponent: int = RSA_EXPONENT

    @property
    def gets_in(self) -> bool:
        """Whether the attack succeeds, on purpose."""
        return self.secret is not None
