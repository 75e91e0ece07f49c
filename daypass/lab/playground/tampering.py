"""Change a token as an attacker would: a character, the header or the claims. Nothing is signed here."""

from typing import Any

from daypass.lab.playground.errors import LabError
from daypass.lab.playground.json_fields import read_object
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH
from daypass.tokens.base64url import ALPHABET, encode_base64url
from daypass.tokens.strict_json import compact


def change_character(text: str, place: int) -> str:
    """Change the character at `place`, counted from 0, to another character of base64url.

    Flips the highest of its six bits, which is never unused padding. Doing it twice restores the token.
    Raises LabError if there is no such place, or if its character is not in base64url, such as a dot.
    """
    _check_length(text)
    if not text:
        raise LabError("There is no token to change.", "place")
    if not 0 <= place < len(text):
        raise LabError(f"The token has characters from 0 to {len(text) - 1}.", "place")
    if text[place] == ".":
        raise LabError("This is a dot between two parts. Choose another character.", "place")
    if text[place] not in ALPHABET:
        raise LabError("This is not a base64url character. Choose another.", "place")
    other = ALPHABET[ALPHABET.index(text[place]) ^ 0b100000]
    return text[:place] + other + text[place + 1 :]


def replace_claims(text: str, claims: str) -> str:
    """Replace the payload with this JSON object, and keep the signature. Raises LabError."""
    return _with_payload(_parts(text), read_object(claims, "claims"))


def replace_header(text: str, header: str) -> str:
    """Replace the header with this JSON object, including its `alg`, and keep the signature. Raises LabError."""
    changed = ".".join([encode_base64url(compact(read_object(header, "header")).encode()), *_parts(text)[1:]])
    _check_length(changed)
    return changed


def is_variant(text: str, other: str) -> bool:
    """Whether one token may be a changed copy of the other.

    They share the signature, or everything but the signature, or most characters.
    """
    (body, _, signature), (other_body, _, other_signature) = text.rpartition("."), other.rpartition(".")
    if (signature and signature == other_signature) or (body and body == other_body):
        return True
    return len(text) == len(other) and sum(a == b for a, b in zip(text, other, strict=True)) * 2 > len(text)


def _with_payload(parts: list[str], claims: dict[str, Any]) -> str:
    changed = ".".join([parts[0], encode_base64url(compact(claims).encode()), parts[2]])
    _check_length(changed)
    return changed


def _parts(text: str) -> list[str]:
    _check_length(text)
    parts = text.split(".")
    if len(parts) != 3:
        raise LabError("This text does not have three parts.", "token")
    return parts


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT_LENGTH:
        raise LabError(f"The token is longer than {MAX_TEXT_LENGTH} characters.", "token")
