"""Reads files of footage as they are on disk, also those that are being written."""

import contextlib
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from field_api.contract.fmp4 import (
    Fragment,
    Sample,
    StoredPicture,
    as_annex_b,
    fragment,
    fragments,
    whole_end,
)
from field_api.features.footage.beside import Beside, read_beside
from field_api.features.footage.folder import beside_of

__all__ = ["FootageBytes", "beside_bytes", "read_footage"]


@dataclass(frozen=True)
class FootageBytes:
    """A file's bytes up to its last whole fragment, and where its pictures lie."""

    data: bytes
    began_ms: int
    fragments: tuple[Fragment, ...]

    @property
    def head(self) -> bytes:
        """The initialisation segment."""
        return self.data[: self.fragments[0].start] if self.fragments else self.data

    @property
    def ended_ms(self) -> int:
        """Up to which it has pictures."""
        if not self.fragments:
            return self.began_ms
        last = self.fragments[-1]
        shown = max(one.pts_90k + one.duration_90k for one in last.pictures)
        return self._start_ms(last) + (shown - last.pictures[0].pts_90k) // 90

    def capture_ms(self, pts_90k: int) -> int:
        """Return when the picture of a time of the file was taken.

        Every fragment says its own, so a file follows a camera's clock that drifts.
        """
        at = bisect_right(self.fragments, pts_90k, key=lambda one: one.pictures[0].pts_90k)
        one = self.fragments[max(0, at - 1)]
        return self._start_ms(one) + (pts_90k - one.pictures[0].pts_90k) // 90

    def up_to(self, t_ms: int) -> tuple[bytes, int, int] | None:
        """Return what must be decoded for the picture shown at a moment.

        That is a file from the key frame before it on, as which of its pictures in the order of
        showing it comes, from 0, and its time in this file. None where the file has no picture
        taken then or before.
        """
        pictures = [one for piece in self.fragments for one in piece.pictures]
        before = [one for one in pictures if self.capture_ms(one.pts_90k) <= t_ms]
        if not before:
            return None
        wanted = max(before, key=lambda one: one.pts_90k)
        begin = end = 0
        for number, piece in enumerate(self.fragments):
            if piece.keyframe and piece.pictures[0].decode_time_90k <= wanted.decode_time_90k:
                begin = number
            if wanted in piece.pictures:
                end = number
        part = self.fragments[begin : end + 1]
        stop = part[-1].start + part[-1].size
        earlier = sum(one.pts_90k < wanted.pts_90k for piece in part for one in piece.pictures)
        return self.head + self.data[part[0].start : stop], earlier, wanted.pts_90k

    def keys(self) -> bytes:
        """Return the same with key frames only, each shown until the next one.

        That is what fast motion needs: a sixteenfold minute is decoded by any machine.
        """
        keys: list[tuple[Fragment, StoredPicture]] = []
        for piece in self.fragments:
            keys += [(piece, one) for one in piece.pictures if one.keyframe]
        if not keys:
            return self.head
        last = self.fragments[-1].pictures[-1]
        ends = [one.pts_90k for _, one in keys[1:]] + [last.pts_90k + last.duration_90k]
        return self.head + b"".join(
            fragment(
                number,
                one.pts_90k,
                [
                    Sample(
                        as_annex_b(self.data[one.start : one.start + one.size]),
                        max(1, end - one.pts_90k),
                        keyframe=True,
                    )
                ],
                capture_ms=self.capture_ms(one.pts_90k),
            )
            for number, ((_, one), end) in enumerate(zip(keys, ends, strict=True), 1)
        )

    def _start_ms(self, piece: Fragment) -> int:
        said = piece.capture_ms
        return said if said is not None else self.began_ms + piece.pictures[0].pts_90k // 90


def read_footage(path: Path, began_ms: int) -> FootageBytes:
    """Read a file.

    Raises:
        OSError: it isn't there.
        FragmentError: it is none of ours.
    """
    data = path.read_bytes()
    data = data[: whole_end(data)]
    return FootageBytes(data, began_ms, tuple(fragments(data)))


def beside_bytes(path: Path) -> Beside:
    """Read what belongs to a file's pictures; nothing, where nothing lies beside it."""
    with contextlib.suppress(FileNotFoundError):
        return read_beside(beside_of(path).read_bytes())
    return Beside(None, [], [])
