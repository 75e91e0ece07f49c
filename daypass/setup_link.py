"""The one-time link with which the first account is made."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from daypass import accounts, tokens
from daypass.extensions import db, process
from daypass.models import new_id
from daypass.tokens import Claims


def first_link() -> str | None:
    """A link that is good for an hour, or None where an account exists already."""
    if accounts.any_exists(db.session):
        return None
    token = tokens.encode(claims(datetime.now(UTC).replace(microsecond=0)), process().keys.ring.signing)
    site = urlsplit(process().settings.base_url)
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build("signup.setup", {"token": token}, force_external=True)


def claims(now: datetime) -> Claims:
    end = now + timedelta(seconds=tokens.SETUP_LIFETIME)
    return Claims(
        issuer=process().settings.base_url,
        purpose=tokens.SETUP,
        subject="setup",
        session_id=new_id(),
        name="",
        roles=(),
        auth_time=now,
        issued_at=now,
        expires_at=end,
        until=end,
    )
