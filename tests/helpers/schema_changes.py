"""What a migration changes that an older version of the program could notice."""

from dataclasses import dataclass

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import Inspector

Columns = dict[str, tuple[str, bool, bool]]  # by name: type, may be NULL, has a default
Constraints = dict[str, frozenset[str]]  # the columns of each constraint that rejects rows; empty for a CHECK


@dataclass(frozen=True)
class TableSchema:
    """The columns and the constraints of a table."""

    columns: Columns
    constraints: Constraints


Schema = dict[str, TableSchema]


def read_schema(engine: Engine) -> Schema:
    """The columns and constraints of every table."""
    inspector = inspect(engine)
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {table: TableSchema(_columns(inspector, table), _constraints(inspector, table)) for table in tables}


def _columns(inspector: Inspector, table: str) -> Columns:
    return {
        column["name"]: (str(column["type"]), bool(column["nullable"]), column["default"] is not None)
        for column in inspector.get_columns(table)
    }


def _constraints(inspector: Inspector, table: str) -> Constraints:
    """The constraints that reject rows: unique, foreign keys, checks."""
    unique = [each["column_names"] for each in inspector.get_unique_constraints(table)]
    unique += [[str(name) for name in each["column_names"]] for each in inspector.get_indexes(table) if each["unique"]]
    references = {
        f"{each['constrained_columns']} references {each['referred_table']} {each['options']}": frozenset(
            each["constrained_columns"]
        )
        for each in inspector.get_foreign_keys(table)
    }
    checks = {f"check {each['sqltext']}": frozenset[str]() for each in inspector.get_check_constraints(table)}
    return {f"unique {sorted(names)}": frozenset(names) for names in unique} | references | checks


def breaking_changes(before: Schema, after: Schema) -> list[str]:
    """The changes that break a program written for the schema before.

    New tables, optional new columns, and constraints of new columns alone, which such a program leaves NULL, are none.
    """
    found = []
    for table, old in before.items():
        if table not in after:
            found.append(f"table {table} is gone")
        else:
            found += _changes_of_table(table, old, after[table])
    return found


def _changes_of_table(table: str, old: TableSchema, new: TableSchema) -> list[str]:
    added = new.columns.keys() - old.columns.keys()
    gone = [f"{table}.{name} is gone or changed" for name in old.columns if new.columns.get(name) != old.columns[name]]
    required = [
        f"{table}.{name} is new and must be set"
        for name, (_, nullable, default) in new.columns.items()
        if name in added and not nullable and not default
    ]
    kept = {text for text, columns in new.constraints.items() if not columns or not columns <= added}
    return gone + required + ([f"the constraints of {table} changed"] if kept != old.constraints.keys() else [])
