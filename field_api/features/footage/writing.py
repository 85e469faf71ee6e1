"""Writes one file of footage and what lies beside it: a fragment a write, whole or not there.

Blocking; used from a recorder's own thread.
"""

import fcntl
import hashlib
import os
from pathlib import Path

from field_api.contract.messages import FrameBoxes
from field_api.features.footage.beside import FileFacts, Moment, write_line
from field_api.features.footage.cutting import Begin, Piece
from field_api.features.footage.folder import beside_of, make_place, place_of

__all__ = ["FileWriter"]


class FileWriter:
    """One open file; `close` it."""

    def __init__(self, root: Path, facts: FileFacts, begin: Begin) -> None:
        """Make the file and begin it.

        Raises:
            OSError: the disk doesn't take it.
        """
        self.facts = facts
        self.place = place_of(facts.stream_id, facts.id, facts.began_ms)
        self.ended_ms = facts.began_ms
        self.size_bytes = 0
        self.beside_bytes = 0
        self.pictures = 0
        self._hash = hashlib.sha256()
        path = make_place(root, self.place)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._handle = os.open(path, flags, 0o600)
        self._beside = -1
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            self._beside = os.open(beside_of(path), flags, 0o600)
            self._append(begin.head)
            self.tell(facts)
        except OSError:
            self.abandon()
            raise

    def add(self, piece: Piece) -> None:
        """Append a fragment.

        Raises:
            OSError: the disk doesn't take it; of what it took of it nothing stays.
        """
        self._append(piece.data)
        self.ended_ms, self.pictures = piece.end_ms, self.pictures + piece.pictures

    def tell(self, value: FileFacts | FrameBoxes | Moment) -> None:
        """Append what belongs to the pictures.

        Raises:
            OSError: the disk doesn't take it.
        """
        line = write_line(value)
        _write_all(self._beside, line)
        self.beside_bytes += len(line)

    def close(self) -> str:
        """Put the file on the disk for good and return its SHA-256.

        Raises:
            OSError: the disk fails; the file is closed nevertheless.
        """
        try:
            os.fsync(self._handle)
            os.fsync(self._beside)
            return self._hash.hexdigest()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without a word, as a killed process would."""
        os.close(self._handle)
        if self._beside >= 0:
            os.close(self._beside)

    def _append(self, data: bytes) -> None:
        try:
            _write_all(self._handle, data)
        except OSError:
            os.ftruncate(self._handle, self.size_bytes)
            raise
        self._hash.update(data)
        self.size_bytes += len(data)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
