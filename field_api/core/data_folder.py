"""The data folder: whose it is, who may read it, and the one process that owns it.

```
data_dir/xunshan.sqlite3      the database; -wal and -shm beside it while it is open
data_dir/media/               files by hash, see `core.blobs.files`
data_dir/before-upgrade/      copies of the database kept by upgrades
data_dir/lock                 held by the process that owns the folder
data_dir/restoring            there while a restore is not finished
```
"""

import contextlib
import errno
import fcntl
import os
import pwd
import stat
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "LOCK",
    "MOVED",
    "RESTORING",
    "DataFolderError",
    "FolderInUseError",
    "check_writable",
    "fit_to_open",
    "hold",
    "make_private",
]

LOCK = "lock"
RESTORING = "restoring"
MOVED = "moved-to-postgresql"
"""Mark of a folder whose records `xunshan migrate` took elsewhere; its file is of before."""
_LOOK_S = 0.05
_WAIT_S = 10.0
"""How long a command that is over soon (`xunshan admin ...`) is waited for."""
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


class DataFolderError(Exception):
    """The data folder can't be used as it is; the text says why and what to do."""


class FolderInUseError(DataFolderError):
    """Another process owns the folder; `purpose` is what it does there."""

    def __init__(self, folder: Path, purpose: str, process: str) -> None:
        super().__init__(
            f"The folder {folder} is in use by `xunshan {purpose}` (process {process}): stop that "
            "process, or name another folder."
        )
        self.purpose = purpose


def make_private(folder: Path, *files: Path) -> None:
    """Make a folder that only its owner can look into; one of an older version becomes so.

    Args:
        folder: made where it is missing.
        files: made private every time, e.g. the database that another program may have touched.

    Raises:
        DataFolderError: it belongs to another user, or to everybody.
        OSError: it can't be made.
    """
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.geteuid():
        raise DataFolderError(
            f"The data folder {folder} belongs to the user {_name(state.st_uid)}, and this is "
            f"{_name(os.geteuid())}: run the command as {_name(state.st_uid)}, or name another "
            "folder with --data-dir."
        )
    if state.st_mode & stat.S_ISVTX:
        raise DataFolderError(
            f"The data folder {folder} is one that everybody writes to: name a folder of its own "
            "with --data-dir."
        )
    if stat.S_IMODE(state.st_mode) != _PRIVATE_FOLDER:
        _tighten(folder)
    for file in files:
        if file.exists() and stat.S_IMODE(file.stat().st_mode) != _PRIVATE_FILE:
            file.chmod(_PRIVATE_FILE)


def check_writable(folder: Path) -> None:
    """Raise OSError where no file can be made; a full disk, which may be emptied, is none of it."""
    try:
        handle, name = tempfile.mkstemp(prefix=".write-test-", dir=folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return
        raise
    os.close(handle)
    Path(name).unlink()


def _tighten(folder: Path) -> None:
    """Close everything below, the folder itself last: a killed start does it again."""
    for place, folders, files in os.walk(folder):
        for name in folders:
            _close(Path(place, name), _PRIVATE_FOLDER)
        for name in files:
            _close(Path(place, name), _PRIVATE_FILE)
    folder.chmod(_PRIVATE_FOLDER)


def _close(path: Path, mode: int) -> None:
    if not path.is_symlink():
        path.chmod(mode)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def fit_to_open(folder: Path) -> None:
    """Refuse a folder that a restore has not finished, or whose records are elsewhere by now.

    Raises:
        DataFolderError: so it is.
    """
    if (folder / RESTORING).exists():
        raise DataFolderError(
            f"The data folder {folder} holds a restore that was cut off: run `xunshan restore` "
            "again with the same folder, it starts over."
        )
    if (folder / MOVED).exists():
        raise DataFolderError(
            f"The records of the data folder {folder} were moved to PostgreSQL: set database_url "
            f"as the server has it. To open what the file held before, remove {folder / MOVED}."
        )


@contextmanager
def hold(
    folder: Path, purpose: str, wait_s: float = _WAIT_S, *, shared: bool = False
) -> Generator[None]:
    """Own a private folder; the kernel lets go when the process ends, however it ends.

    Args:
        folder: see `make_private`.
        purpose: the command, shown to whom it keeps out.
        wait_s: how long to wait for a command that is over soon.
        shared: own it together with others that do, e.g. servers of one post.

    Raises:
        FolderInUseError: another process owns it.
        OSError: the folder can't be written.
    """
    until = time.monotonic() + wait_s
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    try:
        while not _locked(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            found = _in_use(folder)
            if not found.purpose.startswith("admin") or time.monotonic() >= until:
                raise found
            time.sleep(_LOOK_S)
        # On a full disk the lock holds too; only its words may be missing.
        with contextlib.suppress(OSError):
            os.pwrite(handle, f"{os.getpid()} {purpose}".encode().ljust(80) + b"\n", 0)
        yield
    finally:
        os.close(handle)


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _in_use(folder: Path) -> FolderInUseError:
    """Say who holds the lock; a holder that has just come may not have written its name yet."""
    for _ in range(20):
        process, _, purpose = (folder / LOCK).read_text("utf-8", "replace").strip().partition(" ")
        if process.isdigit() and Path(f"/proc/{process}").exists():
            return FolderInUseError(folder, purpose, process)
        time.sleep(_LOOK_S)
    return FolderInUseError(folder, "?", "unknown")
