"""Limits on attempts, and the browsers that are known to an account."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(96), primary_key=True),
        sa.Column("full_at", sa.BigInteger(), nullable=False, index=True),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "account_id",
            sa.String(32),
            sa.ForeignKey("accounts.id", name=op.f("fk_devices_account_id_accounts"), ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("devices")
    op.drop_table("throttles")
