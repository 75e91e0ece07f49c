"""base64url without padding (RFC 7515 section 2), read strictly."""

import base64
import re

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FOREIGN = re.compile("[^A-Za-z0-9_-]")


class InvalidBase64url(ValueError):
    """The text is none; the argument is a sentence that says why, not yet fit to be shown."""


def decode_base64url(text: str) -> bytes:
    """The bytes that it stands for. Raises InvalidBase64url for every spelling but the one that they have."""
    if foreign := FOREIGN.search(text.rstrip("=")):
        raise InvalidBase64url(
            f"The character “{foreign[0]}” is not one of base64url: A to Z, a to z, 0 to 9, - and _."
        )
    if text.endswith("="):
        raise InvalidBase64url("It is padded with “=”, which RFC 7515 leaves out.")
    if len(text) % 4 == 1:
        raise InvalidBase64url("A character is missing or too many: no bytes have a base64url of this length.")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_base64url(raw) != text:
        raise InvalidBase64url("The last character has bits set that belong to no byte: it is not the only spelling.")
    return raw


def encode_base64url(raw: bytes) -> str:
    """The one spelling of these bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
