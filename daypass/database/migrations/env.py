"""Alembic environment: runs the migrations on the connection that `schema` opened."""

from alembic import context


def run() -> None:
    """Run the migrations in one transaction."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run()
