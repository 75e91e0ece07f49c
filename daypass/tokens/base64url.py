"""base64url without padding (RFC 7515 section 2), read strictly."""

import base64
import re

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FOREIGN = re.compile("[^A-Za-z0-9_-]")


class InvalidBase64url(ValueError):
    """The text is not valid base64url. The argument is a sentence that says why; escape it before you show it."""


def decode_base64url(text: str) -> bytes:
    """Decode base64url. Raises InvalidBase64url unless the text is the canonical encoding of the bytes."""
    if foreign := FOREIGN.search(text.rstrip("=")):
        raise InvalidBase64url(
            f"The character “{foreign[0]}” is not one of base64url: A to Z, a to z, 0 to 9, - and _."
        )
    if text.endswith("="):
        raise InvalidBase64url("It is padded with “=”, which RFC 7515 leaves out.")
    if len(text) % 4 == 1:
        raise InvalidBase64url("A character is missing or extra: base64url never has this length.")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_base64url(raw) != text:
        raise InvalidBase64url("The last character sets unused bits, so this is not the canonical encoding.")
    return raw


def encode_base64url(raw: bytes) -> str:
    """Encode bytes canonically."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
