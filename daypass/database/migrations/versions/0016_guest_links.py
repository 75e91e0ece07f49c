"""Guest links."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    creator = sa.ForeignKey("accounts.id", name=op.f("fk_guest_links_creator_id_accounts"), ondelete="CASCADE")
    op.create_table(
        "guest_links",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("creator_id", sa.String(32), creator),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("host", sa.String(254), nullable=False),
        sa.Column("path", sa.String(1024), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant()),
        sa.UniqueConstraint("code_hash", name=op.f("uq_guest_links_code_hash")),
    )
    for column in ("creator_id", "expires_at"):
        op.create_index(op.f(f"ix_guest_links_{column}"), "guest_links", [column])


def downgrade() -> None:
    op.drop_table("guest_links")
