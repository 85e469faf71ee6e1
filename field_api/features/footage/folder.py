"""Where footage lies, and who is writing.

```
data_dir/footage/STREAM/20250315/063000123-ID.mp4    UTC day and time of the first picture
data_dir/footage/STREAM/20250315/063000123-ID.jsonl  what belongs to it, see `beside`
data_dir/footage/.exports/ID.mp4 ...                  what was taken out
```

Whoever writes a file holds the kernel's lock on it, which ends with the process however that ends:
so a file that nobody locks and that the index thinks open was left by a killed one.
"""

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

__all__ = [
    "EXPORTS",
    "FileLockedError",
    "beside_of",
    "id_of",
    "locked",
    "make_place",
    "place_of",
    "recent",
]

_NAME = re.compile(r"\d{9}-([0-9a-f-]{36})\.mp4", re.ASCII)
EXPORTS = ".exports"


class FileLockedError(Exception):
    """Somebody writes the file."""


def place_of(stream_id: str, file_id: str, began_ms: int) -> str:
    """Return where a file lies, below the folder of footage."""
    began = datetime.fromtimestamp(began_ms / 1000, UTC)
    name = f"{began:%H%M%S}{began_ms % 1000:03d}-{file_id}.mp4"
    # No stream's id can begin with a dot: exports never lie among a stream's files.
    return f"{stream_id}/{began:%Y%m%d}/{name}"


def make_place(root: Path, place: str) -> Path:
    """Return a file's path, its folder made private."""
    path = root / place
    for folder in (root, path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def beside_of(path: Path) -> Path:
    """Return the file that says what belongs to a file's pictures."""
    return path.with_suffix(".jsonl")


def id_of(path: Path) -> str | None:
    """Return the id in a file's name, None where it is none of ours."""
    found = _NAME.fullmatch(path.name)
    return found.group(1) if found else None


def recent(root: Path, days: int = 2) -> Iterator[Path]:
    """Yield the files of each stream's last days with footage."""
    if not root.is_dir():
        return
    for stream in sorted(root.iterdir()):
        if stream.name == EXPORTS or not stream.is_dir():
            continue
        for day in sorted(stream.iterdir())[-days:]:
            yield from sorted(path for path in day.glob("*.mp4") if id_of(path))


@contextmanager
def locked(path: Path) -> Generator[int]:
    """Give a file to write that nobody else writes.

    Raises:
        FileLockedError: somebody does.
        OSError: it can't be opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileLockedError(str(path)) from None
        yield handle
    finally:
        os.close(handle)
