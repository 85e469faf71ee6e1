"""Bringing a database to the present schema."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from field_api.core.dialect import sqlite_url
from field_api.core.feature import Feature
from field_api.core.registers.schema import add_missing
from field_api.declared import FEATURES

__all__ = ["add_register_tables", "alembic_config", "known_revisions", "migrate", "upgrade"]

log = structlog.get_logger(__name__)


def alembic_config(database: Path) -> Config:
    """Return Alembic's configuration for a database file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # Alembic's configuration interpolates percent signs.
    config.set_main_option("sqlalchemy.url", f"sqlite:///{database}".replace("%", "%%"))
    return config


def known_revisions() -> list[str]:
    """Return the revisions of the schema that this version knows, its own first."""
    script = ScriptDirectory.from_config(alembic_config(Path()))
    return [revision.revision for revision in script.walk_revisions()]


def upgrade(database: Path) -> None:
    """Apply every migration that `database` lacks."""
    command.upgrade(alembic_config(database), "head")


def add_register_tables(database: Path, features: Sequence[Feature]) -> list[str]:
    """Add the tables, indexes and columns of registers that are not there; return what was added.

    Raises:
        SchemaError: a declared column can't be added without a migration.
    """
    tables = [register.table.__table__ for feature in features for register in feature.registers]
    engine = create_engine(sqlite_url(database))
    try:
        with engine.begin() as connection:
            added = add_missing(connection, tables)
    finally:
        engine.dispose()
    if added:
        log.info("register_tables_added", added=added)
    return added


def migrate(database: Path, features: Sequence[Feature] = FEATURES) -> None:
    """Bring `database` to the present; a new file gets everything."""
    upgrade(database)
    add_register_tables(database, features)
