"""Session names, renewal limits and API tokens; sessions that outlive their account; maintenance runs."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_sessions_account_id_accounts"


def upgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("name", sa.String(64), nullable=False, server_default=""))
        sessions.add_column(sa.Column("roles", sa.JSON()))
        sessions.add_column(sa.Column("until_at", Instant()))
        sessions.alter_column("account_id", existing_type=sa.String(32), nullable=True)
        sessions.drop_constraint(FOREIGN_KEY, type_="foreignkey")
        sessions.create_foreign_key(FOREIGN_KEY, "accounts", ["account_id"], ["id"], ondelete="SET NULL")
    op.execute("UPDATE sessions SET until_at = expires_at")
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("until_at", existing_type=Instant(), nullable=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_table(
        "chores",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("done_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("chores")
    op.drop_index(op.f("ix_sessions_expires_at"), "sessions")
    op.execute("DELETE FROM sessions WHERE account_id IS NULL")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(FOREIGN_KEY, type_="foreignkey")
        sessions.create_foreign_key(FOREIGN_KEY, "accounts", ["account_id"], ["id"])
        sessions.alter_column("account_id", existing_type=sa.String(32), nullable=False)
        sessions.drop_column("until_at")
        sessions.drop_column("roles")
        sessions.drop_column("name")
