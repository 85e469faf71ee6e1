"""`xunshan backup`, `xunshan restore` and `xunshan upgrade`: a post's data over its life."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from field_api.app import utc_ms
from field_api.backup.keeping import Pace, parse_duration_s
from field_api.backup.making import make_backup
from field_api.backup.manifest import Manifest, newest_backup, read_manifest
from field_api.backup.pruning import prune
from field_api.backup.restoring import restore_backup
from field_api.backup.verifying import verify_backup
from field_api.command_line import DataDir, check_settings, explained, fail, open_settings
from field_api.core.data_folder import fit_to_open, hold
from field_api.core.roles import Actor
from field_api.opening import owned
from field_api.settings import Settings
from field_api.upgrade import go_back

__all__ = ["backup", "restore", "upgrade"]


class _MakesByDefault(TyperGroup):
    """Takes `backup TO` for `backup make TO`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["make", *args]
        return super().parse_args(ctx, args)


backup = typer.Typer(
    cls=_MakesByDefault,
    no_args_is_help=True,
    help="Back the post up while it runs: `xunshan backup TO`.",
)


def _embedded_only(settings: Settings) -> None:
    if settings.database_url:
        fail(
            "The records are in PostgreSQL (database_url), which this command does not copy: use "
            "pg_dump or pg_basebackup, and take the media folder after it (docs/growing.md)."
        )


def _seconds(name: str, text: str) -> int:
    try:
        return parse_duration_s(text)
    except ValueError as error:
        fail(f"{name}: {error}.")


@backup.command("make")
def make(
    to: Annotated[Path, typer.Argument(help="Folder of the backups, best on another disk.")],
    data_dir: DataDir = None,
    every: Annotated[
        str | None, typer.Option(help="Go on: lose no more than this, e.g. 5m.")
    ] = None,
    keep: Annotated[str, typer.Option(help="With --every: keep all of this long.")] = "24h",
    keep_daily: Annotated[
        str, typer.Option(help="With --every: keep the last of each day this long.")
    ] = "30d",
) -> None:
    """Back the post up, also while it runs; prints the new backup's folder."""
    settings = check_settings(data_dir)
    _embedded_only(settings)
    if every is None:
        with explained():
            _back_up(settings, to)
        return
    pace = Pace(_seconds("--every", every))
    all_ms, daily_ms = (
        _seconds("--keep", keep) * 1000,
        _seconds("--keep-daily", keep_daily) * 1000,
    )
    while True:
        pace.begin()
        try:
            with explained():
                _back_up(settings, to)
                prune(to, utc_ms(), all_ms=all_ms, daily_ms=daily_ms)
            pace.done()
            if not pace.kept_up:
                typer.echo(
                    f"A backup takes too long for --every {every}: more than that may be lost.",
                    err=True,
                )
        except typer.Exit:
            # What is wrong was said, and it may pass: a full disk is emptied, say.
            typer.echo("No backup was made; it is tried again.", err=True)
        time.sleep(pace.wait_s)


def _back_up(settings: Settings, to: Path) -> None:
    fit_to_open(settings.data_dir)
    made = make_backup(settings.database_file, settings.media_dir, to, utc_ms)
    typer.echo(made)
    _warn_missing(read_manifest(made))


def _warn_missing(manifest: Manifest) -> None:
    if manifest.missing:
        typer.echo(
            f"{len(manifest.missing)} files that records name are missing or damaged in the data "
            f"folder, e.g. {manifest.missing[0]}: an earlier backup may hold them.",
            err=True,
        )


@backup.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="A backup, or a folder of them: the newest.")],
) -> None:
    """Read a backup through and compare it with its manifest; exit code 2 where it differs."""
    with explained():
        found = newest_backup(folder)
        manifest = verify_backup(found)
    typer.echo(f"{found} is whole: {_told(manifest)}")
    _warn_missing(manifest)


def _told(manifest: Manifest) -> str:
    made = datetime.fromtimestamp(manifest.made_ms / 1000, UTC)
    return (
        f"{made:%Y-%m-%d %H:%M:%S} UTC, event {manifest.event_seq}, audit entry "
        f"{manifest.audit_seq}, {len(manifest.media)} files, schema {manifest.revision}, "
        f"version {manifest.version}"
    )


def restore(
    backup_folder: Annotated[
        Path, typer.Argument(metavar="FROM", help="A backup, or a folder of them: the newest.")
    ],
    data_dir: Annotated[Path, typer.Option("--data-dir", help="An empty folder.")],
) -> None:
    """Verify a backup and put it into an empty folder."""
    settings = check_settings(data_dir)
    _embedded_only(settings)
    name = os.environ.get("USER") or "operator"
    with explained():
        manifest = restore_backup(
            backup_folder,
            settings.data_dir,
            settings.media_dir,
            settings.database_file,
            Actor(f"cli:{name}", name, "command line"),
            utc_ms,
        )
    typer.echo(f"{data_dir} holds the post of {_told(manifest)}")
    typer.echo(f"Start it: xunshan serve --data-dir {data_dir}")


def upgrade(
    data_dir: DataDir = None,
    back: Annotated[bool, typer.Option("--back", help="Return to the copy kept before.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --back: lose what came since.")] = False,
) -> None:
    """Bring the data folder to this version, keeping a copy of before; or go back to it."""
    settings = open_settings(data_dir)
    with explained():
        if back:
            _embedded_only(settings)
            with hold(settings.data_dir, "upgrade"):
                fit_to_open(settings.data_dir)
                kept = go_back(settings.database_file, utc_ms, lose=yes)
            typer.echo(
                f"The database is that of {_told(kept.manifest)}. Start version "
                f"{kept.manifest.version} on it: this one would upgrade it again."
            )
            return
        with owned(settings, "upgrade") as kept:
            if kept is None:
                typer.echo("The database is up to date")
            else:
                typer.echo(f"{settings.database_file} was upgraded; kept before: {kept.folder}")
