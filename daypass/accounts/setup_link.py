"""The one-time link that creates the first account."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy.orm import Session

from daypass.accounts import setup
from daypass.database.models import new_id
from daypass.database.transactions import write_transaction
from daypass.keys.signing_key import SigningKey
from daypass.settings.definitions import Settings
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims

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
    link = f"{settings.base_url}{settings.prefix}{PATH}?token={quote(codec.encode(claims, key))}"
    with write_transaction(db):
        if not setup.replace_link(db, claims.session_id):
            return None
        if publish is not None:
            publish(link)
    return link


def setup_claims(issuer: str, now: datetime) -> Claims:
    """The claims of a new set-up link."""
    end = now + timedelta(seconds=purposes.SETUP_LIFETIME)
    return Claims(
        issuer=issuer,
        purpose=purposes.SETUP,
        subject="setup",
        session_id=new_id(),
        name="",
        roles=(),
        auth_time=now,
        issued_at=now,
        expires_at=end,
        until=end,
    )
