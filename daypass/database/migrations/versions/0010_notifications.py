"""PostgreSQL notifies all processes when sessions end and keys change, whoever changes them. SQLite needs nothing."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A trigger for each row, unlike one for each statement, does not fire for an UPDATE that finds no row, as every
# sign-in runs one. PostgreSQL sends equal notifications of a transaction once.
CREATE = (
    """
    CREATE FUNCTION daypass_notify() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('daypass', '');
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER daypass_session_ended AFTER UPDATE OF ended_at ON sessions
    FOR EACH ROW WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at) EXECUTE FUNCTION daypass_notify()
    """,
    """
    CREATE TRIGGER daypass_ended_session_added AFTER INSERT ON sessions
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION daypass_notify()
    """,
    """
    CREATE TRIGGER daypass_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION daypass_notify()
    """,
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in CREATE:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION daypass_notify CASCADE")
