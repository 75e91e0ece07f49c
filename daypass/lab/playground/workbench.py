"""The state of the lab's form, and what each button does to it. Nothing is kept after the request."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from daypass.errors import InvalidRequest
from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, tampering
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.parsing import Reading, read
from daypass.tokens.strict_json import InvalidJson, parse_object

EXAMPLE_KEY = "a-demonstration-key-of-32-bytes."  # for the first token that a visitor sees
EXAMPLE_PLACE = 19  # changing this character of the payload turns "alice" into "anice"
NUMBER = re.compile("[0-9]{1,6}")
EXPIRIES: dict[str, tuple[str, int | None]] = {  # label in the form, and seconds from now
    "day": ("In one day", 86_400),
    "minute": ("In one minute", 60),
    "none": ("None", None),
    "payload": ("As in the payload", None),
}


@dataclass(frozen=True)
class Workbench:
    """The fields of the form, as text. `original` is the token before it was changed."""

    algorithm: Algorithm = Algorithm.HS256
    key: str = EXAMPLE_KEY
    expiry: str = "day"
    header: str = encoding.EXAMPLE_HEADER
    claims: str = encoding.EXAMPLE_CLAIMS
    token: str = ""
    original: str = ""
    place: str = ""


def from_form(typed: Mapping[str, str]) -> Workbench:
    """Read the form. Raises InvalidRequest for an algorithm or expiry that it does not offer."""
    default = Workbench()
    multiline = {
        name: typed.get(name, getattr(default, name)).replace("\r\n", "\n") for name in ("key", "header", "claims")
    }
    single_line = {name: typed.get(name, "").strip() for name in ("token", "original", "place")}
    algorithm, expiry = typed.get("algorithm", default.algorithm), typed.get("expiry", default.expiry)
    if algorithm not in set(Algorithm) or expiry not in EXPIRIES:
        raise InvalidRequest("the lab offers no such algorithm or expiry")
    return Workbench(
        Algorithm(algorithm),
        multiline["key"].strip("\n"),
        expiry,
        multiline["header"],
        multiline["claims"],
        **single_line,
    )


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
        "key": bench.key,
        "expires_in": EXPIRIES[bench.expiry][1],
    }


def example(now: datetime) -> Workbench:
    """The initial state: the example, signed, and the number of a character to change."""
    bench = sign(Workbench(), now)
    return replace(bench, place=str(bench.token.index(".") + EXAMPLE_PLACE))


def sign(bench: Workbench, now: datetime) -> Workbench:
    """Create a token from header and payload, signed with the key."""
    token = encoding.encode(**recipe(bench), now=now)
    return _with_decoded_parts(replace(bench, token=token, original=token))


def check(bench: Workbench, now: datetime) -> Workbench:
    """Read the token that was entered. One that has little in common with the original replaces it."""
    same = bench.original and _is_variant(bench.token, bench.original)
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


def _is_variant(text: str, other: str) -> bool:
    """Whether one token may be a changed copy of the other.

    They share the signature, or everything but the signature, or most characters.
    """
    (body, _, signature), (other_body, _, other_signature) = text.rpartition("."), other.rpartition(".")
    if (signature and signature == other_signature) or (body and body == other_body):
        return True
    return len(text) == len(other) and sum(a == b for a, b in zip(text, other, strict=True)) * 2 > len(text)
