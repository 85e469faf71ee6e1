"""The tables of registers, made from their declarations: a new register needs no migration.

Only ever adds: missing tables, indexes and nullable columns. What would change or drop something,
or needs values for the rows that are there, is a migration like every other.
"""

from collections.abc import Iterable

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Table, inspect

__all__ = ["SchemaError", "add_missing"]


class SchemaError(RuntimeError):
    """A declaration asks for more than can be added."""


def add_missing(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Bring a database's tables to their declarations, as far as that is adding.

    Args:
        connection: inside a transaction of the caller's.
        tables: the declared ones.

    Returns:
        What was added, for the log.

    Raises:
        SchemaError: a missing column is not nullable.
    """
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    operations = Operations(MigrationContext.configure(connection))
    added: list[str] = []
    for table in tables:
        if table.name not in there:
            table.create(connection)
            added.append(table.name)
            continue
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                if not column.nullable:
                    raise SchemaError(
                        f"column {table.name}.{column.name} is missing in the database and not "
                        "nullable: make it nullable, or write a migration that fills it"
                    )
                operations.add_column(table.name, Column(column.name, column.type, nullable=True))
                added.append(f"{table.name}.{column.name}")
        indexes = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexes:
                index.create(connection)
                added.append(str(index.name))
    return added
