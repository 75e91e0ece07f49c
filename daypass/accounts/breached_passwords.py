"""Passwords known from data breaches (NIST SP 800-63B section 5.1.1.2, ASVS 6.2.12).

Breach lists name a password by its SHA-1 hash. The hash protects nothing here: it is only the format of the lists.
"""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

TIMEOUT = 3.0  # seconds
PREFIX = 5  # hexadecimal digits of the hash that the service gets to know
HASH_DIGITS = 40
MAX_RESPONSE = 1024 * 1024  # bytes; a response has about 40 kB

log = logging.getLogger("daypass")

BreachCheck = Callable[[str], bool]


def breach_check(source: Path | str | None) -> BreachCheck:
    """A function that tells whether a password is known from a breach.

    source: a file (`is_in_file`), the URL of a service (`is_in_service`), or None for no check.
    """
    if isinstance(source, Path):
        return lambda password: is_in_file(source, password)
    return lambda password: bool(source) and is_in_service(str(source), password)


def is_in_file(path: Path, password: str) -> bool:
    """Whether a file lists the password. Raises OSError.

    Each line of the file is a SHA-1 hash in hexadecimal digits and a colon with a count, sorted by hash, as the
    downloader of Have I Been Pwned writes it. The file may have many gigabytes: a look-up reads about 40 lines.
    """
    wanted = _sha1(password).encode()
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            line = _line_after(file, middle)
            if line and line[:HASH_DIGITS].upper() < wanted:
                low = middle + 1
            else:
                high = middle
        return _line_after(file, low)[:HASH_DIGITS].upper() == wanted


def is_in_service(url: str, password: str) -> bool:
    """Whether a k-anonymity service lists the password; False, logged, if the service fails.

    The service gets the first 5 digits of the hash, and returns the rest of all listed hashes that begin with them
    (https://haveibeenpwned.com/API/v3#PwnedPasswords). If it is down, passwords are still estimated by zxcvbn.
    """
    import http.client
    import urllib.request

    digits = _sha1(password)
    request = urllib.request.Request(url + digits[:PREFIX], headers={"Add-Padding": "true", "User-Agent": "Daypass"})  # noqa: S310  # the URL is the operator's
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310  # nosec B310
            lines = response.read(MAX_RESPONSE).decode("ascii", "replace").upper().splitlines()
    except (OSError, http.client.HTTPException) as error:
        log.warning("the service of breached passwords failed, so a password was accepted: %s", error)
        return False
    counts = dict(line.strip().partition(":")[::2] for line in lines)
    return counts.get(digits[PREFIX:], "0").strip() not in ("", "0")  # padding has the count 0


def _sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def _line_after(file: BinaryIO, position: int) -> bytes:
    """The first line that begins at this position or later; empty at the end of the file."""
    if position:
        file.seek(position - 1)
        file.readline()
    else:
        file.seek(0)
    return file.readline()
