"""The lab's bench: what lies on it, and what each of its buttons does with that. Nothing of it outlives the request."""

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
IN_PAYLOAD = 19  # changing this character makes "anice" of "alice"
NUMBER = re.compile("[0-9]{1,6}")
EXPIRIES: dict[str, tuple[str, int | None]] = {  # words on the form, and seconds from now
    "day": ("A day from now", 86_400),
    "minute": ("A minute from now", 60),
    "none": ("None", None),
    "payload": ("As the payload says", None),
}


@dataclass(frozen=True)
class Workbench:
    """What lies on it, as text: the token, the same token before it was changed, and what tokens are made with."""

    algorithm: Algorithm = Algorithm.HS256
    key: str = EXAMPLE_KEY
    expiry: str = "day"
    header: str = encoding.EXAMPLE_HEADER
    claims: str = encoding.EXAMPLE_CLAIMS
    token: str = ""
    original: str = ""
    place: str = ""


def from_form(typed: Mapping[str, str]) -> Workbench:
    """The bench as it was sent. Raises InvalidRequest for what the form does not offer."""
    empty = Workbench()
    text = {name: typed.get(name, getattr(empty, name)).replace("\r\n", "\n") for name in ("key", "header", "claims")}
    bare = {name: typed.get(name, "").strip() for name in ("token", "original", "place")}
    algorithm, expiry = typed.get("algorithm", empty.algorithm), typed.get("expiry", empty.expiry)
    if algorithm not in set(Algorithm) or expiry not in EXPIRIES:
        raise InvalidRequest("the lab offers no such algorithm or expiry")
    return Workbench(Algorithm(algorithm), text["key"].strip("\n"), expiry, text["header"], text["claims"], **bare)


class Recipe(TypedDict):
    """What a token is made of; `expires_in` is in seconds."""

    header: str
    claims: str
    algorithm: Algorithm
    key: str
    expires_in: int | None


def recipe(bench: Workbench) -> Recipe:
    """What `sign` makes the token of."""
    return {
        "header": bench.header,
        "claims": _without_end(bench.claims) if bench.expiry == "none" else bench.claims,
        "algorithm": bench.algorithm,
        "key": bench.key,
        "expires_in": EXPIRIES[bench.expiry][1],
    }


def example(now: datetime) -> Workbench:
    """The bench as it is found: the example, signed, and the number of a character whose change breaks it."""
    bench = sign(Workbench(), now)
    return replace(bench, place=str(bench.token.index(".") + IN_PAYLOAD))


def sign(bench: Workbench, now: datetime) -> Workbench:
    """Make a token of header and payload, signed with the key."""
    token = encoding.encode(**recipe(bench), now=now)
    return _told(replace(bench, token=token, original=token))


def check(bench: Workbench, now: datetime) -> Workbench:
    """Read the token as it was typed. One that has little in common with the one before has not been changed."""
    same = bench.original and _is_kin(bench.token, bench.original)
    return _told(bench if same else replace(bench, original=bench.token))


def keep(bench: Workbench, now: datetime) -> Workbench:
    """Put header and payload into the token, and keep its signature; what was not edited stays as it is spelt."""
    token, reading = bench.token, read(bench.token)
    if bench.header.strip() != _shown(reading, 0).strip():
        token = tampering.replace_header(token, bench.header)
    if bench.claims.strip() != _shown(reading, 1).strip():
        token = tampering.replace_claims(token, bench.claims)
    return _told(replace(bench, token=token, original=bench.original or bench.token))


def change(bench: Workbench, now: datetime) -> Workbench:
    """Change one character of the token, the first one being number 1."""
    place = int(bench.place) if NUMBER.fullmatch(bench.place) else 0
    if not 1 <= place <= len(bench.token):
        raise LabError(f"Give the number of a character, from 1 to {len(bench.token)}.", "place")
    token = tampering.change_character(bench.token, place - 1)
    return _told(replace(bench, token=token, original=bench.original or bench.token))


def put_back(bench: Workbench, now: datetime) -> Workbench:
    """Have the token as it was before anything in it was changed."""
    return _told(replace(bench, token=bench.original))


ACTIONS: dict[str, Callable[[Workbench, datetime], Workbench]] = {
    "check": check,
    "key": sign,
    "sign": sign,
    "keep": keep,
    "change": change,
    "back": put_back,
}


def _told(bench: Workbench) -> Workbench:
    """The bench with header and payload as the token has them, if there is one."""
    if not bench.token:
        return bench
    reading = read(bench.token)
    return replace(bench, header=_shown(reading, 0), claims=_shown(reading, 1))


def _shown(reading: Reading, index: int) -> str:
    return reading.parts[index].shown if index < min(len(reading.parts), 2) else ""


def _without_end(claims: str) -> str:
    """The claims without `exp`; text that is no such JSON object stays as it is, for `write` to refuse."""
    try:
        members = parse_object(claims)
    except InvalidJson:
        return claims
    if "exp" not in members:
        return claims
    return json.dumps({name: value for name, value in members.items() if name != "exp"}, ensure_ascii=False)


def _is_kin(text: str, other: str) -> bool:
    """Whether one may be the other after a change: they share the signature, or all else, or most characters."""
    (body, _, signature), (other_body, _, other_signature) = text.rpartition("."), other.rpartition(".")
    if (signature and signature == other_signature) or (body and body == other_body):
        return True
    return len(text) == len(other) and sum(a == b for a, b in zip(text, other, strict=True)) * 2 > len(text)
