"""The random codes in links: of the set-up, of invitations, and of guest links.

The database stores only their digests, so that nobody can use a copy of it to open a link.
"""

import hashlib
import secrets

CODE_BYTES = 24  # 192 bits; ASVS 7.2.3 asks for 128


def new_code() -> str:
    """A random code, in base64url: 32 characters."""
    return secrets.token_urlsafe(CODE_BYTES)


def digest(code: str) -> bytes:
    """What is stored of a code: its SHA-256. A fast hash is enough, because nobody can guess a code."""
    return hashlib.sha256(code.encode()).digest()


def code_url(page: str, code: str) -> str:
    """The URL of a page with a code. `page` is absolute and has no query.

    The code is in the query, which events and their log do not contain.
    """
    return f"{page}?code={code}"
