"""The links in mails: confirm an address, reset a password, disown an act."""

from datetime import UTC, datetime

from daypass.accounts.errors import InvalidLink
from daypass.keys.ring import KeyRing
from daypass.settings.definitions import Settings
from daypass.tokens import links, purposes
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken

PATHS = {
    purposes.CONFIRM_ADDRESS: "/confirm-address",
    purposes.RESET: "/reset",
    purposes.DISOWN: "/disown",
}  # below the prefix of Daypass's own pages


def signed_link(settings: Settings, ring: KeyRing, purpose: str, account_id: str, link_id: str) -> str:
    """The URL of a new link."""
    now = datetime.now(UTC).replace(microsecond=0)
    claims = links.link_claims(settings.issuer, purpose, account_id, link_id, now)
    return links.link_url(settings.pages_url + PATHS[purpose], claims, ring.signing)


def read(settings: Settings, ring: KeyRing, purpose: str, token: str) -> Claims:
    """The claims of a link's token. Raises InvalidLink."""
    try:
        return links.read_link(token, ring=ring, issuer=settings.issuer, purpose=purpose, now=datetime.now(UTC))
    except InvalidToken as error:
        raise InvalidLink(error.reason) from None
