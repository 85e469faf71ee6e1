"""Files on disk by hash, whole or not there at all, and the parts of those still arriving.

```
root/ab/ab12…            a whole file, named by the SHA-256 of its content; never changed
root/parts/<id>.part     an upload under way
root/parts/.put-…        a small file being stored at once
```
Parts lie on the same file system as the store, so finishing is one rename: a crash leaves the part
or the whole file, never half of one under its final name.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from field_api.core.database_file import sync_file

__all__ = ["BlobFiles", "HashMismatchError", "Part", "PartLostError", "PartWriter"]

COPY_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UPLOAD_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z-]{0,63}", re.ASCII)


class HashMismatchError(ValueError):
    """The bytes are not those that the hash names."""


class PartLostError(RuntimeError):
    """Fewer bytes are on disk than were acknowledged; the upload must go on from `size_bytes`."""

    def __init__(self, upload_id: str, size_bytes: int) -> None:
        super().__init__(f"part {upload_id} has only {size_bytes} bytes")
        self.size_bytes = size_bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One unfinished upload on disk."""

    upload_id: str
    size_bytes: int
    modified_ms: int


class PartWriter:
    """Writes one chunk into a part: kept by `keep`, gone again by `undo` or by leaving `with`."""

    def __init__(self, file: FileIO, offset_bytes: int) -> None:
        self._file = file
        self._offset_bytes = offset_bytes
        self._written_bytes = 0
        self._kept = False

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            if not self._kept:
                self.undo()

    def write(self, data: bytes) -> None:
        """Write the next bytes of the chunk."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._written_bytes += len(data)

    def keep(self, kept_bytes: int | None = None) -> int:
        """Make the chunk, or its first `kept_bytes`, survive a power cut; return the part's size.

        Raises:
            ValueError: `kept_bytes` is more than was written.
        """
        kept = self._written_bytes if kept_bytes is None else kept_bytes
        if not 0 <= kept <= self._written_bytes:
            raise ValueError(f"{kept} of {self._written_bytes} written bytes can't be kept")
        size_bytes = self._offset_bytes + kept
        self._settle(size_bytes)
        self._kept = True
        return size_bytes

    def checkpoint(self) -> int:
        """Make all that was written so far survive, whatever comes; return the part's size."""
        os.fsync(self._file.fileno())
        self._offset_bytes += self._written_bytes
        self._written_bytes = 0
        return self._offset_bytes

    def undo(self) -> None:
        """Take the chunk back to its last checkpoint, as after a wrong checksum."""
        self._settle(self._offset_bytes)
        self._kept = True

    def _settle(self, size_bytes: int) -> None:
        self._file.truncate(size_bytes)
        os.fsync(self._file.fileno())


