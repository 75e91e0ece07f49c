"""Unsigned tokens, and tokens whose `alg` asks for no verification."""

import secrets
from collections.abc import Iterator

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, row

LOOK_ALIKES = {
    "capitalised": "None",
    "upper-case": "NONE",
    "mixed-case": "nOnE",
    "space-behind": "none ",
    "space-before": " none",
    "nul-behind": "none\0",
    "newline-behind": "none\n",
    "cyrillic-letter": "non\u0435",
    "full-width": "\uff4e\uff4f\uff4e\uff45",
    "zero-width": "no\u200bne",
    "empty": "",
    "word-null": "null",
}
INVALID_ALGORITHMS: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "number": 256,
    "float": 1.5,
    "list": ["HS256"],
    "list-with-none": ["none"],
    "empty-list": [],
    "object": {"alg": "HS256"},
    "empty-object": {},
}


@row(1, "alg-none")
def alg_none(target: Target) -> Iterator[Forgery]:
    header = target.header | {"alg": "none"}
    yield Forgery("signature-empty", target.unsigned(header))
    yield Forgery("signature-kept", target.with_kept_signature(header))
    yield Forgery("signature-random", target.unsigned(header) + part(secrets.token_bytes(32)))
    yield Forgery("signature-one-zero", target.unsigned(header) + "AA")
    yield Forgery("signature-left-out", target.unsigned(header).removesuffix("."))
    yield Forgery("without-kid", target.unsigned({"alg": "none", "typ": "JWT"}))
    yield Forgery("alone", target.unsigned({"alg": "none"}))
    yield Forgery("as-admin", target.unsigned(header, target.admin))
    yield Forgery("signed-all-the-same", target.signed(header))


@row(2, "alg-none-in-disguise")
def alg_none_in_disguise(target: Target) -> Iterator[Forgery]:
    for name, alg in LOOK_ALIKES.items():
        header = target.header | {"alg": alg}
        yield Forgery(f"{name}-signature-empty", target.unsigned(header))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(header))
        yield Forgery(f"{name}-signed", target.signed(header))
    escaped = to_json(target.header | {"alg": "ALG"}).replace(b"ALG", rb"\u006eone")
    yield Forgery("json-escape-signature-empty", target.unsigned(escaped))
    yield Forgery("json-escape-signature-kept", target.with_kept_signature(escaped))


@row(3, "alg-of-wrong-type")
def alg_of_wrong_type(target: Target) -> Iterator[Forgery]:
    headers = {name: target.header | {"alg": alg} for name, alg in INVALID_ALGORITHMS.items()}
    headers["missing"] = {"typ": "JWT", "kid": target.key.kid}
    for name, header in headers.items():
        yield Forgery(f"{name}-signature-empty", target.unsigned(header))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(header))
        yield Forgery(f"{name}-signed", target.signed(header))


@row(4, "alg-twice")
def alg_twice(target: Target) -> Iterator[Forgery]:
    genuine = to_json(target.header)
    alg = target.header["alg"].encode()
    headers = {
        "none-first": genuine.replace(b'{"', b'{"alg":"none","', 1),
        "none-last": genuine.replace(b"}", b',"alg":"none"}', 1),
        "same-twice": genuine.replace(b"}", b',"alg":"' + alg + b'"}', 1),
        "escaped-name": genuine.replace(b"}", rb',"\u0061lg":"none"}', 1),
        "escaped-name-first": genuine.replace(b'{"', rb'{"\u0061lg":"none","', 1),
        "upper-case-name-too": genuine.replace(b"}", b',"ALG":"none"}', 1),
        "upper-case-name": genuine.replace(b'"alg"', b'"ALG"', 1),
        "capitalised-name": genuine.replace(b'"alg"', b'"Alg"', 1),
        "kid-twice": genuine.replace(b"}", b',"kid":"' + target.key.kid.encode() + b'"}', 1),
        "typ-twice": genuine.replace(b"}", b',"typ":"JWT"}', 1),
    }
    for name, header in headers.items():
        yield Forgery(f"{name}-signature-empty", target.unsigned(header))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(header))
        yield Forgery(f"{name}-signed", target.signed(header))
