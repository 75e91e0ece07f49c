"""User names in canonical form."""

import re

from daypass.accounts.errors import InvalidName

NAME_FORM = re.compile(r"[a-z0-9._-]{3,32}")


def canonical(name: str) -> str:
    """Strip surrounding spaces and convert to lower case. Raises InvalidName.

    ASCII is checked first, because some other characters become ASCII in lower case (K, the Kelvin sign).
    """
    name = name.strip(" ")
    if not name.isascii() or not NAME_FORM.fullmatch(name.lower()):
        raise InvalidName("malformed name")
    return name.lower()
