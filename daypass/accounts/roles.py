"""Role names."""

import re

from daypass.accounts.errors import InvalidRole

MAX_ROLES = 32  # so that a token that names them stays short
ROLE_FORM = re.compile(r"[a-z0-9._-]{1,32}")


def check_role(role: str) -> str:
    """A role's name: of the characters that a user name has. Raises InvalidRole."""
    if not ROLE_FORM.fullmatch(role):
        raise InvalidRole("role outside the rules")
    return role
