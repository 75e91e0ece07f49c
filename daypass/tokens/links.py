"""Tokens in links: each for one purpose, one subject and a short time, and never a session."""

from datetime import datetime, timedelta
from urllib.parse import quote

from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.tokens import codec
from daypass.tokens.claims import Claims, sessionless_claims
from daypass.tokens.purposes import LINK_LIFETIMES


def link_claims(issuer: str, purpose: str, subject: str, link_id: str, now: datetime) -> Claims:
    """The claims of a new link. `now` must be in whole seconds."""
    return sessionless_claims(issuer, purpose, subject, link_id, now, timedelta(seconds=LINK_LIFETIMES[purpose]))


def link_url(page: str, claims: Claims, key: SigningKey) -> str:
    """The URL of a page with a signed token. `page` is absolute and has no query."""
    return f"{page}?token={quote(codec.encode(claims, key))}"


def read_link(token: str, *, ring: KeyRing, issuer: str, purpose: str, now: datetime) -> Claims:
    """The claims of a link's token. Raises InvalidToken if it was not issued here, for this purpose, or has expired.

    Whether the link is still the current one is for the caller to check.
    """
    lifetimes = {purpose: LINK_LIFETIMES[purpose]}
    return codec.decode(token, ring=ring, issuer=issuer, purposes=lifetimes, now=now).claims
