"""Making a backup while the command post runs.

The order is what makes it whole: the database first, then the files. A file is on disk before the
record that names it is committed, so whatever the copied database names is there to be copied.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import field_api
from field_api.backup.manifest import (
    DATABASE,
    MANIFEST,
    MEDIA,
    Manifest,
    StoredFile,
    backups_in,
    file_sha256,
    folder_name,
    read_manifest,
)
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import hold
from field_api.core.database_file import check_pages, copy_database, opened_file, sync_file

__all__ = ["keep_database", "make_backup", "prune"]

_MAKING = ".making-"
_NAMES_FILES = {"media": "sha256", "document": "sha256"}
"""Tables whose rows name files that must be there."""


def make_backup(database: Path, media_dir: Path, to: Path, clock: Callable[[], int]) -> Path:
    """Back a data folder up into the folder `to`; return the new backup.

    One that is cut off leaves no backup: it gets its name when it is whole and safe on disk.

    Raises:
        DataFolderError: the database can't be read, or another backup into `to` is being made.
        OSError: `to` can't be written.
    """
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold(to, "backup"):
        _sweep(to)
        making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=to))
        try:
            return _make(database, media_dir, making, to, clock)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise


def _make(
    database: Path, media_dir: Path, making: Path, to: Path, clock: Callable[[], int]
) -> Path:
    manifest = _copy(database, making, clock)
    pool = BlobFiles(to / MEDIA)
    taken: list[StoredFile] = []
    damaged: set[str] = set()
    for file in _whole_files(media_dir):
        size_bytes = file.stat().st_size
        if (
            pool.exists(file.name) and pool.path(file.name).stat().st_size == size_bytes
        ) or pool.take(file, file.name):
            taken.append(StoredFile(sha256=file.name, size_bytes=size_bytes))
        else:
            damaged.add(file.name)
    here = {file.sha256 for file in taken}
    missing = (_named(making / DATABASE) - here) | damaged
    whole = manifest.model_copy(update={"media": taken, "missing": sorted(missing)})
    return _finish(making, to, whole)


def keep_database(database: Path, to: Path, clock: Callable[[], int]) -> Path:
    """Keep a copy of a database alone, as a backup without files; return it.

    Raises:
        DataFolderError: the database can't be read.
        OSError: `to` can't be written, e.g. because its disk is full.
    """
    to.mkdir(mode=0o700, exist_ok=True)
    _sweep(to)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=to))
    try:
        return _finish(making, to, _copy(database, making, clock))
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _copy(database: Path, making: Path, clock: Callable[[], int]) -> Manifest:
    made_ms = clock()
    copy = making / DATABASE
    moment = copy_database(database, copy)
    check_pages(copy)
    return Manifest(
        version=field_api.__version__,
        revision=moment.revision,
        made_ms=made_ms,
        event_seq=moment.event_seq,
        audit_seq=moment.audit_seq,
        database=StoredFile(sha256=file_sha256(copy), size_bytes=copy.stat().st_size),
        media=[],
    )


def _finish(making: Path, to: Path, manifest: Manifest) -> Path:
    file = making / MANIFEST
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(manifest.model_dump_json(indent=1))
    sync_file(file)
    sync_file(making)
    final = to / folder_name(manifest.made_ms)
    while final.exists():
        final = final.with_name(f"{final.name}+")
    making.rename(final)
    sync_file(to)
    return final


def _whole_files(media_dir: Path) -> Iterator[Path]:
    """Yield the stored files; uploads under way are none yet, their senders go on from 0."""
    for entry in media_dir.glob("[0-9a-f][0-9a-f]/*"):
        if len(entry.name) == 64:
            yield entry


def _named(database: Path) -> set[str]:
    """Return the files that records of a copied database name."""
    with closing(opened_file(database, frozen=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        return {
            sha256
            for table, column in _NAMES_FILES.items()
            if table in tables
            for (sha256,) in _names(connection, table, column)
        }


def _names(connection: sqlite3.Connection, table: str, column: str) -> Iterator[tuple[str]]:
    yield from connection.execute(f'SELECT "{column}" FROM "{table}"')


def _sweep(to: Path) -> None:
    """Remove what backups that were cut off left; the caller is the only one at work here."""
    for left in to.glob(f"{_MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    BlobFiles(to / MEDIA).sweep([])


def prune(to: Path, now_ms: int, *, all_ms: int, daily_ms: int) -> list[Path]:
    """Remove backups that are old, and the files that no other backup needs.

    All of the last `all_ms` stay, then the newest of each day for `daily_ms`; the newest always.

    Returns:
        The backups removed.

    Raises:
        DataFolderError: another backup into `to` is being made, or a manifest can't be read.
    """
    with hold(to, "backup"):
        kept: dict[str, Path] = {}
        old: list[Path] = []
        for backup in reversed(backups_in(to)):
            age_ms = now_ms - read_manifest(backup).made_ms
            name = backup.name if age_ms <= all_ms else backup.name[:8]
            if not kept or (age_ms <= max(all_ms, daily_ms) and name not in kept):
                kept[name] = backup
            else:
                old.append(backup)
        needed = {file.sha256 for backup in kept.values() for file in read_manifest(backup).media}
        for backup in old:
            # Its manifest first: what is left of it is no backup.
            (backup / MANIFEST).unlink()
            shutil.rmtree(backup)
        if old:
            for file in _whole_files(to / MEDIA):
                if file.name not in needed:
                    file.unlink()
        return old