class BlobFiles:
    """A directory of immutable files named by their SHA-256, and of parts on their way there.

    Two requests must not write the same part at the same time: the caller holds a lock per upload.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parts = root / "parts"

    def path(self, sha256: str) -> Path:
        """Return where the file of `sha256` is or would be.

        Raises:
            ValueError: not a SHA-256 in lower-case hex; it must never become part of a path.
        """
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError(f"not a SHA-256 in lower-case hex: {sha256[:80]!r}")
        return self._root / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        """Whether the file is there, whole."""
        return self.path(sha256).is_file()

    def remove(self, sha256: str) -> None:
        """Delete a file; one that is not there is gone already."""
        self.path(sha256).unlink(missing_ok=True)

    def put(self, sha256: str, data: bytes) -> None:
        """Store a small file at once.

        Raises:
            HashMismatchError: `data` is not what `sha256` names; nothing is stored.
        """
        if hashlib.sha256(data).hexdigest() != sha256:
            raise HashMismatchError(sha256)
        if self.exists(sha256):
            return
        self._make(self._parts)
        handle, name = tempfile.mkstemp(dir=self._parts, prefix=".put-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._file_away(temporary, sha256)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def take(self, source: Path, sha256: str) -> bool:
        """Copy a file in from elsewhere; return False, and keep nothing, where its bytes differ.

        Raises:
            OSError: it can't be read, or the copy can't be written.
        """
        self._make(self._parts)
        handle, name = tempfile.mkstemp(dir=self._parts, prefix=".put-")
        temporary = Path(name)
        digest = hashlib.sha256()
        try:
            with source.open("rb") as original, os.fdopen(handle, "wb") as copy:
                while data := original.read(COPY_BYTES):
                    digest.update(data)
                    copy.write(data)
                copy.flush()
                os.fsync(copy.fileno())
            same = digest.hexdigest() == sha256
            if same:
                self._file_away(temporary, sha256)
            return same
        finally:
            temporary.unlink(missing_ok=True)

    def start(self, upload_id: str) -> None:
        """Make an empty part; one that is there already stays as it is."""
        self._make(self._parts)
        self._part_path(upload_id).touch(mode=0o600)
        sync_file(self._parts)

    def size_bytes(self, upload_id: str) -> int | None:
        """Return how much of the part is on disk, None when there is no such part."""
        try:
            return self._part_path(upload_id).stat().st_size
        except FileNotFoundError:
            return None

    def writer(self, upload_id: str, offset_bytes: int) -> PartWriter:
        """Open a part for one chunk at `offset_bytes`, the size that was last acknowledged.

        Bytes beyond it were written by a request that died before it was acknowledged or judged by
        its checksum: they are written over and cut off, for nobody has vouched for them.

        Raises:
            PartLostError: the part is shorter than that, or gone.
        """
        path = self._part_path(upload_id)
        size_bytes = self.size_bytes(upload_id)
        if size_bytes is None or size_bytes < offset_bytes:
            raise PartLostError(upload_id, size_bytes or 0)
        # Unbuffered: after a full disk nothing is left over that closing would try to write again.
        file = path.open("r+b", buffering=0)
        try:
            file.seek(offset_bytes)
        except BaseException:
            file.close()
            raise
        return PartWriter(file, offset_bytes)

    def append(self, upload_id: str, offset_bytes: int, data: bytes) -> int:
        """Write one chunk that is in memory and keep it; return the part's new size.

        Raises:
            PartLostError: the part is shorter than `offset_bytes`, or gone.
        """
        with self.writer(upload_id, offset_bytes) as writer:
            writer.write(data)
            return writer.keep()

    def truncate(self, upload_id: str, size_bytes: int) -> None:
        """Cut a part back to `size_bytes`.

        Raises:
            PartLostError: the part is shorter than that, or gone.
        """
        with self.writer(upload_id, size_bytes) as writer:
            writer.keep()

    def finish(self, upload_id: str, sha256: str) -> Path:
        """Check a part against its hash and file it; doing it again after a crash does no harm.

        Raises:
            HashMismatchError: the bytes are others; the part stays for the caller to drop.
            PartLostError: there is neither the part nor the whole file.
        """
        final = self.path(sha256)
        part = self._part_path(upload_id)
        if final.is_file():
            # Filed before, by this upload before a crash or by another of the same picture.
            self.drop(upload_id)
            return final
        try:
            with part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
        except FileNotFoundError:
            raise PartLostError(upload_id, 0) from None
        if digest != sha256:
            raise HashMismatchError(sha256)
        self._file_away(part, sha256)
        return final

    def drop(self, upload_id: str) -> None:
        """Forget a part; no harm when it is gone already."""
        self._part_path(upload_id).unlink(missing_ok=True)

    def parts(self) -> list[Part]:
        """Return the parts on disk, the longest untouched first."""
        found = [
            Part(path.stem, stat.st_size, stat.st_mtime_ns // 1_000_000)
            for path, stat in self._listed()
            if path.suffix == ".part" and _UPLOAD_ID.fullmatch(path.stem)
        ]
        return sorted(found, key=lambda part: (part.modified_ms, part.upload_id))

    def drop_untouched(self, before_ms: int) -> list[str]:
        """Drop the parts that nobody has written to since `before_ms`; return their uploads."""
        old = [part.upload_id for part in self.parts() if part.modified_ms < before_ms]
        for upload_id in old:
            self.drop(upload_id)
        return old

    def sweep(self, keep_ids: Collection[str], *, before_ms: int | None = None) -> list[Path]:
        """Remove what a killed process left behind; return the paths removed.

        A stray is a part that no upload in `keep_ids` owns, or a small file that never got its
        name. With `before_ms` only those last written before it go: needed when another worker of
        the same post is serving at this moment.
        """
        strays: list[Path] = []
        kept = {f"{upload_id}.part" for upload_id in keep_ids}
        for path, stat in [*self._listed(), *self._older_temporaries()]:
            young = before_ms is not None and stat.st_mtime_ns // 1_000_000 >= before_ms
            if path.name in kept or young:
                continue
            path.unlink(missing_ok=True)
            strays.append(path)
        return sorted(strays)

    def _part_path(self, upload_id: str) -> Path:
        """Return a part's path; raises ValueError for a name that could lead out of the folder."""
        if _UPLOAD_ID.fullmatch(upload_id) is None:
            raise ValueError(f"not an upload id: {upload_id[:80]!r}")
        return self._parts / f"{upload_id}.part"

    def _listed(self) -> Iterator[tuple[Path, os.stat_result]]:
        return _files_in(self._parts, "*")

    def _older_temporaries(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield unfinished files where the version before this one made them: beside the others."""
        return _files_in(self._root, "[0-9a-f][0-9a-f]/.part-*")

    def _file_away(self, source: Path, sha256: str) -> None:
        final = self.path(sha256)
        self._make(final.parent)
        source.replace(final)
        sync_file(final.parent)
        sync_file(self._parts)

    def _make(self, directory: Path) -> None:
        if not directory.is_dir():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_file(directory.parent)


def _files_in(directory: Path, pattern: str) -> Iterator[tuple[Path, os.stat_result]]:
    for path in list(directory.glob(pattern)):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue  # finished or dropped by another request meanwhile
        if path.is_file():
            yield path, stat
