"""What a migration changes that an older version of the program could notice."""

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import Inspector

Schema = dict[str, dict[str, tuple[str, bool, bool]]]


def read_schema(engine: Engine) -> tuple[Schema, dict[str, set[str]]]:
    """The columns of every table (type, may be NULL, has a default), and the constraints of every table."""
    inspector = inspect(engine)
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    columns = {
        table: {
            column["name"]: (str(column["type"]), bool(column["nullable"]), column["default"] is not None)
            for column in inspector.get_columns(table)
        }
        for table in tables
    }
    return columns, {table: _constraints(inspector, table) for table in tables}


def _constraints(inspector: Inspector, table: str) -> set[str]:
    """The constraints that reject rows: unique, foreign keys, checks."""
    unique = {f"unique {sorted(each['column_names'])}" for each in inspector.get_unique_constraints(table)}
    indexes = {f"unique {each['column_names']}" for each in inspector.get_indexes(table) if each["unique"]}
    references = {
        f"{each['constrained_columns']} references {each['referred_table']} {each['options']}"
        for each in inspector.get_foreign_keys(table)
    }
    checks = {f"check {each['sqltext']}" for each in inspector.get_check_constraints(table)}
    return unique | indexes | references | checks


def breaking_changes(
    before: tuple[Schema, dict[str, set[str]]], after: tuple[Schema, dict[str, set[str]]]
) -> list[str]:
    """The changes that break a program written for the schema before: all but new tables and optional new columns."""
    found = []
    for table, columns in before[0].items():
        if table not in after[0]:
            found.append(f"table {table} is gone")
            continue
        found += [
            f"{table}.{name} is gone or changed" for name in columns if after[0][table].get(name) != columns[name]
        ]
        found += [
            f"{table}.{name} is new and must be set"
            for name, (_, nullable, default) in after[0][table].items()
            if name not in columns and not nullable and not default
        ]
        if before[1][table] != after[1][table]:
            found.append(f"the constraints of {table} changed")
    return found
