"""Other encodings of a token, and formats other than three parts with dots."""

import json
import os
from collections.abc import Iterator
from itertools import count
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, row

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
JUNK = {
    "padding": "=",
    "newline": "\n",
    "carriage-return": "\r\n",
    "space": " ",
    "tab": "\t",
    "exclamation": "!",
    "plus": "+",
    "slash": "/",
    "percent": "%20",
    "nul": "\0",
    "letter-outside-ascii": "\u00e9",
    "zero-width": "\u200b",
    "full-width-letter": "\uff21",
}


@row(32, "junk-in-a-part")
def junk_in_a_part(target: Target) -> Iterator[Forgery]:
    header, payload, signature = target.parts
    for name, junk in JUNK.items():
        for at in (1, len(header)):
            yield Forgery(f"{name}-header-{at}-signed", target.signed_text(f"{_with(header, at, junk)}.{payload}"))
        for at in (len(payload) // 2, len(payload)):
            yield Forgery(f"{name}-payload-{at}-signed", target.signed_text(f"{header}.{_with(payload, at, junk)}"))
        for at in (0, len(signature) // 2):
            yield Forgery(f"{name}-signature-{at}", f"{header}.{payload}.{_with(signature, at, junk)}")
    for number, text in enumerate(target.parts):
        padded = [*target.parts]
        padded[number] = text + "=" * (-len(text) % 4 or 4)
        yield Forgery(f"padded-part-{number}", ".".join(padded))
    yield Forgery("padded-all", ".".join(text + "=" * (-len(text) % 4) for text in target.parts) + "=")
    yield from _with_spare_bits(target)


@row(33, "other-alphabet")
def other_alphabet(target: Target) -> Iterator[Forgery]:
    genuine = _with_both_special_characters(target)
    changed = {
        "standard-base64": genuine.replace("-", "+").replace("_", "/"),
        "plus-for-minus": genuine.replace("-", "+"),
        "slash-for-underscore": genuine.replace("_", "/"),
        "dots-in-percent": genuine.replace(".", "%2E"),
        "percent-throughout": "".join(f"%{ord(character):02X}" for character in genuine),
        "underscore-in-percent": genuine.replace("_", "%5F"),
        "dots-full-width": genuine.replace(".", "\uff0e"),
        "dots-ideographic": genuine.replace(".", "\u3002"),
        "dots-one-leader": genuine.replace(".", "\u2024"),
        "letters-full-width": "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in genuine),
        "colons": genuine.replace(".", ":"),
        "upper-case": genuine.upper(),
        "lower-case": genuine.lower(),
        "case-swapped": genuine.swapcase(),
        "hexadecimal": ".".join(part_.encode().hex() for part_ in genuine.split(".")),
        "quoted": quote(genuine, safe="") + "%",
        "minus-as-hyphen": genuine.replace("-", "\u2010"),
        "reversed": genuine[::-1],
        "encoded-twice": part(genuine.encode()),
    }
    for name, text in changed.items():
        yield Forgery(name, text)


@row(34, "wrong-number-of-parts")
def wrong_number_of_parts(target: Target) -> Iterator[Forgery]:
    header, payload, signature = target.parts
    lists: dict[str, list[str]] = {
        "one": [header],
        "two": [header, payload],
        "two-without-header": [payload, signature],
        "four": [*target.parts, signature],
        "four-with-empty-last": [*target.parts, ""],
        "four-with-empty-first": ["", *target.parts],
        "four-payload-twice": [header, payload, payload, signature],
        "five": [*target.parts, header, payload],
        "many": [*target.parts, *["A"] * 500],
        "header-empty": ["", payload, signature],
        "payload-empty": [header, "", signature],
        "signature-empty": [header, payload, ""],
        "all-empty": ["", "", ""],
        "only-dots": [""] * 500,
        "twice-with-a-dot": [*target.parts, *target.parts],
        "swapped": [payload, header, signature],
    }
    for name, parts in lists.items():
        yield Forgery(name, ".".join(parts))
    yield Forgery("nothing", "")
    yield Forgery("twice", target.token * 2)
    yield Forgery("twice-with-a-comma", f"{target.token},{target.token}")
    yield Forgery("payload-empty-signed", target.signed_text(f"{header}."))
    yield Forgery("header-empty-signed", target.signed_text(f".{payload}"))
    yield Forgery("two-signed", target.signed_text(header))
    yield Forgery("four-signed", target.signed_text(f"{header}.{payload}.{payload}"))


@row(35, "json-serialisation")
def json_serialisation(target: Target) -> Iterator[Forgery]:
    header, payload, signature = target.parts
    none = part({"alg": "none"})
    one = {"protected": header, "signature": signature}
    flattened = {"payload": payload} | one
    documents: dict[str, object] = {
        "flattened": flattened,
        "general": {"payload": payload, "signatures": [one]},
        "two-signatures": {"payload": payload, "signatures": [{"protected": none, "signature": ""}, one]},
        "no-signatures": {"payload": payload, "signatures": []},
        "unprotected-alg": {"payload": payload, "header": target.header, "signature": signature},
        "unprotected-none": flattened | {"header": {"alg": "none"}},
        "payload-of-the-admin": flattened | {"payload": part(target.admin)},
        "list": target.parts,
    }
    for name, document in documents.items():
        yield Forgery(name, to_json(document).decode())
        yield Forgery(f"{name}-with-spaces", json.dumps(document, indent=1))
        yield Forgery(f"{name}-encoded", part(document))
        yield Forgery(f"{name}-as-payload-signed", target.signed(payload=document))


@row(36, "encrypted-token")
def encrypted_token(target: Target) -> Iterator[Forgery]:
    claims, unsigned = to_json(target.payload), target.unsigned(target.header | {"alg": "none"}).encode()
    for name, content in {"claims": claims, "unsigned-token": unsigned, "token": target.token.encode()}.items():
        for alg, wrapped in _wrapped(target).items():
            epk = {"kty": "EC", "crv": "P-256", "x": part(bytes(32)), "y": part(bytes(32))}  # not on the curve
            header = {"alg": alg, "enc": "A128GCM", "kid": target.key.kid, "cty": "JWT", "epk": epk}
            nonce = os.urandom(12)
            sealed = AESGCM(bytes(16)).encrypt(nonce, content, part(header).encode())
            parts = [part(header), part(wrapped), part(nonce), part(sealed[:-16]), part(sealed[-16:])]
            yield Forgery(f"{alg}-{name}", ".".join(parts))
            yield Forgery(f"{alg}-{name}-in-three-parts", ".".join([parts[0], parts[3], parts[4]]))


def _with(text: str, at: int, junk: str) -> str:
    return text[:at] + junk + text[at:]


def _with_spare_bits(target: Target) -> Iterator[Forgery]:
    """Set the bits that the last character of a part has left over.

    A lax decoder ignores them.
    """
    for number, text in enumerate(target.parts):
        spare = {0: 0, 3: 2, 2: 4}[len(text) % 4]
        for bit in range(spare):
            altered = [*target.parts]
            altered[number] = text[:-1] + ALPHABET[ALPHABET.index(text[-1]) ^ 1 << bit]
            yield Forgery(f"spare-bit-{bit}-of-part-{number}", ".".join(altered))
            if number < 2:
                yield Forgery(f"spare-bit-{bit}-of-part-{number}-signed", target.signed_text(".".join(altered[:2])))


def _with_both_special_characters(target: Target) -> str:
    """(K) A valid token whose signature contains both `-` and `_`."""
    for spaces in count():
        token = target.signed(payload=to_json(target.payload) + b" " * spaces)
        if {"-", "_"} <= set(token.split(".")[2]):
            return token
    raise AssertionError("count() ends")


def _wrapped(target: Target) -> dict[str, bytes]:
    """A content key of zeros, wrapped as each algorithm specifies."""
    wrapped = {"dir": b"", "A128KW": bytes(24), "ECDH-ES": b""}
    if isinstance(target.key.private, rsa.RSAPrivateKey):
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        wrapped["RSA-OAEP-256"] = target.key.private.public_key().encrypt(bytes(16), oaep)
    return wrapped
