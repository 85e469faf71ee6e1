"""Bringing a database to the present schema."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from field_api.core.dialect import is_embedded, make_engine, sqlite_url
from field_api.core.feature import Feature
from field_api.core.registers.schema import add_missing
from field_api.declared import FEATURES

__all__ = [
    "MigrationError",
    "add_register_tables",
    "alembic_config",
    "known_revisions",
    "migrate",
    "migrate_file",
    "upgrade",
]

log = structlog.get_logger(__name__)


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # Alembic's configuration interpolates percent signs.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def known_revisions() -> list[str]:
    """Return the revisions of the schema that this version knows, its own first."""
    script = ScriptDirectory.from_config(alembic_config(""))
    return [revision.revision for revision in script.walk_revisions()]


class MigrationError(RuntimeError):
    """A database can't be brought to this version."""


def upgrade(url: str) -> None:
    """Apply every migration that a database lacks.

    The first versions knew SQLite only: an empty PostgreSQL database gets today's tables at once.

    Raises:
        MigrationError: a newer version made it.
    """
    config = alembic_config(url)
    if is_embedded(url):
        command.upgrade(config, "head")
        return
    engine = make_engine(url, writer=True)
    try:
        # One worker at a time: a change of the database holds the writer's lock.
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision is not None and revision not in known_revisions():
                raise MigrationError(
                    f"a newer version of Xunshan wrote it (its schema is {revision}, this version "
                    f"knows {known_revisions()[0]})"
                )
            if revision is None:
                SQLModel.metadata.create_all(connection)
                command.stamp(config, "head")
            elif revision != known_revisions()[0]:
                command.upgrade(config, "head")
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


def migrate_file(database: Path) -> None:
    """Bring an embedded database to the present."""
    migrate(sqlite_url(database))
