"""What an attack consists of, in words and in forged tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.forging import Target

RFC = "https://www.rfc-editor.org/rfc/rfc"
CVE = "https://www.cve.org/CVERecord?id="
EVERY_RING = (Algorithm.HS256, Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA)


class Carrier(StrEnum):
    """How a token is handed to the gate."""

    COOKIE = "cookie"
    BEARER = "bearer"


class Interlude(Enum):
    """What happens between the making of the token and its being held out."""

    NOTHING = auto()
    SIGN_OUT = auto()
    DROP_THE_KEY = auto()


@dataclass(frozen=True)
class Defence:
    """What stops an attack: a function or constant of ours, and the very line (or lines) of it."""

    where: str  # such as `tokens.decode`, inside the package
    line: str


@dataclass(frozen=True)
class Reference:
    """Where an attack worked, or who warns of it: a CVE, a section of an RFC, and what it is about."""

    name: str  # such as "CVE-2018-0114", "RFC 8725 section 3.1", or a title
    about: str
    link: str | None = None

    @property
    def url(self) -> str | None:
        """Where to read about it."""
        if self.name.startswith("CVE-"):
            return CVE + self.name
        if self.name.startswith("RFC "):
            number, _, section = self.name.removeprefix("RFC ").partition(" section ")
            return f"{RFC}{number}#section-{section}"
        return self.link


@dataclass(frozen=True)
class Attack:
    """One attack. `forge` makes the tokens that it tries, one or several spellings of one idea.

    rings: the kinds of keys that it makes sense for; the gallery tries it on the first.
    says, finds: what the drawing says of the token and of the gate, in a few words.
    tells: the member of the token that gives it away, such as `sid`; else whatever was changed does.
    genuine: whether the site itself signed what is held out.
    secret: what somebody has thought up as a key; the gallery uses it in place of random bytes, and is broken into.
    """

    name: str
    title: str
    hope: str
    says: str
    finds: str
    why: str
    defence: Defence
    seen: Reference
    forge: Callable[[Target], Sequence[str]]
    rings: tuple[Algorithm, ...] = EVERY_RING
    carrier: Carrier = Carrier.COOKIE
    meanwhile: Interlude = Interlude.NOTHING
    tells: str | None = None
    genuine: bool = False
    secret: str | None = None

    @property
    def gets_in(self) -> bool:
        """Whether it is shown to succeed, on purpose."""
        return self.secret is not None
