"""What one viewer has still to be sent: bounded, and skipping to a key frame when it falls behind.

Pure: packets in, packets out.
"""

from collections import deque
from collections.abc import Iterable

from field_api.video.packet import VideoPacket

__all__ = ["ViewerQueue"]


class ViewerQueue:
    """One viewer's unsent packets, always decodable in the order given."""

    def __init__(self, limit: int, start: Iterable[VideoPacket] = ()) -> None:
        """Begin with `start`, the group of pictures so far, which opens with a key frame."""
        self._limit = limit
        self._packets = deque(start)
        self._need_key = not self._packets
        self.skipped = 0
        """Packets this viewer was not sent."""

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, packet: VideoPacket) -> None:
        """Queue a packet, or leave it out until the next key frame."""
        if packet.keyframe:
            if len(self._packets) >= self._limit:
                self._drop_all()
            self._need_key = False
        elif self._need_key:
            self.skipped += 1
            return
        elif len(self._packets) >= self._limit:
            # What waits can't be shown in time any more, and what follows needs it: wait for the
            # next key frame.
            self._drop_all()
            self._need_key = True
            self.skipped += 1
            return
        self._packets.append(packet)

    def restart(self) -> None:
        """Forget everything and wait for a key frame: the source began anew."""
        self._drop_all()
        self._need_key = True

    def take(self) -> VideoPacket | None:
        """Return and forget the oldest packet."""
        return self._packets.popleft() if self._packets else None

    def _drop_all(self) -> None:
        self.skipped += len(self._packets)
        self._packets.clear()
