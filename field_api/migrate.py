"""Bringing a database to the present schema."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect
from sqlmodel import SQLModel

from field_api.core.dialect import is_embedded, make_engine
from field_api.core.feature import Feature
from field_api.core.registers.schema import add_missing
from field_api.declared import FEATURES

__all__ = ["add_register_tables", "alembic_config", "migrate", "upgrade"]

log = structlog.get_logger(__name__)


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # Alembic's configuration interpolates percent signs.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Apply every migration that a database lacks.

    The first versions knew SQLite only: an empty PostgreSQL database gets today's tables at once.
    """
    config = alembic_config(url)
    if not is_embedded(url) and not _has_tables(url):
        engine = make_engine(url, writer=True)
        with engine.begin() as connection:
            SQLModel.metadata.create_all(connection)
        engine.dispose()
        command.stamp(config, "head")
    command.upgrade(config, "head")


def _has_tables(url: str) -> bool:
    engine = make_engine(url, writer=False)
    try:
        with engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def add_register_tables(url: str, features: Sequence[Feature]) -> list[str]:
    """Add the tables, indexes and columns of registers that are not there; return what was added.

    Raises:
        SchemaError: a declared column can't be added without a migration.
    """
    tables = [register.table.__table__ for feature in features for register in feature.registers]
    engine = make_engine(url, writer=True)
    try:
        with engine.begin() as connection:
            added = add_missing(connection, tables)
    finally:
        engine.dispose()
    if added:
        log.info("register_tables_added", added=added)
    return added


def migrate(url: str, features: Sequence[Feature] = FEATURES) -> None:
    """Bring a database to the present; an empty one gets everything."""
    upgrade(url)
    add_register_tables(url, features)
