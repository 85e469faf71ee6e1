"""Moving a command post's records from one database to another, row by row, verified row by row.

All of it happens in one transaction of the target: killed half-way, the target is as empty as it
was. Media stay where they are, in the data directory.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
)
from sqlmodel import SQLModel

from field_api.core.columns import JsonText, Shape
from field_api.core.dialect import make_engine, storable
from field_api.declared import FEATURES
from field_api.migrate import alembic_config

__all__ = ["MoveError", "Moved", "move"]

assert FEATURES, "features declare every table"
PAGE = 1_000


class MoveError(RuntimeError):
    """The records can't be moved, or did not arrive; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that arrived."""

    table: str
    rows: int


def move(source_url: str, target_url: str) -> list[Moved]:
    """Copy every row of one database into an empty other one, and compare all of them.

    Args:
        source_url: of a post of this version whose server is stopped.
        target_url: of an empty database.

    Raises:
        MoveError: another version, the target holds something, or a row did not arrive as it was;
            the target is then as it was.
    """
    source_engine = make_engine(source_url, writer=False)
    target_engine = make_engine(target_url, writer=True)
    try:
        with source_engine.connect() as source, target_engine.begin() as target:
            _check(source, target, source_url)
            SQLModel.metadata.create_all(target)
            moved: list[Moved] = []
            for table in _plain_tables():
                for page in _pages(source, table):
                    target.execute(insert(table), page)
                moved.append(Moved(table.name, _compare(source, target, table)))
            _go_on_counting(target)
            MigrationContext.configure(target).stamp(
                ScriptDirectory.from_config(alembic_config(target_url)), "head"
            )
        return moved
    finally:
        source_engine.dispose()
        target_engine.dispose()


def _check(source: Connection, target: Connection, source_url: str) -> None:
    head = ScriptDirectory.from_config(alembic_config(source_url)).get_current_head()
    revision = MigrationContext.configure(source).get_current_revision()
    if revision != head:
        raise MoveError(
            f"the source is at revision {revision}, this version's is {head}; "
            "bring it there first: xunshan upgrade"
        )
    if there := inspect(target).get_table_names():
        raise MoveError(
            f"the target is not empty, it holds {len(there)} tables; name an empty database"
        )


def _plain_tables() -> list[Table]:
    """Return the tables in the order of their references, with values as they are stored."""
    plain = MetaData()
    return [
        Table(
            table.name,
            plain,
            *(
                Column(column.name, _stored(column.type), primary_key=column.primary_key)
                for column in table.columns
            ),
        )
        for table in SQLModel.metadata.sorted_tables
    ]


def _stored(kind: Any) -> Any:
    if isinstance(kind, Shape | JsonText):
        return JsonText()
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _pages(connection: Connection, table: Table) -> Generator[list[dict[str, Any]]]:
    """Yield a table's rows in the order of its key, however many there are."""
    # Databases sort text differently unless they are told; SQLite sorts by code points anyway.
    by_code = connection.dialect.name == "postgresql"
    key = [
        column.collate("C") if by_code and isinstance(column.type, String) else column
        for column in table.primary_key.columns
    ]
    query = select(table).order_by(*key).limit(PAGE)
    last: tuple[Any, ...] | None = None
    while True:
        page = query if last is None else query.where(tuple_(*key) > tuple_(*last))
        rows = [_held(dict(row)) for row in connection.execute(page).mappings()]
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        last = tuple(rows[-1][column.name] for column in table.primary_key.columns)


def _held(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as every database can hold it."""
    return {
        name: storable(value) if isinstance(value, str) else value for name, value in row.items()
    }


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for page in _pages(connection, table):
        yield from page


def _compare(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    key = [column.name for column in table.primary_key.columns]
    for row, arrived in zip_longest(_rows(source, table), _rows(target, table)):
        if row != arrived:
            names = {name: (row or arrived or {}).get(name) for name in key}
            raise MoveError(f"a row of {table.name} did not arrive as it was: {names}")
        count += 1
    there = target.execute(select(func.count()).select_from(table)).scalar_one()
    if there != count:
        raise MoveError(f"{table.name} has {there} rows instead of {count}")
    return count


def _go_on_counting(target: Connection) -> None:
    """Let numbers that the database gives begin behind the ones that arrived."""
    if target.dialect.name != "postgresql":
        return
    for table in SQLModel.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        given = text("SELECT pg_get_serial_sequence(:table, :column)")
        names = {"table": f'"{table.name}"', "column": column.name}
        sequence = target.execute(given, names).scalar_one_or_none()
        if sequence is not None:
            newest = target.execute(select(func.max(column))).scalar_one() or 0
            target.execute(
                text("SELECT setval(:sequence, :newest, :used)"),
                {"sequence": sequence, "newest": max(newest, 1), "used": newest > 0},
            )
