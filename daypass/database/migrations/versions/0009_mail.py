"""E-mail addresses of accounts, links that reset passwords, and outgoing messages."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ADDED = ("email", "email_key", "new_email", "confirm_id", "reset_id")


def upgrade() -> None:
    for name in ADDED[:3]:
        op.add_column("accounts", sa.Column(name, sa.String(254)))
    for name in ADDED[3:]:
        op.add_column("accounts", sa.Column(name, sa.String(32)))
    op.create_index(op.f("ix_accounts_email_key"), "accounts", ["email_key"], unique=True)
    op.create_table(
        "mails",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column(
            "account_id",
            sa.String(32),
            sa.ForeignKey("accounts.id", name=op.f("fk_mails_account_id_accounts"), ondelete="CASCADE"),
        ),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("link_id", sa.String(32)),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("last_error", sa.String(200)),
    )
    op.create_index("ix_mails_due", "mails", ["state", "next_attempt_at"])
    op.create_index(op.f("ix_mails_account_id"), "mails", ["account_id"])
    op.create_index(op.f("ix_mails_link_id"), "mails", ["link_id"])


def downgrade() -> None:
    op.drop_table("mails")
    op.drop_index(op.f("ix_accounts_email_key"), "accounts")
    with op.batch_alter_table("accounts") as accounts:
        for name in ADDED:
            accounts.drop_column(name)
