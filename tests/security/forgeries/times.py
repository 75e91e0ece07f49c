"""Tokens signed by us (K) whose times are wrong."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from daypass.lab.attacks.forging import to_json
from tests.security.forging import EXPIRED, OMITTED, Forgery, Target, member, row

DAY = 86_400
INVALID_TIMES: dict[str, object] = {
    "null": None,
    "text": "tomorrow",
    "empty": "",
    "true": True,
    "false": False,
    "list": [],
    "object": {},
    "negative": -1,
    "very-negative": -(2**63),
}
INVALID_NUMBERS = {  # as text, since most of it is not valid JSON
    "nan": b"NaN",
    "infinity": b"Infinity",
    "minus-infinity": b"-Infinity",
    "1e400": b"1e400",
    "minus-1e400": b"-1e400",
    "1000-digits": b"9" * 1000,
    "5000-digits": b"9" * 5000,
    "minus-zero": b"-0.0",
    "hexadecimal": b"0x7fffffff",
    "leading-zero": b"01790000000",
    "plus": b"+1790000000",
}


def _now() -> int:
    return int(time.time())


def _with_json_text(target: Target, name: str, text: bytes) -> str:
    """(K) The genuine claims with the JSON text of one value replaced."""
    genuine = member(name, target.payload[name])
    other = member(name, 0)[:-1] + text
    return target.signed(payload=to_json(target.payload).replace(genuine, other, 1))


@row(42, "exp-missing")
def exp_missing(target: Target) -> Iterator[Forgery]:
    yield Forgery("left-out", target.with_claims(exp=OMITTED))
    yield Forgery("null", target.with_claims(exp=None))
    yield Forgery("upper-case", target.with_claims(exp=OMITTED, EXP=target.payload["exp"]))
    yield Forgery("expires-in", target.with_claims(exp=OMITTED, expires_in=DAY))
    for name in ("until", "auth_time"):
        yield Forgery(f"{name}-left-out", target.with_claims(**{name: OMITTED}))


@row(43, "exp-of-wrong-type")
def exp_of_wrong_type(target: Target) -> Iterator[Forgery]:
    iso = datetime.fromtimestamp(target.payload["exp"], UTC).isoformat()
    for claim in ("exp", "until", "auth_time"):
        for name, value in (INVALID_TIMES | {"iso": iso, "in-a-list": [target.payload[claim]]}).items():
            yield Forgery(f"{claim}-{name}", target.with_claims(**{claim: value}))
        for name, text in INVALID_NUMBERS.items():
            yield Forgery(f"{claim}-{name}", _with_json_text(target, claim, text))
    yield Forgery("exp-zero", target.with_claims(exp=0), EXPIRED)
    yield Forgery("exp-a-second-ago", target.with_claims(exp=_now() - 1), EXPIRED)
    yield Forgery("exp-before-iat", target.with_claims(exp=target.payload["iat"] - 1), EXPIRED)


@row(44, "exp-too-late-or-malformed")
def exp_too_late(target: Target) -> Iterator[Forgery]:
    exp = target.payload["exp"]
    arabic = "".join(chr(0x0660 + int(digit)) for digit in str(exp))
    numbers: dict[str, object] = {
        "numeric-text": str(exp),
        "arabic-digits": arabic,
        "with-underscores": f"{exp:_}",
        "with-spaces": f" {exp} ",
        "float": float(exp),
        "half-a-second": exp + 0.5,
        "1e300": 1e300,
        "2-to-63": 2**63,
        "2-to-64": 2**64,
        "2-to-31-times-1000": 2**31 * 1000,
        "year-9999": 253_402_300_799,
        "year-10000": 253_402_300_800,
        "milliseconds": exp * 1000,
        "30-days": _now() + 30 * DAY,
        "a-year": _now() + 365 * DAY,
        "a-second-too-long": target.payload["iat"] + DAY + 1,
    }
    for name, value in numbers.items():
        yield Forgery(name, target.with_claims(exp=value))
        if not isinstance(value, int):
            yield Forgery(f"until-{name}", target.with_claims(until=value))
    yield Forgery("exponent", _with_json_text(target, "exp", f"{exp // 100}e2".encode()))


@row(45, "exp-twice")
def exp_twice(target: Target) -> Iterator[Forgery]:
    genuine = to_json(target.payload)
    past, current = member("exp", _now() - DAY), member("exp", target.payload["exp"])
    escaped = past.replace(b"exp", rb"e\u0078p")
    assert current in genuine
    yield Forgery("old-first", target.signed(payload=genuine.replace(current, past + b"," + current, 1)))
    yield Forgery("old-last", target.signed(payload=genuine.replace(current, current + b"," + past, 1)))
    yield Forgery("same-twice", target.signed(payload=genuine.replace(current, current + b"," + current, 1)))
    yield Forgery("escaped-old-first", target.signed(payload=genuine.replace(current, escaped + b"," + current, 1)))
    yield Forgery("escaped-old-last", target.signed(payload=genuine.replace(current, current + b"," + escaped, 1)))


@row(46, "nbf")
def nbf(target: Target) -> Iterator[Forgery]:
    values: dict[str, object] = {
        "future": _now() + DAY,
        "past": _now() - DAY,
        "text": "tomorrow",
        "numeric-text": str(_now() - DAY),
        "null": None,
        "list": [_now()],
        "true": True,
        "1e300": 1e300,
        "2-to-70": 2**70,
    }
    for name, value in values.items():
        yield Forgery(name, target.with_claims(nbf=value))
    yield Forgery("infinity", target.signed(payload=to_json(target.payload).replace(b"}", b',"nbf":-Infinity}')))


@row(47, "iat-wrong")
def iat_wrong(target: Target) -> Iterator[Forgery]:
    iat = target.payload["iat"]
    values: dict[str, object] = INVALID_TIMES | {
        "left-out": OMITTED,
        "in-two-minutes": _now() + 120,
        "tomorrow": _now() + DAY,
        "year-9999": 253_402_300_799,
        "2-to-70": 2**70,
        "zero": 0,
        "longer-ago-than-a-pass-lives": target.payload["exp"] - DAY - 1,
        "numeric-text": str(iat),
        "float": float(iat),
    }
    for name, value in values.items():
        yield Forgery(name, target.with_claims(iat=value))
    yield Forgery("all-tomorrow", target.with_claims(iat=_now() + DAY, exp=_now() + 2 * DAY))
    for name, text in INVALID_NUMBERS.items():
        yield Forgery(name, _with_json_text(target, "iat", text))
