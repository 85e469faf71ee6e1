"""What every command of the command post's machine shares: settings, and sentences for faults."""

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import DatabaseError

from field_api.core.data_folder import DataFolderError, check_writable, make_private
from field_api.settings import Settings

__all__ = ["DataDir", "check_settings", "explained", "fail", "open_settings"]

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where database and pictures are kept.")
]


def fail(text: str) -> NoReturn:
    """End the command with a sentence."""
    typer.echo(text, err=True)
    raise typer.Exit(2)


@contextmanager
def explained() -> Generator[None]:
    """End the command with a sentence where the data folder, its database or a disk fails."""
    try:
        yield
    except DataFolderError as error:
        fail(str(error))
    except (sqlite3.DatabaseError, DatabaseError) as error:
        said = str(getattr(error, "orig", error))
        if "is full" in said:
            fail("The disk of the data folder is full: make room, then repeat the command.")
        if "locked" in said:
            fail("The database is busy: repeat the command in a moment.")
        fail(
            f"The database can't be used ({said}): put the last backup into an empty folder with "
            "`xunshan restore` and start on that."
        )
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            fail(f"The disk is full{where}: make room, then repeat the command.")
        fail(f"The file system refuses{where}: {error.strerror or error}.")


def check_settings(data_dir: Path | None, **options: object) -> Settings:
    """Return the settings, or end the command with what is wrong in them.

    Args:
        data_dir: from the command line, None where it is not given there.
        options: further settings given there by their names; None is none.
    """
    options["data_dir"] = data_dir
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]
    except (ValidationError, SettingsError, OSError) as error:
        fail(f"The configuration is wrong: {error}")


def open_settings(data_dir: Path | None, **options: object) -> Settings:
    """Return the settings with a data folder that can be written, or end the command.

    Takes what `check_settings` takes.
    """
    settings = check_settings(data_dir, **options)
    database = settings.database_file
    beside = (database.with_name(database.name + end) for end in ("", "-wal", "-shm"))
    try:
        make_private(settings.data_dir, *beside)
        check_writable(settings.data_dir)
    except DataFolderError as error:
        fail(str(error))
    except OSError as error:
        fail(
            f"The data directory {settings.data_dir} can't be written ({error.strerror}). "
            "Name another with --data-dir or XUNSHAN_DATA_DIR, or change its permissions."
        )
    return settings
