"""Whether the visitor is the last administrator, whose account can be neither locked nor deleted."""

from daypass.accounts import administrators
from daypass.database.models import Account
from daypass.tokens.claims import Claims
from daypass.web.context import current_db


def is_last_admin(claims: Claims) -> bool:
    """Whether a page should refuse the act instead of offering a button that fails; the act itself checks again."""
    if administrators.ADMIN_ROLE not in claims.roles:
        return False
    account = current_db().get(Account, claims.subject)
    return account is not None and administrators.is_last(current_db(), account)
