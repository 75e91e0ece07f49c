"""Password hashes that other systems made: which are accepted, and whether a password matches one.

Passlib verifies those that Werkzeug does not.
"""

import re
from functools import cache
from typing import Any

from daypass.accounts.errors import UnknownHash

MAX_HASH = 255  # characters, which the column holds
MAX_BCRYPT = 72  # bytes of a password that bcrypt uses; older libraries ignored the rest, newer ones raise
MAX_MEMORY = 256 * 1024  # KiB
MAX_MEMORY_ROUNDS = 1024 * 1024  # KiB times rounds, of argon2
WERKZEUG = re.compile(  # with costs that take seconds at most
    r"scrypt:(1024|2048|4096|8192|16384|32768|65536|131072):8:[1-5]\$[^$]+\$[0-9a-f]{128}"
    r"|pbkdf2:sha(1|224|256|384|512):[1-9]\d{0,6}\$[^$]+\$[0-9a-f]+"
)
MAX_ROUNDS = {  # of the kinds that Passlib verifies, in its words: more would take longer than somebody waits
    "bcrypt": 15,  # a power of two
    "django_bcrypt_sha256": 15,
    "argon2": 100,
    "django_pbkdf2_sha256": 5_000_000,
    "sha256_crypt": 1_000_000,
    "sha512_crypt": 1_000_000,
    "apr_md5_crypt": 0,  # a fixed number
}


def check_hash(stored: str) -> None:
    """Raise UnknownHash unless a password can be compared with this hash. Cheap."""
    if len(stored) > MAX_HASH:
        raise UnknownHash("hash too long")
    if not WERKZEUG.fullmatch(stored):
        _check_passlib(_without_django_prefix(stored))


def _check_passlib(stored: str) -> None:
    kind = _passlib().identify(stored, resolve=True)
    if kind is None:
        raise UnknownHash("unknown kind of hash")
    try:
        parsed = kind.from_string(stored)
    except Exception as error:  # Passlib raises many kinds of errors for malformed hashes
        raise UnknownHash("malformed hash") from error
    if parsed.checksum is None or getattr(parsed, "data", None):
        raise UnknownHash("malformed hash")
    rounds, memory = getattr(parsed, "rounds", 0), getattr(parsed, "memory_cost", 0)
    if rounds > MAX_ROUNDS[kind.name] or memory > MAX_MEMORY or rounds * memory > MAX_MEMORY_ROUNDS:
        raise UnknownHash("expensive hash", message="its hash would take too long to verify")


def check_password_hash(stored: str, password: str) -> bool:
    """Whether the password matches the hash, of Daypass or another system."""
    try:
        if stored.startswith(("scrypt:", "pbkdf2:")):
            return _matches_werkzeug(stored, password)
        return _verify(_without_django_prefix(stored), password.encode())
    except (ValueError, TypeError, NotImplementedError):  # no hash, or a password that this kind cannot have
        return False


def _matches_werkzeug(stored: str, password: str) -> bool:
    from werkzeug import security  # which also imports its development server

    return security.check_password_hash(stored, password)


def _verify(stored: str, secret: bytes) -> bool:
    if _passlib().identify(stored) == "bcrypt":
        secret = secret[:MAX_BCRYPT]
    return bool(_passlib().verify(secret, stored))


def _without_django_prefix(stored: str) -> str:
    """The hash itself: Django writes `argon2` before those of argon2, and `bcrypt$` before those of bcrypt."""
    if stored.startswith("argon2$"):
        return stored.removeprefix("argon2")
    return stored.removeprefix("bcrypt$") if stored.startswith("bcrypt$$") else stored


@cache
def _passlib() -> Any:
    """The hashes that Passlib verifies. Imported only when one is used, because that takes 0.1 s."""
    from passlib.context import CryptContext

    return CryptContext(list(MAX_ROUNDS))
