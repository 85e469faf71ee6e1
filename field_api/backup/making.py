"""Making a backup while the command post runs.

The order is what makes it whole: the database first, then the files. A file is on disk before the
record that names it is committed, so whatever the copied database names is there to be copied.
"""

import hashlib
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
    TLS,
    Manifest,
    NamedFile,
    StoredFile,
    file_sha256,
    folder_name,
)
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import hold
from field_api.core.database_file import check_pages, copy_database, opened_file, sync_file

__all__ = ["copy_named", "keep_database", "make_backup", "whole_files"]

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
    for file in whole_files(media_dir):
        size_bytes = file.stat().st_size
        if (
            pool.exists(file.name) and pool.path(file.name).stat().st_size == size_bytes
        ) or pool.take(file, file.name):
            taken.append(StoredFile(sha256=file.name, size_bytes=size_bytes))
        else:
            damaged.add(file.name)
    here = {file.sha256 for file in taken}
    missing = (_named(making / DATABASE) - here) | damaged
    named = _copy_named(database.parent, making)
    whole = manifest.model_copy(update={"media": taken, "named": named, "missing": sorted(missing)})
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


def _copy_named(data_dir: Path, making: Path) -> list[NamedFile]:
    """Copy the post's own certificates: else every handheld would have to trust new ones."""
    found = [path for path in sorted((data_dir / TLS).glob("*")) if path.is_file()]
    if found:
        (making / TLS).mkdir(mode=0o700)
    return [copy_named(path, making, f"{TLS}/{path.name}") for path in found]


def copy_named(source: Path, folder: Path, name: str) -> NamedFile:
    """Copy a small file that its owner alone may read; say what it holds.

    Raises:
        OSError: it can't be read, or the copy can't be written.
    """
    data = source.read_bytes()
    write_private(folder / name, data)
    return NamedFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def write_private(file: Path, data: bytes) -> None:
    """Write a new file that its owner alone may read, safe on disk.

    Raises:
        OSError: it is there already, or can't be written.
    """
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(data)
    sync_file(file)


def _finish(making: Path, to: Path, manifest: Manifest) -> Path:
    write_private(making / MANIFEST, manifest.model_dump_json(indent=1).encode())
    sync_file(making)
    final = to / folder_name(manifest.made_ms)
    while final.exists():
        final = final.with_name(f"{final.name}+")
    making.rename(final)
    sync_file(to)
    return final


def whole_files(media_dir: Path) -> Iterator[Path]:
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
    """Remove what was cut off, in the making or in the removing; nobody else is at work here."""
    gone = [left.parent for left in to.glob(f"*Z*/{DATABASE}")]
    for left in [*to.glob(f"{_MAKING}*"), *gone]:
        # What lost its manifest was being removed.
        if not (left / MANIFEST).exists() or left.name.startswith(_MAKING):
            shutil.rmtree(left, ignore_errors=True)
    BlobFiles(to / MEDIA).sweep([])
