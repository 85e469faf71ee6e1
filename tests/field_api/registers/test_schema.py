"""Tables of registers are brought to their declarations by adding, and only so."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from field_api.core.dialect import sqlite_url
from field_api.core.registers.schema import SchemaError, add_missing
from field_api.declared import FEATURES
from field_api.migrate import add_register_tables, migrate, upgrade

REGISTERS = [register for feature in FEATURES for register in feature.registers]


def differences(database: Path) -> list[object]:
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    return list(found)


def test_migrations_make_every_table_that_is_no_register(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite3"
    upgrade(sqlite_url(database))
    names = {register.table.__tablename__ for register in REGISTERS}

    def table_of(difference: object) -> str:
        kind, *rest = difference  # type: ignore[misc]
        if kind in ("add_table", "remove_table"):
            return rest[0].name
        if kind in ("add_index", "remove_index"):
            return rest[0].table.name
        return rest[1]

    assert {table_of(one) for one in differences(database)} <= names
    migrate(sqlite_url(database))
    assert differences(database) == []
    assert add_register_tables(sqlite_url(database), FEATURES) == []


def test_tables_columns_and_indexes_are_added_and_rows_stay(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    before, after = sa.MetaData(), sa.MetaData()
    sa.Table("hydrant", before, sa.Column("id", sa.String, primary_key=True))
    wanted = sa.Table(
        "hydrant",
        after,
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("flow", sa.Float, index=True),
    )
    with engine.begin() as connection:
        before.create_all(connection)
        connection.execute(sa.text("INSERT INTO hydrant VALUES ('H1')"))
    with engine.begin() as connection:
        assert add_missing(connection, [wanted]) == ["hydrant.flow", "ix_hydrant_flow"]
        assert connection.execute(sa.select(wanted)).all() == [("H1", None)]
        assert add_missing(connection, [wanted]) == []
    must = sa.Table(
        "hydrant",
        sa.MetaData(),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("flow", sa.Float),
        sa.Column("street", sa.String, nullable=False),
    )
    with engine.begin() as connection, pytest.raises(SchemaError, match=r"hydrant\.street"):
        add_missing(connection, [must])
    engine.dispose()
