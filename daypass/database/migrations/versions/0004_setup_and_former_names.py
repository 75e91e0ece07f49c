"""State of the set-up and its link; names of deleted accounts."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setup",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("link_id", sa.String(32)),
        sa.Column("done_at", Instant()),
        sa.CheckConstraint("id = 1", name=op.f("ck_setup_one_row")),
    )
    # Set-up counts as done if there are accounts: min() of no rows is NULL.
    op.execute("INSERT INTO setup (id, done_at) SELECT 1, min(created_at) FROM accounts")
    op.create_table(
        "former_names",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("deleted_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("former_names")
    op.drop_table("setup")
