"""Password hashes that other systems made: which are accepted, and whether a password matches one.

Passlib verifies those that Werkzeug does not.
"""

import re
from functools import cache
from typing import Any

from werkzeug import security

from daypass.accounts.errors import UnknownHash

MAX_HASH = 255  # characters, which the column holds
MAX_BCRYPT = 72  # bytes of a password that bcrypt uses; older libraries ignored the rest, newer ones raise
MAX_MEMORY = 256 * 1024  # KiB
WERKZEUG = re.compile(  # with costs that take seconds at most
    r"scrypt:(1024|2048|4096|8192|16384|32768|65536|131072):8:\d{1,2}\$[^$]+\$[0-9a-f]{128}"
    r"|pbkdf2:sha(1|224|256|384|512):\d{1,7}\$[^$]+\$[0-9a-f]+"
)
MAX_ROUNDS = {  # of the kinds that Passlib verifies, in its words: more would take longer than somebody waits
    "bcrypt": 16,  # a power of two
    "django_bcrypt_sha256": 16,
    "argon2": 100,
    "django_pbkdf2_sha256": 10_000_000,
    "sha256_crypt": 5_000_000,
    "sha512_crypt": 5_000_000,
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
    except ValueError as error:
        raise UnknownHash("malformed hash") from error
    if parsed.checksum is None:
        raise UnknownHash("malformed hash")
    if getattr(parsed, "rounds", 0) > MAX_ROUNDS[kind.name] or getattr(parsed, "memory_cost", 0) > MAX_MEMORY:
        raise UnknownHash("expensive hash", message="its hash would take too long to verify")


def check_password_hash(stored: str, password: str) -> bool:
    """Whether the password matches the hash, of Daypass or another system."""
    if stored.startswith(("scrypt:", "pbkdf2:")):
        return security.check_password_hash(stored, password)
    known = _without_django_prefix(stored)
    secret = password.encode()
    if _passlib().identify(known) == "bcrypt":
        secret = secret[:MAX_BCRYPT]
    try:
        return bool(_passlib().verify(secret, known))
    except ValueError:  # a password that this kind cannot have, such as one with a NUL; or text that is no hash
        return False


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
