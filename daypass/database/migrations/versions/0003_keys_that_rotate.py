"""Retirement of signing keys: a retired key only verifies."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("retired_at", Instant()))


def downgrade() -> None:
    op.execute("DELETE FROM signing_keys WHERE retired_at IS NOT NULL")
    with op.batch_alter_table("signing_keys") as keys:
        keys.drop_column("retired_at")
