"""Bringing a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

__all__ = ["alembic_config", "migrate"]


def alembic_config(database: Path) -> Config:
    """Return Alembic's configuration for a database file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # Alembic's configuration interpolates percent signs.
    config.set_main_option("sqlalchemy.url", f"sqlite:///{database}".replace("%", "%%"))
    return config


def migrate(database: Path) -> None:
    """Apply every migration that `database` lacks; a new file gets all of them."""
    command.upgrade(alembic_config(database), "head")
