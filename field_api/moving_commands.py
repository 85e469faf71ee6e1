"""`xunshan migrate`: a post's records into another database."""

from typing import Annotated

import typer

from field_api.command_line import DataDir, explained, fail, open_settings
from field_api.core.data_folder import MOVED
from field_api.core.dialect import sqlite_url
from field_api.moving import MoveError, move
from field_api.opening import owned
from field_api.settings import Settings

__all__ = ["migrate"]


def migrate(
    source: Annotated[
        str, typer.Option("--from", metavar="sqlite|postgresql", help="Where the records are.")
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="sqlite|postgresql", help="An empty database.")
    ],
    data_dir: DataDir = None,
) -> None:
    """Copy every record into another database, and compare all of them row by row.

    `sqlite` is the file in the data directory, `postgresql` the one that `database_url` names. Stop
    the server first. Nothing of the source is changed; a target that is not empty is refused, and
    one that did not get every row as it was stays empty. Media stay in the data directory.
    """
    settings = open_settings(data_dir)
    if source == target:
        fail("--from and --to name the same database.")
    here, there = _address(settings, source), _address(settings, target)
    # The source alone is brought to this version: the target has to stay empty.
    own = settings.model_copy(update={"database_url": ""}) if source == "sqlite" else settings
    with explained(), owned(own, "migrate"):
        try:
            moved = move(here, there)
        except MoveError as error:
            fail(f"Nothing was moved: {error}")
        # Whoever forgets database_url afterwards must not go on with what the file still holds.
        mark = settings.data_dir / MOVED
        if target == "postgresql":
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)
    for one in moved:
        typer.echo(f"{one.table:<24} {one.rows:>10}")
    typer.echo(f"{sum(one.rows for one in moved)} rows arrived and were compared.")
    if target == "postgresql":
        typer.echo("Leave database_url set and start the server.")
    else:
        typer.echo("Remove database_url from the settings and start the server.")


def _address(settings: Settings, name: str) -> str:
    if name == "sqlite":
        return sqlite_url(settings.database_file)
    if name != "postgresql":
        fail(f"{name!r} is no database; allowed: sqlite, postgresql")
    if not settings.database_url:
        fail(
            "Say where PostgreSQL is: XUNSHAN_DATABASE_URL=postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    return settings.database_url
