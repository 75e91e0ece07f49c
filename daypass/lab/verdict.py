"""A token, a key, an algorithm -> valid, or `Token is invalid --> ...` in PyJWT's words."""

from dataclasses import dataclass
from datetime import datetime

from daypass.lab.algorithms import Algorithm
from daypass.lab.reading import PartName


@dataclass(frozen=True)
class Judgement:
    """What came of it.

    `sentence` is `Token is valid` or `Token is invalid --> <why>`; `blame` is the part that is at fault, or None for a
    valid token and for one that lacks whole parts. `notes` are sentences beside it: that the header names another
    algorithm, or what a stricter reader would refuse.
    """

    valid: bool
    sentence: str
    blame: PartName | None = None
    notes: tuple[str, ...] = ()


def judge(text: str, *, key: str, algorithm: Algorithm, now: datetime) -> Judgement:
    """Verify a token with the algorithm that was chosen, never with the one that its header names (RFC 8725 3.1).

    Issuer and audience are not checked, since nobody is asked for them. Raises LabError when the key cannot be used,
    and nothing else, whatever the texts are.
    """
    raise NotImplementedError
