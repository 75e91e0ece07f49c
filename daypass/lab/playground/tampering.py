"""What an attacker does to a token: change a character, edit a claim, cut the signature off. Nothing is signed here."""

from typing import Any

from daypass.lab.playground.encoding import MAX_JSON_LENGTH as LONGEST_JSON
from daypass.lab.playground.encoding import read_object
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, read
from daypass.tokens.base64url import ALPHABET, encode_base64url
from daypass.tokens.strict_json import InvalidJson, compact, parse


def change_character(text: str, place: int) -> str:
    """The token with the character at `place` (from 0) changed to another one that may stand there.

    It is the highest of its six bits that changes, which no part leaves unused: done twice it is the token again.
    Raises LabError for a place outside of the token, and for a character that is none of base64url, such as a dot.
    """
    _check_length(text)
    if not text:
        raise LabError("There is no token whose characters could be changed.", "place")
    if not 0 <= place < len(text):
        raise LabError(f"The token has characters from 0 to {len(text) - 1}.", "place")
    if text[place] == ".":
        raise LabError("This is a dot between two parts. Choose a character of a part.", "place")
    if text[place] not in ALPHABET:
        raise LabError("This character is none of base64url. Choose another.", "place")
    other = ALPHABET[ALPHABET.index(text[place]) ^ 0b100000]
    return text[:place] + other + text[place + 1 :]


def replace_claim(text: str, name: str, value: str) -> str:
    """The token with a claim set to `value`, a JSON text, and its signature kept. Raises LabError."""
    parts = _parts(text)
    claims = read(text).parts[1].members
    if claims is None:
        raise LabError("The payload of this token is not a JSON object, so it has no claims.", "token")
    return _with_payload(parts, claims | {name: _value(value)})


def replace_claims(text: str, claims: str) -> str:
    """The token with this JSON object as its payload, and its signature kept. Raises LabError."""
    return _with_payload(_parts(text), read_object(claims, "claims"))


def replace_header(text: str, header: str) -> str:
    """The token with this JSON object as its header, `alg` as typed, and its signature kept. Raises LabError."""
    changed = ".".join([encode_base64url(compact(read_object(header, "header")).encode()), *_parts(text)[1:]])
    _check_length(changed)
    return changed


def cut_signature(text: str) -> str:
    """The token up to and with its last dot. Raises LabError for text that has no three parts."""
    return ".".join([*_parts(text)[:2], ""])


def _with_payload(parts: list[str], claims: dict[str, Any]) -> str:
    changed = ".".join([parts[0], encode_base64url(compact(claims).encode()), parts[2]])
    _check_length(changed)
    return changed


def _parts(text: str) -> list[str]:
    _check_length(text)
    parts = text.split(".")
    if len(parts) != 3:
        raise LabError("This text has no three parts.", "token")
    return parts


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT_LENGTH:
        raise LabError(f"The token is longer than {MAX_TEXT_LENGTH} characters.", "token")


def _value(text: str) -> Any:
    if len(text) > LONGEST_JSON:
        raise LabError(f"It is longer than {LONGEST_JSON} characters.", "claims")
    try:
        return parse(text)
    except InvalidJson as error:
        raise LabError(str(error), "claims") from None
