"""Pictures on disk, by hash: whole or not there at all."""

import hashlib
import os
import tempfile
from pathlib import Path

__all__ = ["HashMismatchError", "MediaFiles"]


class HashMismatchError(ValueError):
    """The bytes are not those that the hash names."""


class MediaFiles:
    """A directory of immutable files named by the SHA-256 of their content."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Return where the file of `sha256` is or would be."""
        return self._root / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        """Whether the file is there, whole."""
        return self.path(sha256).is_file()

    def put(self, sha256: str, data: bytes) -> None:
        """Store `data`.

        Raises:
            HashMismatchError: `data` is not what `sha256` names; nothing is stored.
        """
        if hashlib.sha256(data).hexdigest() != sha256:
            raise HashMismatchError(sha256)
        if self.exists(sha256):
            return
        final = self.path(sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=".part-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_directory(final.parent)


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
