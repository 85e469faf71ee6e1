"""Cuts a stream of packets into files by the minute and fragments of half a second.

Pure: packets in, pieces of files out. A file begins at a key frame, and a new one where the minute
of the capture time changes, the format changes, pictures are missing for longer than a moment, or
the camera's clock and the capture times part.
"""

from dataclasses import dataclass
from itertools import pairwise

from field_api.contract.fmp4 import (
    ParameterSets,
    Sample,
    fragment,
    init_segment,
    parameter_sets,
)
from field_api.contract.video_packet import VideoPacket

__all__ = ["Begin", "End", "FootageCutter", "Piece", "Step"]

FRAGMENT_90K = 45_000
"""At most this much is in memory only: a killed process loses no more, and the picture to come."""
GAP_90K = 180_000
"""Without a picture for longer there is a gap, which the files' times tell."""
REORDER_90K = 90_000
"""A picture may be shown so much before the one that came before it; by more, the clock jumped."""
PARTED_MS = 1000
"""So far capture times may part from the camera's clock within a file: a fragment says its own."""
MOST_FILE_MS = 300_000
"""A camera without key frames ends its file here; the next one waits for a key frame."""
USUAL_90K = 3600
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Begin:
    """A file begins."""

    t_ms: int
    """Capture time of its first picture."""
    pts_90k: int
    """The camera's time stamp of that picture: 0 of the file."""
    width: int
    height: int
    codec: str
    head: bytes
    """Its initialisation segment."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The next fragment of the file."""

    data: bytes
    end_ms: int
    """Capture time up to which there are pictures now."""
    pictures: int


@dataclass(frozen=True, slots=True)
class End:
    """The file is whole."""


Step = Begin | Piece | End


class FootageCutter:
    """One stream's recording. Not thread-safe."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._sets: ParameterSets | None = None
        self._file: Begin | None = None
        self._held: list[VideoPacket] = []
        self._previous: VideoPacket | None = None
        self._decode_90k = 0
        self._sequence = 0
        self._reordered = False
        self._usual_90k = USUAL_90K

    def format(self, width: int, height: int) -> list[Step]:
        """Take what the publisher says of its pictures, when it begins and begins anew."""
        steps = self.end()
        self._size = (width, height)
        self._sets = None
        self._reordered = False
        return steps

    def take(self, packet: VideoPacket) -> list[Step]:
        """Take the next packet in decoding order."""
        steps: list[Step] = []
        if self._file is not None and self._must_end(packet):
            steps = self.end()
        if packet.keyframe:
            sets = parameter_sets(bytes(packet.access_unit)) or self._sets
            if self._file is not None and sets != self._sets:
                steps += self.end()
            elif self._held:
                steps.append(self._piece(packet))
            self._sets = sets
        elif self._held and self._is_enough(packet):
            steps.append(self._piece(packet))
        if self._file is None:
            if not packet.keyframe or self._sets is None or 0 in self._size:
                return steps
            steps.append(self._begin(packet, self._sets))
        self._held.append(packet)
        self._previous = packet
        return steps

    def end(self) -> list[Step]:
        """End the file, if there is one: the stream ended, or is silent."""
        if self._file is None:
            return []
        steps: list[Step] = [self._piece(None)] if self._held else []
        self._file = self._previous = None
        return [*steps, End()]

    def _must_end(self, packet: VideoPacket) -> bool:
        file, previous = self._file, self._previous
        assert file is not None
        assert previous is not None
        step_90k = packet.pts_90k - previous.pts_90k
        if not -REORDER_90K < step_90k <= GAP_90K or (step_90k < 0 and packet.keyframe):
            return True
        if step_90k < 0:
            self._reordered = True
        since_ms = packet.t_ms - file.t_ms
        if abs(since_ms - (packet.pts_90k - file.pts_90k) / 90) > PARTED_MS:
            return True
        if packet.keyframe:
            return packet.t_ms // MINUTE_MS != file.t_ms // MINUTE_MS
        return since_ms >= MOST_FILE_MS

    def _is_enough(self, packet: VideoPacket) -> bool:
        # Where pictures are shown in another order than they come, only a key frame parts them.
        return not self._reordered and packet.pts_90k - self._held[0].pts_90k >= FRAGMENT_90K

    def _begin(self, packet: VideoPacket, sets: ParameterSets) -> Begin:
        self._decode_90k = self._sequence = 0
        width, height = self._size
        self._file = Begin(
            t_ms=packet.t_ms,
            pts_90k=packet.pts_90k,
            width=width,
            height=height,
            codec=f"avc1.{sets.sps[1:4].hex()}",
            head=init_segment(*sets, width, height),
        )
        return self._file

    def _piece(self, following: VideoPacket | None) -> Piece:
        """Write what is held; `following` says how long its last picture is shown."""
        assert self._file is not None
        held, self._held = self._held, []
        shown = [packet.pts_90k - self._file.pts_90k for packet in held]
        decoded = sorted(shown)
        # Leading pictures of an open group are shown before others that came already: they are
        # decoded after them, and keep their times.
        decoded = [max(self._decode_90k, when) for when in decoded]
        steps = [after - before for before, after in pairwise(decoded)]
        last_90k = steps[-1] if steps else self._usual_90k
        if following is not None:
            until_90k = max(0, following.pts_90k - self._file.pts_90k - decoded[-1])
            last_90k = min(last_90k, until_90k) if self._reordered else until_90k
        steps.append(last_90k)
        self._usual_90k = last_90k or USUAL_90K
        self._decode_90k = decoded[-1] + last_90k
        self._sequence += 1
        data = fragment(
            self._sequence,
            decoded[0],
            [
                Sample(bytes(packet.access_unit), max(0, step), packet.keyframe, pts - dts)
                for packet, step, pts, dts in zip(held, steps, shown, decoded, strict=True)
            ],
            capture_ms=held[0].t_ms,
        )
        last = max(held, key=lambda packet: packet.pts_90k)
        return Piece(data, last.t_ms + round(self._usual_90k / 90), len(held))
