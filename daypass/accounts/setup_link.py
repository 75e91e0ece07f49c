"""The one-time link that creates the first account."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from daypass.accounts import setup
from daypass.database.models import new_id
from daypass.database.transactions import write_transaction
from daypass.keys.signing_key import SigningKey
from daypass.settings.definitions import Settings
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.tokens.links import link_claims, link_url

PATH = "/setup"  # below the prefix of Daypass's own pages


def create_setup_link(
    db: Session, key: SigningKey, settings: Settings, publish: Callable[[str], None] | None = None
) -> str | None:
    """Create a set-up link, valid for an hour, and revoke the previous one; None once the set-up is complete.

    publish: called with the link while other processes cannot create one, so that the last published link is valid.
    """
    if setup.is_done(db):
        return None  # avoids a write at every later start
    claims = setup_claims(settings.base_url, datetime.now(UTC).replace(microsecond=0))
    link = link_url(f"{settings.base_url}{settings.prefix}{PATH}", claims, key)
    with write_transaction(db):
        if not setup.replace_link(db, claims.session_id):
            return None
        if publish is not None:
            publish(link)
    return link


def setup_claims(issuer: str, now: datetime) -> Claims:
    """The claims of a new set-up link."""
    return link_claims(issuer, purposes.SETUP, "setup", new_id(), now)
