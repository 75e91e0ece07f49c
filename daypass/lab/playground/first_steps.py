"""The five first steps in the lab: what each asks for, and which of them are finished."""

from dataclasses import dataclass

from daypass.keys.algorithms import is_shared
from daypass.lab.playground.parsing import read as read_token
from daypass.lab.playground.verification import Verification
from daypass.lab.playground.workbench import Workbench


@dataclass(frozen=True)
class Step:
    """One step: its title, and what to do."""

    title: str
    task: str


STEPS = {
    "create": Step("Create a token", "Change the payload if you like, and press “Sign the token”."),
    "read": Step("Read it", "Press “Decode this token”. It needs no key: a token is signed, not encrypted."),
    "break": Step("Break it", "Press “Change character”. The signature no longer fits. “Restore the token” undoes it."),
    "expire": Step("Let it expire", "Choose “An hour ago” under “Expires” and sign, or set the clock ahead."),
    "pair": Step("Sign with a key pair", "Choose RS256 and sign. The private key signs, the public key verifies."),
}


def read(text: str) -> frozenset[str]:
    """The steps named in the form; other words are ignored."""
    return frozenset(name for name in STEPS if name in text[:100].split())


def finished(pressed: str, act: str, bench: Workbench, judgement: Verification | None) -> frozenset[str]:
    """The finished steps: those before, and what the pressed button added.

    act: what it did, such as `sign` for an algorithm.
    """
    return read(bench.steps) | {name for name in STEPS if _is_finished(name, pressed, act, bench, judgement)}


def _is_finished(name: str, pressed: str, act: str, bench: Workbench, judgement: Verification | None) -> bool:
    valid, blame = (judgement.valid, judgement.blame) if judgement else (False, None)
    match name:
        case "create":
            return pressed in ("sign", "key") and bool(judgement)
        case "read":
            return pressed == "read" and bool(read_token(bench.token).claims)
        case "break":
            return blame == "signature" and bench.token != bench.original
        case "expire":
            return judgement is not None and judgement.message.endswith("Signature has expired")
    return act == "sign" and valid and not is_shared(bench.algorithm)
