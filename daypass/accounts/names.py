"""User names: one canonical spelling each."""

import re

from daypass.accounts.errors import InvalidName

NAME_FORM = re.compile(r"[a-z0-9._-]{3,32}")


def canonical(name: str) -> str:
    """The one spelling of a name: without surrounding space, in lower case. Raises InvalidName.

    ASCII is asked for first, since some letters outside it become ASCII in lower case (K, the Kelvin sign).
    """
    name = name.strip(" ")
    if not name.isascii() or not NAME_FORM.fullmatch(name.lower()):
        raise InvalidName("name outside the rules")
    return name.lower()
