"""The forms in which a secret can appear in an output."""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from tests.leaks.collection import Secret
from tests.leaks.places import AUDIT_KEY, SIGNING_KEY

SHORTEST = 8  # characters: shorter texts are in some output by chance
DIFFERENT = 4  # characters in a text: zeros and other repetitions are in some output by chance
PART = 20  # characters of a signature at each end, so that a token that was cut off is found too
CHUNK = 18  # bytes of a key, which are 24 characters of base64


def forms(secret: Secret) -> set[bytes]:
    """The texts to look for; empty if the secret is too short or a repetition. None contains a line break."""
    if secret.kind.endswith(" token"):
        found = _token_forms(secret.value)
    elif secret.kind in (SIGNING_KEY, AUDIT_KEY):
        found = _key_forms(secret.value)
    elif len(secret.value.decode("utf-8", "surrogatepass")) < SHORTEST:
        found = iter(())
    else:
        found = _text_forms(secret.value.decode("utf-8", "surrogatepass"))
    lines = {max(form.splitlines(), key=len, default=b"") for form in found}
    return {line for line in lines if len(line) >= SHORTEST and len(set(line)) >= DIFFERENT}


def _token_forms(token: bytes) -> Iterator[bytes]:
    """The two ends of the signature: header and payload alone open nothing."""
    signature = token.rpartition(b".")[2]
    yield signature[:PART]
    yield signature[-PART:]


def _text_forms(text: str) -> Iterator[bytes]:
    """A text as it is, and as JSON, Python, HTML, URLs, hex and base64 write it."""
    raw = text.encode("utf-8", "surrogatepass")
    yield raw
    yield json.dumps(text)[1:-1].encode()
    yield repr(text)[1:-1].encode("utf-8", "backslashreplace")
    yield html.escape(text).encode("utf-8", "surrogatepass")
    yield quote(raw).encode()
    yield quote_plus(raw).encode()
    yield raw.hex().encode()
    yield base64.b64encode(raw).rstrip(b"=")


def _key_forms(key: bytes) -> Iterator[bytes]:
    """A key as bytes, as Python writes these, and in hex and base64.

    Base64 in every alignment, because other data may come before the key; two chunks, because one may be cut by the end
    of a line (RFC 7468).
    """
    yield key[: 2 * CHUNK]
    yield repr(key[:CHUNK])[2:-1].encode()
    yield key[:CHUNK].hex().encode()
    for start in (0, 1, 2, CHUNK, CHUNK + 1, CHUNK + 2):
        chunk = key[start : start + CHUNK]
        if len(chunk) > CHUNK - 6:
            whole = chunk[: len(chunk) // 3 * 3]
            yield base64.b64encode(whole)
            yield base64.urlsafe_b64encode(whole)
