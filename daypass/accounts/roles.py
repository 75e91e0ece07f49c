"""Role names."""

import re

from daypass.accounts.errors import InvalidRole

MAX_ROLES = 32  # keeps tokens short
ROLE_FORM = re.compile(r"[a-z0-9._-]{1,32}")


def check_role(role: str) -> str:
    """Check a role name, which has the same characters as a user name. Raises InvalidRole."""
    if not ROLE_FORM.fullmatch(role):
        raise InvalidRole("malformed role")
    return role
