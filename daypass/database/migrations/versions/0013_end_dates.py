"""The end dates of accounts."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("ends_at", Instant()))


def downgrade() -> None:
    op.drop_column("accounts", "ends_at")
