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
    """Create the set-up link, valid for an hour, which revokes the one before; None once set-up is done.

    publish: called with the link while no other process can create one, so that the last published link is valid.
    """
    if setup.is_done(db):
        return None  # without a write, at every later start
    claims = setup_claims(settings.base_url, datetime.now(UTC).replace(microsecond=0))
    link = f"{settings.base_url}{settings.prefix}{PATH}?token={quote(codec.encode(claims, key))}"
    with write_transaction(db):
        if not setup.replace_link(db, claims.session_id):
            return None
        if publish is not None:
            publish(link)
    return link


def setup_claims(issuer: str, now: datetime) -> Claims:
    """The claims of a set-up link that is created now."""
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
