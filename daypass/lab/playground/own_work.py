"""What the lab itself made, a key or a token, which it may replace; what the visitor typed or pasted stays.

The form carries a digest of each, so the server stores nothing. A forged digest harms nobody but its author.
"""

import hashlib

from daypass.tokens.base64url import encode_base64url


def digest(text: str) -> str:
    """The digest of a key or token that the lab made; empty for an empty text."""
    return encode_base64url(hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()) if text else ""


def is_own(text: str, made: str) -> bool:
    """Whether this text is the one that the lab made."""
    return bool(text) and digest(text) == made
