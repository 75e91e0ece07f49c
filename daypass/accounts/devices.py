"""Devices: the browsers in which the owner of an account has signed in.

Such a browser has a token with the purpose `device`. While strangers guess the account's password, its owner can still
sign in there (OWASP: Slow Down Online Guessing Attacks with Device Cookies).
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from daypass.database.models import Device, new_id
from daypass.tokens import purposes
from daypass.tokens.claims import Claims, sessionless_claims

MAX_DEVICES = 20  # per account; a further one replaces the one that was used longest ago
LIFETIME = timedelta(seconds=purposes.DEVICE_LIFETIME)
BATCH = 500  # rows

# Statements are built once, which takes longer than running them.
KNOWN = select(Device.id).where(Device.id == bindparam("device"), Device.account_id == bindparam("account"))
DELETE_SURPLUS = (
    delete(Device)
    .where(
        Device.id.in_(
            select(Device.id)
            .where(Device.account_id == bindparam("account"))
            .order_by(Device.last_used_at.desc())
            .offset(bindparam("kept"))
        )
    )
    .execution_options(synchronize_session=False)
)
INSERT = insert(Device.metadata.tables[Device.__tablename__])


def is_known(db: Session, account_id: str, device_id: str) -> bool:
    """Whether the account knows this device."""
    return db.scalar(KNOWN, {"device": device_id, "account": account_id}) is not None


def remember(db: Session, account_id: str, device_id: str | None, now: datetime) -> str:
    """Record a sign-in in a browser, inside the caller's transaction; returns the id of the device.

    device_id: what the browser presented. It is kept if the account knows it.
    """
    if device_id is not None and is_known(db, account_id, device_id):
        db.get_one(Device, device_id).last_used_at = now
        return device_id
    db.execute(DELETE_SURPLUS, {"account": account_id, "kept": MAX_DEVICES - 1})
    new = new_id()
    db.execute(INSERT, {"id": new, "account_id": account_id, "created_at": now, "last_used_at": now})
    return new


def forget_all(db: Session, account_id: str) -> None:
    """Forget all devices of an account, inside the caller's transaction."""
    db.execute(delete(Device).where(Device.account_id == account_id))


def prune(db: Session, now: datetime) -> int:
    """Delete one batch of devices whose tokens have expired; returns how many, 0 if none is left."""
    expired = select(Device.id).where(Device.last_used_at < now - LIFETIME).limit(BATCH)
    return len(db.scalars(delete(Device).where(Device.id.in_(expired)).returning(Device.id)).all())


def device_claims(issuer: str, account_id: str, device_id: str, now: datetime) -> Claims:
    """The claims of a device's token. now: in whole seconds."""
    return sessionless_claims(issuer, purposes.DEVICE, account_id, device_id, now, LIFETIME)
