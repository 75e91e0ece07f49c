"""The lists of accounts that administrators see, kept by triggers, so that a page of one needs no scan and no sort.

Triggers, because nodes of the version before, restores and copies change accounts and sessions too.
"""

import sqlalchemy as sa
from alembic import op

from daypass.database.models import SORTED_BY_BYTES, Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NEVER = {  # seen, which sorts before all other times
    "sqlite": "'1970-01-01 00:00:00.000000'",
    "postgresql": "timestamptz '1970-01-01 00:00:00+00'",
}
OF_ROLES = {
    "sqlite": "SELECT 'role:' || value, name, accounts.id, created_at FROM accounts, json_each(accounts.roles)",
    "postgresql": "SELECT 'role:' || role, name, id, created_at FROM accounts, json_array_elements_text(roles) AS role",
}

SEEN_BEFORE = """coalesce(
        (SELECT seen.last_seen_at FROM account_lists AS seen WHERE seen.account_id = entry.id AND seen.list = 'all'),
        NEVER
    )"""
# The lists that accounts are in, as their rows say. In these statements, words in capitals like NEVER are replaced.
ADD = """
    INSERT INTO account_lists (list, key, account_id, created_at, last_seen_at)
    SELECT list, key, id, created_at, SEEN_BEFORE
    FROM (
        SELECT 'all' AS list, name AS key, id, created_at FROM accounts WHERE WHICH
        UNION ALL SELECT 'disabled', name, id, created_at FROM accounts WHERE WHICH AND disabled_at IS NOT NULL
        UNION ALL SELECT 'address', email_key, id, created_at FROM accounts WHERE WHICH AND email_key IS NOT NULL
        UNION ALL OF_ROLES WHERE WHICH
    ) AS entry
    WHERE true ON CONFLICT DO NOTHING
"""
ADD_UNSEEN = """
    INSERT INTO account_lists (list, key, account_id, created_at, last_seen_at)
    SELECT 'unseen', key, account_id, created_at, last_seen_at FROM account_lists AS seen
    WHERE list = 'all' AND last_seen_at = NEVER AND WHICH
"""
REMOVE_CHANGED = "DELETE FROM account_lists WHERE account_id = NEW.id AND list NOT IN ('all', 'unseen')"
REMOVE_UNSEEN = "DELETE FROM account_lists WHERE account_id = NEW.account_id AND list = 'unseen'"
NOTE_SEEN = """
    UPDATE account_lists SET last_seen_at = NEW.last_seen_at
    WHERE account_id = NEW.account_id AND last_seen_at < NEW.last_seen_at WITHOUT_WAITING
"""
# Processes write the activity of many sessions, in any order: none may wait for a row that another has locked.
WITHOUT_WAITING = {
    "sqlite": "",
    "postgresql": """AND ctid IN (
        SELECT ctid FROM account_lists WHERE account_id = NEW.account_id FOR UPDATE SKIP LOCKED
    )""",
}
FIRST_SEEN = """
    UPDATE account_lists SET last_seen_at = seen.at
    FROM (SELECT account_id, max(last_seen_at) AS at FROM sessions WHERE kind <> 'trial' GROUP BY account_id) AS seen
    WHERE seen.account_id = account_lists.account_id
"""
REAL_SESSION = "WHEN (NEW.kind <> 'trial' AND NEW.account_id IS NOT NULL)"
TRIGGERS = {  # by name: when it fires, and what it does
    "daypass_account_added": ("AFTER INSERT ON accounts FOR EACH ROW", [ADD, ADD_UNSEEN]),
    "daypass_account_changed": (
        "AFTER UPDATE OF roles, disabled_at, email_key ON accounts FOR EACH ROW",
        [REMOVE_CHANGED, ADD],
    ),
    "daypass_session_added": (f"AFTER INSERT ON sessions FOR EACH ROW {REAL_SESSION}", [REMOVE_UNSEEN, NOTE_SEEN]),
    "daypass_session_seen": (f"AFTER UPDATE OF last_seen_at ON sessions FOR EACH ROW {REAL_SESSION}", [NOTE_SEEN]),
}


def upgrade() -> None:
    op.create_table(
        "account_lists",
        sa.Column("list", SORTED_BY_BYTES, nullable=False),
        sa.Column("key", SORTED_BY_BYTES, nullable=False),
        sa.Column(
            "account_id",
            sa.String(32),
            sa.ForeignKey("accounts.id", name=op.f("fk_account_lists_account_id_accounts"), ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("list", "key", name=op.f("pk_account_lists")),
    )
    # the subquery would go through all rows added so far, for each account
    for statement in (ADD.replace("SEEN_BEFORE", "NEVER"), FIRST_SEEN, ADD_UNSEEN):
        op.execute(_for_dialect(statement, "true"))
    op.create_index("ix_account_lists_created", "account_lists", ["list", "created_at", "key"])
    op.create_index("ix_account_lists_seen", "account_lists", ["list", "last_seen_at", "key"])
    op.create_index(op.f("ix_account_lists_account_id"), "account_lists", ["account_id"])
    for name, (fires, statements) in TRIGGERS.items():
        which = {ADD: "accounts.id = NEW.id", ADD_UNSEEN: "account_id = NEW.id"}
        body = "".join(f"{_for_dialect(text, which.get(text, ''))};\n" for text in statements)
        if _dialect() == "postgresql":
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} {fires} EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"CREATE TRIGGER {name} {fires} BEGIN {body} END")


def _dialect() -> str:
    return op.get_bind().dialect.name


def _for_dialect(statement: str, which: str) -> str:
    statement = statement.replace("SEEN_BEFORE", SEEN_BEFORE)
    by_dialect = {"OF_ROLES": OF_ROLES, "WITHOUT_WAITING": WITHOUT_WAITING, "NEVER": NEVER}
    for word, texts in by_dialect.items():
        statement = statement.replace(word, texts[_dialect()])
    return statement.replace("WHICH", which)


def downgrade() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP FUNCTION {name} CASCADE" if _dialect() == "postgresql" else f"DROP TRIGGER {name}")
    op.drop_table("account_lists")
