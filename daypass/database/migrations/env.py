"""How Alembic runs the migrations: on the connection that `schema.migrate` opened."""

from alembic import context


def run() -> None:
    """Run the migrations in one transaction, if the database can do so."""
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run()
