"""What each button of the lab does to its form."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, key_text, tampering
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.expiries import EXPIRIES
from daypass.lab.playground.own_work import digest
from daypass.lab.playground.parsing import Reading, read
from daypass.lab.playground.workbench import Workbench
from daypass.tokens.strict_json import InvalidJson, parse_object

EXAMPLE_PLACE = 19  # changing this character of the payload turns "alice" into "anice"
NUMBER = re.compile("[0-9]{1,6}")


class Recipe(TypedDict):
    """The arguments of `encoding.encode`; `expires_in` is in seconds."""

    header: str
    claims: str
    algorithm: Algorithm
    key: str
    expires_in: int | None


def recipe(bench: Workbench) -> Recipe:
    """The arguments with which `sign` creates the token."""
    return {
        "header": bench.header,
        "claims": _without_exp(bench.claims) if bench.expiry == "none" else bench.claims,
        "algorithm": bench.algorithm,
        "key": bench.key_text,
        "expires_in": EXPIRIES[bench.expiry][1],
    }


def example(now: datetime) -> Workbench:
    """The initial state: the example, signed, and the number of a character to change."""
    bench = sign(Workbench(), now)
    return replace(bench, place=str(bench.token.index(".") + EXAMPLE_PLACE))


def with_fitting_key(act: str, bench: Workbench, new_key: Callable[[Algorithm], str]) -> tuple[str, Workbench]:
    """Give the chosen algorithm a key that fits it, unless the visitor entered the key.

    Returns the act to perform afterwards: a token that the lab signed is signed again. A pasted token is kept; the key
    is emptied, since no new key could verify it. new_key: generates a key as text; may raise an error.
    """
    fits = _fits(act, bench)
    if act == "key" or (not fits and (act == "sign" or bench.has_own_token)):
        key = new_key(bench.algorithm)
        return "sign", replace(bench, key=key, made_key=digest(key), in_base64url=False)
    if not fits:
        return "check", replace(bench, key="")
    if act == "algorithm":
        signs = bench.has_own_token and key_text.can_sign(bench.key_text, bench.algorithm)
        return ("sign" if signs else "check"), bench
    return act, bench


def _fits(act: str, bench: Workbench) -> bool:
    """Whether the key suits the algorithm, or is the visitor's own choice."""
    if not bench.key:
        return act != "algorithm"
    return not bench.has_own_key or key_text.suits(bench.key_text, bench.algorithm)


def sign(bench: Workbench, now: datetime) -> Workbench:
    """Create a token from header and payload, signed with the key."""
    token = encoding.encode(**recipe(bench), now=now)
    return _with_decoded_parts(replace(bench, token=token, original=token, made_token=digest(token), source=""))


def check(bench: Workbench, now: datetime) -> Workbench:
    """Read the token that was entered. One that has little in common with the original replaces it."""
    same = bench.original and tampering.is_variant(bench.token, bench.original)
    return _with_decoded_parts(bench if same else replace(bench, original=bench.token))


def keep(bench: Workbench, now: datetime) -> Workbench:
    """Put header and payload into the token, and keep its signature. Unedited parts keep their encoding."""
    token, reading = bench.token, read(bench.token)
    if bench.header.strip() != _shown(reading, 0).strip():
        token = tampering.replace_header(token, bench.header)
    if bench.claims.strip() != _shown(reading, 1).strip():
        token = tampering.replace_claims(token, bench.claims)
    return _with_decoded_parts(replace(bench, token=token, original=bench.original or bench.token))


def change(bench: Workbench, now: datetime) -> Workbench:
    """Change one character of the token. Characters are numbered from 1."""
    place = int(bench.place) if NUMBER.fullmatch(bench.place) else 0
    if not 1 <= place <= len(bench.token):
        raise LabError(f"Enter the number of a character, from 1 to {len(bench.token)}.", "place")
    token = tampering.change_character(bench.token, place - 1)
    return _with_decoded_parts(replace(bench, token=token, original=bench.original or bench.token))


def put_back(bench: Workbench, now: datetime) -> Workbench:
    """Restore the token to what it was before any change."""
    return _with_decoded_parts(replace(bench, token=bench.original))


ACTIONS: dict[str, Callable[[Workbench, datetime], Workbench]] = {
    "check": check,
    "read": check,
    "time": check,
    "real-time": check,
    "algorithm": sign,
    "key": sign,
    "sign": sign,
    "keep": keep,
    "change": change,
    "back": put_back,
}


def _with_decoded_parts(bench: Workbench) -> Workbench:
    """Update header and payload from the token, if there is one."""
    if not bench.token:
        return bench
    reading = read(bench.token)
    return replace(bench, header=_shown(reading, 0), claims=_shown(reading, 1))


def _shown(reading: Reading, index: int) -> str:
    return reading.parts[index].shown if index < min(len(reading.parts), 2) else ""


def _without_exp(claims: str) -> str:
    """The claims without `exp`. Text that is not a JSON object is returned unchanged, and `encode` rejects it."""
    try:
        members = parse_object(claims)
    except InvalidJson:
        return claims
    if "exp" not in members:
        return claims
    return json.dumps({name: value for name, value in members.items() if name != "exp"}, ensure_ascii=False)
