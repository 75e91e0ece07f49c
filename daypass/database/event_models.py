"""The tables of the audit trail."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daypass.database.models import Base

Number = BigInteger().with_variant(Integer, "sqlite")


class EventRow(Base):
    """An audit event, or several equal refusals counted together. Rows are only ever added, and deleted by age.

    It has no foreign keys, because it outlives accounts and sessions.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)  # without gaps
    at: Mapped[datetime] = mapped_column(index=True)
    event: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[str | None] = mapped_column(String(32), index=True)
    by_id: Mapped[str | None] = mapped_column(String(32), index=True)  # NULL: the account itself, or unknown
    address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[str] = mapped_column(Text)  # a JSON object in ASCII, exactly as it was authenticated
    count: Mapped[int] = mapped_column(Integer)
    mac: Mapped[str] = mapped_column(String(64))  # HMAC of the content and of the previous row's mac


class EventChain(Base):
    """Where the chain of events begins and ends: one row, inserted by the migration."""

    __tablename__ = "event_chain"
    __table_args__ = (CheckConstraint("id = 1", name="ck_event_chain_one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted under SECRET_KEY; NULL before first use
    start_id: Mapped[int] = mapped_column(Number)  # the last row that was deleted by age
    start_mac: Mapped[str] = mapped_column(String(64))
    head_id: Mapped[int] = mapped_column(Number)  # the newest row
    head_mac: Mapped[str] = mapped_column(String(64))
    uncovered_id: Mapped[int] = mapped_column(Number)  # rows up to this one are from before the chain was restarted
    seal: Mapped[str] = mapped_column(String(64))  # HMAC of the columns above
