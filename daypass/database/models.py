"""The tables of the database."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.sql.functions import FunctionElement


class Instant(TypeDecorator[datetime]):
    """A time in UTC: aware in Python, stored without a zone on SQLite, so that it sorts as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class database_now(FunctionElement[datetime]):
    """SQL expression for the database's clock, which all nodes share, unlike their own clocks."""

    type = Instant()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: Any, **options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, compiler: Any, **options: Any) -> str:
    return "clock_timestamp()"


NEVER_SEEN = datetime(1970, 1, 1, tzinfo=UTC)
SORTED_BY_BYTES = String(254).with_variant(String(254, collation="C"), "postgresql")  # as SQLite does
DATABASE_TIME = select(database_now())  # built once, which takes longer than the query


def new_id() -> str:
    """A random identifier: 128 bits from the operating system, as 32 hexadecimal digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), list[str]: JSON(none_as_null=True)}  # noqa: RUF012


class Account(Base):
    """A user who can sign in."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    roles: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=database_now())
    disabled_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]  # equals `disabled_at` while the owner's own lock is what disables the account
    ends_at: Mapped[datetime | None]  # from then on nobody can sign in; no session lasts longer
    email: Mapped[str | None] = mapped_column(String(254))  # confirmed by its owner, or set at the terminal
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True, index=True)  # the same in lower case
    new_email: Mapped[str | None] = mapped_column(String(254))  # replaces `email` once it is confirmed
    confirm_id: Mapped[str | None] = mapped_column(String(32))  # the `sid` of the only valid link that confirms it
    reset_id: Mapped[str | None] = mapped_column(String(32))  # the same for the link that resets the password
    requested_at: Mapped[datetime | None] = mapped_column(index=True)  # set while it waits for approval, disabled

    sessions: Mapped[list["AuthSession"]] = relationship(back_populates="account", passive_deletes=True)

    @property
    def is_locked(self) -> bool:
        """Whether its owner disabled it, and no administrator."""
        return self.disabled_at is not None and self.disabled_at == self.locked_at


class ListedAccount(Base):
    """An account in one of the lists that administrators see. Triggers of the database keep them (migration 0012).

    list: `all`, `disabled`, `unseen`, `role:` and a role, or `address`. key: the name; in the list `address`, the
    address in lower case.
    """

    __tablename__ = "account_lists"
    __table_args__ = (
        Index("ix_account_lists_created", "list", "created_at", "key"),
        Index("ix_account_lists_seen", "list", "last_seen_at", "key"),
    )

    list: Mapped[str] = mapped_column(SORTED_BY_BYTES, primary_key=True)
    key: Mapped[str] = mapped_column(SORTED_BY_BYTES, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]  # NEVER_SEEN before the first session


class AuthSession(Base):
    """A session: the only source of truth about whether its tokens are still valid.

    It outlives its account, because an ended session must be known until its last token expires.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64), default="")
    roles: Mapped[list[str] | None]  # of an API token; browser sessions have the account's roles
    hosts: Mapped[
        list[str] | None
    ]  # scope of an API token; NULL for sessions, and for tokens issued before scopes existed
    kid: Mapped[str | None] = mapped_column(String(32))  # key of its latest token; NULL if older than this column
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)  # when its latest token expires
    until_at: Mapped[datetime]  # when it ends despite renewals
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    end_reason: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(256))

    account: Mapped[Account | None] = relationship(back_populates="sessions")


class FormerName(Base):
    """The name of a deleted account. Sign-up rejects it, because apps behind the gate identify users by name."""

    __tablename__ = "former_names"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    deleted_at: Mapped[datetime] = mapped_column(default=database_now())


class Setup(Base):
    """The state of the set-up: one row, inserted by the migration."""

    __tablename__ = "setup"
    __table_args__ = (CheckConstraint("id = 1", name="ck_setup_one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    link_id: Mapped[str | None] = mapped_column(String(32))  # of versions whose link was a token
    code_digest: Mapped[bytes | None]  # SHA-256 of the code of the current link
    code_expires_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # when the first account was created; never unset


class Invitation(Base):
    """A link with which somebody creates an account, once. Rows of revoked invitations are deleted."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the code in the link
    inviter_id: Mapped[str | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )  # NULL: made at the terminal
    name: Mapped[str | None] = mapped_column(String(32))  # NULL: the invited person chooses
    roles: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"), index=True)


class GuestLink(Base):
    """A link with which whoever has it may read one path. Rows of revoked links are deleted."""

    __tablename__ = "guest_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the code in the link
    creator_id: Mapped[str | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )  # NULL: made at the terminal
    label: Mapped[str] = mapped_column(String(64))  # what it is for
    host: Mapped[str] = mapped_column(String(254))
    path: Mapped[str] = mapped_column(String(1024))  # decoded; with a slash at the end, everything below it too
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime | None]  # when somebody last opened the link, not its pages


class Device(Base):
    """A browser in which the owner of an account has signed in, known by its cookie."""

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class Throttle(Base):
    """A limit on attempts that is in use: the time at which the whole allowance is available again."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    full_at: Mapped[int] = mapped_column(BigInteger, index=True)  # milliseconds since 1970, by the database's clock


class Mail(Base):
    """A message to be delivered, by e-mail or to the webhook, written in the transaction of the act that causes it.

    It contains no token: links are signed when the message is composed.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_due", "state", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(8))  # `mail` or `webhook`
    kind: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(String(254))  # an address; for a reset request, what the visitor typed
    link_id: Mapped[str | None] = mapped_column(String(32), index=True)  # the `sid` of the link in the message
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # or `sent`, or `failed`
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=database_now())
    next_attempt_at: Mapped[datetime] = mapped_column(default=database_now())
    finished_at: Mapped[datetime | None]  # when it was sent, or failed for good
    last_error: Mapped[str | None] = mapped_column(String(200))


class Chore(Base):
    """When periodic work, done by only one process, was last claimed."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    done_at: Mapped[datetime]


class StoredKey(Base):
    """A signing key, its private part encrypted under SECRET_KEY. The key that is not retired signs."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(32), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=database_now())
    retired_at: Mapped[datetime | None]
