"""Bringing a data folder's database to this version, and back.

The database in use is never migrated itself: a copy is, and takes its place when it is whole. So an
upgrade that fails, or is killed, leaves what was there before.
"""

import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

import field_api
from field_api.backup.making import keep_database
from field_api.backup.manifest import DATABASE, MANIFEST, Manifest, backups_in, read_manifest
from field_api.backup.verifying import verify_backup
from field_api.core.data_folder import DataFolderError
from field_api.core.database_file import (
    Moment,
    check_pages,
    copy_database,
    moment_of,
    settle,
    sync_file,
)
from field_api.core.dialect import sqlite_url
from field_api.declared import FEATURES
from field_api.migrate import add_register_tables, known_revisions, migrate_file

__all__ = ["BEFORE_UPGRADE", "Kept", "check_revision", "go_back", "kept_copies", "upgrade_folder"]

log = structlog.get_logger(__name__)

BEFORE_UPGRADE = "before-upgrade"
COPIES_KEPT = 3
FAILED = "upgrade-failed.txt"
"""Where the fault of an upgrade is told to whoever repairs it."""
_SPARE_BYTES = 32_000_000
"""Room a migration may need beside the copies, besides a half of the database again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The copy that an upgrade kept."""

    folder: Path
    manifest: Manifest


def check_revision(database: Path) -> Moment:
    """Return where a database stands.

    Raises:
        DataFolderError: a newer version made it, another program did, or it can't be read.
    """
    moment = moment_of(database)
    known = known_revisions()
    if moment.revision is not None and moment.revision not in known:
        raise DataFolderError(
            f"The database {database} was written by a newer version of Xunshan (its schema is "
            f"{moment.revision}, this version {field_api.__version__} knows {known[0]}): start the "
            "newer version, or go back with its `xunshan upgrade --back`."
        )
    return moment


def upgrade_folder(
    database: Path,
    clock: Callable[[], int],
    *,
    change: Callable[[Path], None] = migrate_file,
) -> Kept | None:
    """Bring a database, which the caller owns, to this version; return what was kept of before.

    A new database is made, one that is up to date is left alone: None for both.

    Args:
        database: the file.
        clock: UTC milliseconds.
        change: what brings a database to the present; tests bring one that fails.

    Raises:
        DataFolderError: it can't be upgraded; it is as it was.
    """
    work = database.with_name(f"{database.name}.upgrading")
    _remove(work)
    if not database.exists() or not database.stat().st_size:
        change(work)
        _put_in_place(work, database)
        return None
    before = check_revision(database)
    if before.revision == known_revisions()[0]:
        # Registers only add tables and columns, each in one step.
        add_register_tables(sqlite_url(database), FEATURES)
        return None
    kept_in = database.parent / BEFORE_UPGRADE
    _remove_old(kept_in)
    _check_space(database)
    check_pages(database)
    started = time.monotonic()
    folder = keep_database(database, kept_in, clock)
    try:
        copy_database(database, work)
        change(work)
        check_pages(work)
        settle(work)
        after = moment_of(work)
        if after.revision != known_revisions()[0]:
            raise DataFolderError(f"the schema is {after.revision} now")
    except Exception as error:
        _remove(work)
        shutil.rmtree(folder)
        told = database.with_name(FAILED)
        told.write_text(traceback.format_exc(), "utf-8")
        raise DataFolderError(
            f"The upgrade of {database} failed ({_short(error)}): the database is as it was, "
            f"start the version before on it; {told} says more."
        ) from error
    kept = _note(folder, after)
    settle(database)
    _put_in_place(work, database)
    _remove_old(kept_in)
    log.info(
        "upgraded",
        from_revision=before.revision,
        to_revision=after.revision,
        kept=str(folder),
        took_s=round(time.monotonic() - started, 1),
    )
    return kept


def _remove_old(kept_in: Path) -> None:
    for old in backups_in(kept_in)[:-COPIES_KEPT]:
        (old / MANIFEST).unlink()
        shutil.rmtree(old)


def _check_space(database: Path) -> None:
    """Refuse to begin what can't be ended: two copies, and room to migrate one of them."""
    needed = int(database.stat().st_size * 2.5) + _SPARE_BYTES
    free = shutil.disk_usage(database.parent).free
    if free < needed:
        raise DataFolderError(
            f"The upgrade needs {needed // 1_000_000} MB beside {database} and {free // 1_000_000} "
            "MB are free: make room, then start again; nothing was changed."
        )


def _short(error: BaseException) -> str:
    return " ".join(str(error).split("\n[SQL")[0].split())[:300] or type(error).__name__


def _note(folder: Path, after: Moment) -> Kept:
    """Write to a kept copy where the trail stood when its upgrade was done."""
    manifest = read_manifest(folder).model_copy(update={"upgraded_audit_seq": after.audit_seq})
    beside = folder / f".{MANIFEST}"
    beside.write_text(manifest.model_dump_json(indent=1), "utf-8")
    sync_file(beside)
    beside.replace(folder / MANIFEST)
    return Kept(folder, manifest)


def _put_in_place(work: Path, database: Path) -> None:
    """Let a settled database take the place of another, in one step."""
    settle(work)
    work.chmod(0o600)
    work.replace(database)
    sync_file(database.parent)


def _remove(work: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        work.with_name(work.name + suffix).unlink(missing_ok=True)


def kept_copies(database: Path) -> list[Kept]:
    """Return the copies that upgrades kept, oldest first."""
    return [
        Kept(folder, read_manifest(folder))
        for folder in backups_in(database.parent / BEFORE_UPGRADE)
    ]


def go_back(database: Path, clock: Callable[[], int], *, lose: bool) -> Kept:
    """Put the newest copy of an older schema back, and keep the database of now beside it.

    Args:
        database: the file, which the caller owns.
        clock: UTC milliseconds.
        lose: go back also where acts were recorded since the upgrade.

    Raises:
        DataFolderError: there is no copy, it is damaged, or acts would be lost.
    """
    known = known_revisions()
    now = moment_of(database)
    order = {revision: age for age, revision in enumerate(known)}
    older = [
        kept
        for kept in kept_copies(database)
        if order.get(kept.manifest.revision or "", -1) > order.get(now.revision or "", -1)
    ]
    if not older:
        raise DataFolderError(
            f"No upgrade kept a copy of an older database in {database.parent / BEFORE_UPGRADE}: "
            "there is nothing to go back to."
        )
    kept = older[-1]
    verify_backup(kept.folder)
    since = kept.manifest.upgraded_audit_seq
    lost = now.audit_seq - (kept.manifest.audit_seq if since is None else since)
    if lost > 0 and not lose:
        raise DataFolderError(
            f"{lost} acts were recorded since the upgrade and would be lost (they stay readable in "
            f"{database.parent / BEFORE_UPGRADE}): repeat with --yes to go back all the same."
        )
    work = database.with_name(f"{database.name}.upgrading")
    _remove(work)
    keep_database(database, database.parent / BEFORE_UPGRADE, clock)
    copy_database(kept.folder / DATABASE, work)
    settle(database)
    _put_in_place(work, database)
    return kept
