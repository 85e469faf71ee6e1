"""What a bad radio does to MAVLink, decided without I/O: whole frames lost, held, or cut off."""

import random
from dataclasses import dataclass

__all__ = ["FaultyLink", "LinkFaults"]

_STARTS = {0xFE: 8, 0xFD: 12}
"""First byte of a MAVLink 1 and 2 frame, and what it has besides its payload."""
_SIGNED = 0x01
_SIGNATURE_BYTES = 13


@dataclass(slots=True)
class LinkFaults:
    """How bad a link is now; change it while it runs."""

    loss: float = 0.0
    """Share of the frames that never arrive, 0..1, each way."""
    duplicates: float = 0.0
    """Share of the frames that arrive twice."""
    stalled: bool = False
    """Nothing gets through, and nothing is forgotten: all of it arrives at once afterwards."""


class FaultyLink:
    """One direction of a link: bytes in, what gets through out."""

    def __init__(self, faults: LinkFaults, seed: int) -> None:
        self._faults = faults
        self._random = random.Random(seed)
        self._rest = b""
        self._held: list[bytes] = []
        self.lost = 0
        """Frames that never arrived."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes; what arrives of them now, and of what was held if the stall is over."""
        frames, self._rest = _split(self._rest + data)
        for frame in frames:
            if self._random.random() < self._faults.loss:
                self.lost += 1
                continue
            self._held.append(frame)
            if self._random.random() < self._faults.duplicates:
                self._held.append(frame)
        return self.release()

    def release(self) -> bytes:
        """What was held, unless the link is stalled."""
        if self._faults.stalled:
            return b""
        out = b"".join(self._held)
        self._held.clear()
        return out


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole frames (and the text or noise between them) and the beginning of the next."""
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        overhead = _STARTS.get(data[at])
        if overhead is None:
            end = at + 1
            while end < len(data) and data[end] not in _STARTS:
                end += 1
        else:
            if len(data) - at < 3:
                break
            signed = data[at] == 0xFD and data[at + 2] & _SIGNED
            end = at + overhead + data[at + 1] + (_SIGNATURE_BYTES if signed else 0)
            if end > len(data):
                break
        parts.append(data[at:end])
        at = end
    return parts, data[at:]
