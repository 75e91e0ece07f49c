"""The visitor's account in a write transaction."""

from daypass.database.models import Account, AuthSession
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.context import current_db


def live_account(claims: Claims) -> Account:
    """The account of the visitor with these claims, if their session is still live. Raises InvalidToken.

    Both rows stay locked until the transaction ends, so that no concurrent act ends the session meanwhile.
    """
    account = current_db().get(Account, claims.subject, with_for_update=True, populate_existing=True)
    own = current_db().get(AuthSession, claims.session_id, with_for_update=True, populate_existing=True)
    if account is None or own is None or own.ended_at is not None:
        raise InvalidToken("session ended meanwhile", TokenFault.ENDED)
    return account
