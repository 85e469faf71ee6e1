"""A database as a file: whether it can be used, and copies of it while others write."""

import errno
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from field_api.core.data_folder import DataFolderError

__all__ = [
    "Moment",
    "check_pages",
    "copy_database",
    "moment_of",
    "opened_file",
    "settle",
    "sync_file",
]

_MAGIC = b"SQLite format 3\0"
_BUSY_S = 15.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What a database says of the moment it stands at."""

    revision: str | None
    """Of the schema; None for a database without one."""
    event_seq: int
    audit_seq: int


def opened_file(database: Path, *, frozen: bool = False) -> sqlite3.Connection:
    """Return a connection to an existing database.

    Args:
        database: the file.
        frozen: nobody writes it, so that it is only read, as on a disk that can't be written.

    Raises:
        DataFolderError: it is missing, can't be read or written, or is no database.
    """
    try:
        with database.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except FileNotFoundError:
        raise DataFolderError(f"There is no database {database}.") from None
    except OSError as error:
        raise DataFolderError(
            f"The database {database} can't be read ({error.strerror}): change its permissions, "
            "or run the command as the user it belongs to."
        ) from None
    if begins and begins != _MAGIC:
        raise DataFolderError(
            f"{database} is not a database: name another folder with --data-dir, or put the last "
            "backup into an empty folder with `xunshan restore`."
        )
    if frozen:
        return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    if not os.access(database, os.W_OK) or not os.access(database.parent, os.W_OK):
        raise DataFolderError(
            f"The database {database} can only be read: make the folder and the file writable for "
            "the user who runs the command post."
        )
    return sqlite3.connect(database, timeout=_BUSY_S)


def check_pages(database: Path, *, frozen: bool = False) -> None:
    """Read every page of a database; `frozen` as for `opened_file`.

    Raises:
        DataFolderError: one is damaged, or `opened_file` refuses the file.
    """
    with closing(opened_file(database, frozen=frozen)) as connection:
        try:
            [(said,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            said = str(error)
    if said != "ok":
        raise DataFolderError(
            f"The database {database} is damaged ({' '.join(said.split())}): put the last backup "
            "into an empty folder with `xunshan restore` and start on that; keep this one to look "
            "into."
        )


def moment_of(database: Path, *, frozen: bool = False) -> Moment:
    """Return where a database stands; `frozen` as for `opened_file`.

    Raises:
        DataFolderError: it can't be read.
    """
    with closing(opened_file(database, frozen=frozen)) as connection:
        return _moment(connection, database)


def _moment(connection: sqlite3.Connection, database: Path) -> Moment:
    try:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master").fetchall()
        }
        if "alembic_version" not in tables:
            if tables:
                raise DataFolderError(
                    f"{database} is a database of another program: name another folder with "
                    "--data-dir."
                )
            return Moment(None, 0, 0)
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return Moment(
            row[0] if row else None,
            *(
                connection.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()[0]
                if table in tables
                else 0
                for table in ("event", "auditentry")
            ),
        )
    except sqlite3.DatabaseError as error:
        raise DataFolderError(
            f"The database {database} is damaged or can't be read ({error}): put the last backup "
            "into an empty folder with `xunshan restore` and start on that."
        ) from None


def copy_database(source: Path, target: Path, *, frozen: bool = False) -> Moment:
    """Copy a database as it is at one moment, while others go on writing; say which moment.

    The copy is one file, safe on disk, that its owner alone can read. `frozen` is for the source,
    as for `opened_file`.

    Raises:
        DataFolderError: the source can't be read.
        OSError: the target can't be written, e.g. because its disk is full.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with (
        closing(opened_file(source, frozen=frozen)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        try:
            # In one step: readers of a write-ahead log hold up no writer, and a copy in several
            # steps would begin again after each commit.
            live.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            full = errno.ENOSPC if "is full" in str(error) else errno.EIO
            raise OSError(full, str(error), str(target)) from None
        except sqlite3.DatabaseError as error:
            raise DataFolderError(f"The database {source} is damaged ({error}).") from None
        moment = _moment(copy, target)
    sync_file(target)
    return moment


def settle(database: Path) -> None:
    """Bring everything of a database that nobody uses into its one file, safe on disk.

    Raises:
        DataFolderError: somebody uses it.
    """
    with closing(opened_file(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise DataFolderError(
                f"The database {database} is in use ({error}): stop what uses it."
            ) from None
    sync_file(database)


def sync_file(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
