"""Putting a backup into an empty folder.

The database comes last and a mark stands in the folder until all is there, so that no server ever
starts on half of a restore. A restore that was cut off is started over in the same folder.

Whoever saw the post after the backup's moment knows more than it does now. So the event tail goes
on far behind every number that may have been given since, which makes browsers and handhelds fetch
everything anew, and the trail says what happened.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlmodel import col, delete, select

import field_api
from field_api.backup.making import copy_named
from field_api.backup.manifest import DATABASE, TLS, Manifest, newest_backup
from field_api.backup.verifying import media_of, verify_backup
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import LOCK, RESTORING, DataFolderError, hold, make_private
from field_api.core.database import Store
from field_api.core.database_file import copy_database, settle, sync_file
from field_api.core.dialect import sqlite_url
from field_api.core.events import Event, last_seq
from field_api.core.roles import Actor
from field_api.migrate import known_revisions, migrate_file

__all__ = ["TAIL_GAP", "restore_backup"]

TAIL_GAP = 10_000_000
"""More events than any post writes between a backup and the loss of its disk."""
_SPARE_BYTES = 32_000_000


def restore_backup(
    given: Path,
    data_dir: Path,
    media_dir: Path,
    database: Path,
    actor: Actor,
    clock: Callable[[], int],
) -> Manifest:
    """Put a backup, or the newest in a folder of them, into an empty data folder.

    Args:
        given: the backup.
        data_dir: empty, or left by a restore that was cut off; made where it is missing.
        media_dir: of the new data folder.
        database: of the new data folder.
        actor: who restores, for the trail.
        clock: UTC milliseconds.

    Returns:
        What the backup says of itself.

    Raises:
        DataFolderError: the backup is not whole or of a newer version, or the folder is in use or
            not empty.
        OSError: a disk fails or is full.
    """
    backup = newest_backup(given)
    make_private(data_dir)
    with hold(data_dir, "restore"):
        _check_empty(data_dir)
        manifest = verify_backup(backup)
        _check_fits(manifest, backup, data_dir)
        mark = data_dir / RESTORING
        mark.touch(mode=0o600)
        sync_file(data_dir)
        _clear(data_dir)
        files, ours = media_of(backup), BlobFiles(media_dir)
        media_dir.mkdir(mode=0o700)
        for file in manifest.media:
            if not ours.take(files.path(file.sha256), file.sha256):
                raise DataFolderError(f"The backup {backup} changed while it was read: repeat.")
        if manifest.named:
            (data_dir / TLS).mkdir(mode=0o700)
        for file in manifest.named:
            copy_named(backup / file.name, data_dir, file.name)
        work = database.with_name(f"{database.name}.{RESTORING}")
        copy_database(backup / DATABASE, work, frozen=True)
        migrate_file(work)
        _say(work, manifest, actor, clock)
        settle(work)
        work.replace(database)
        sync_file(data_dir)
        mark.unlink()
        sync_file(data_dir)
    return manifest


def _check_empty(data_dir: Path) -> None:
    """Refuse a folder that holds anything but a restore that was cut off."""
    if (data_dir / RESTORING).exists():
        return
    found = sorted(entry.name for entry in data_dir.iterdir() if entry.name != LOCK)
    if found:
        raise DataFolderError(
            f"The folder {data_dir} is not empty ({', '.join(found[:3])}): a backup is restored "
            "into an empty folder only, name a new one with --data-dir."
        )


def _clear(data_dir: Path) -> None:
    for entry in data_dir.iterdir():
        if entry.name in (LOCK, RESTORING):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _check_fits(manifest: Manifest, backup: Path, data_dir: Path) -> None:
    if manifest.revision not in known_revisions():
        raise DataFolderError(
            f"The backup {backup} was made by the newer version {manifest.version} (its schema is "
            f"{manifest.revision}, this version {field_api.__version__} knows "
            f"{known_revisions()[0]}): restore it with that version."
        )
    needed = sum(file.size_bytes for file in manifest.media)
    needed += manifest.database.size_bytes * 2 + _SPARE_BYTES
    free = shutil.disk_usage(data_dir).free
    if free < needed:
        raise DataFolderError(
            f"The backup needs {needed // 1_000_000} MB in {data_dir} and {free // 1_000_000} MB "
            "are free: make room, or name a folder on another disk."
        )


def _say(database: Path, manifest: Manifest, actor: Actor, clock: Callable[[], int]) -> None:
    """Move the tail on, and write into the trail that this is a restored backup."""
    store = Store(sqlite_url(database), clock)
    try:
        with store.change(actor) as change:
            newest = last_seq(change.session)
            if newest:
                change.session.exec(delete(Event).where(col(Event.seq) < newest))
                event = change.session.exec(select(Event).where(col(Event.seq) == newest)).one()
                event.seq = newest + TAIL_GAP
            change.record("post.restored", str(manifest.made_ms), seq=manifest.audit_seq)
    finally:
        store.close()
