"""The code of the current set-up link, as a digest, and when it expires. `setup.link_id` is not used any more."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("setup", sa.Column("code_digest", sa.LargeBinary()))
    op.add_column("setup", sa.Column("code_expires_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("setup") as setup:
        setup.drop_column("code_digest")
        setup.drop_column("code_expires_at")
