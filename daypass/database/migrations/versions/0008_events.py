"""The audit trail: events, and the ends of their chain."""

import sqlalchemy as sa
from alembic import op

from daypass.database.event_models import Number
from daypass.database.models import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", Number, primary_key=True, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("account_id", sa.String(32)),
        sa.Column("by_id", sa.String(32)),
        sa.Column("address", sa.String(64)),
        sa.Column("request_id", sa.String(64)),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    for column in ("at", "account_id", "by_id"):
        op.create_index(op.f(f"ix_events_{column}"), "events", [column])
    op.create_table(
        "event_chain",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sealed_key", sa.LargeBinary()),
        sa.Column("start_id", Number, nullable=False),
        sa.Column("start_mac", sa.String(64), nullable=False),
        sa.Column("head_id", Number, nullable=False),
        sa.Column("head_mac", sa.String(64), nullable=False),
        sa.Column("uncovered_id", Number, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_chain_one_row")),
    )
    op.execute("INSERT INTO event_chain VALUES (1, NULL, 0, '', 0, '', 0, '')")


def downgrade() -> None:
    op.drop_table("event_chain")
    op.drop_table("events")
