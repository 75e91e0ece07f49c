"""Invitations, and accounts that wait for approval."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("requested_at", Instant()))
    op.create_index(op.f("ix_accounts_requested_at"), "accounts", ["requested_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _account("inviter_id", "CASCADE"),
        sa.Column("name", sa.String(32)),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        _account("account_id", "SET NULL"),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitations_code_hash")),
    )
    for column in ("inviter_id", "expires_at", "account_id"):
        op.create_index(op.f(f"ix_invitations_{column}"), "invitations", [column])


def _account(column: str, on_delete: str) -> sa.Column[str]:
    """A column with the id of an account."""
    key = sa.ForeignKey("accounts.id", name=op.f(f"fk_invitations_{column}_accounts"), ondelete=on_delete)
    return sa.Column(column, sa.String(32), key)


def downgrade() -> None:
    op.drop_table("invitations")
    op.drop_index(op.f("ix_accounts_requested_at"), "accounts")
    op.drop_column("accounts", "requested_at")
