"""Accounts that their owners have locked."""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("locked_at", Instant()))


def downgrade() -> None:
    op.drop_column("accounts", "locked_at")  # no batch on SQLite: a copy of the table would lose its triggers
