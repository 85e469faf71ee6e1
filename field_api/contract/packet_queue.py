"""Video packets still to be sent on one line: bounded, and always decodable in the order given.

A line that falls behind is never sent old pictures for ever: the queue skips to a key frame.
Pure: packets in, packets out.
"""

from collections import deque
from collections.abc import Iterable

from field_api.contract.video_packet import VideoPacket

__all__ = ["PacketQueue"]


class PacketQueue:
    """One receiver's unsent packets."""

    def __init__(
        self, limit: int, start: Iterable[VideoPacket] = (), *, behind_at: int | None = None
    ) -> None:
        """Make a queue.

        Args:
            limit: packets that may wait.
            start: the group of pictures so far, which opens with a key frame.
            behind_at: waiting packets from which on a new key frame is skipped to; `limit` if None.
        """
        self._limit = limit
        self._behind_at = limit if behind_at is None else behind_at
        self._packets = deque(start)
        # What a receiver begins with comes at once and is no sign that its line is slow.
        self._opening = len(self._packets)
        self._need_key = not self._packets
        self.skipped = 0
        """Packets that were never taken because the line was slow or began anew."""

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, packet: VideoPacket) -> None:
        """Queue a packet, or leave it out until the next key frame."""
        if packet.keyframe:
            if len(self._packets) >= self._behind_at + self._opening:
                self._drop_all()
            self._need_key = False
        elif self._need_key:
            self.skipped += 1
            return
        elif len(self._packets) >= self._limit + self._opening:
            # What waits can't be shown in time any more, and what follows needs it: wait for the
            # next key frame.
            self._drop_all()
            self._need_key = True
            self.skipped += 1
            return
        self._packets.append(packet)

    def take(self) -> VideoPacket | None:
        """Return and forget the oldest packet."""
        packet = self._packets.popleft() if self._packets else None
        if not self._packets:
            self._opening = 0
        return packet

    @property
    def newest(self) -> VideoPacket | None:
        """The packet that came last and still waits."""
        return self._packets[-1] if self._packets else None

    def clear(self) -> None:
        """Forget everything and wait for a key frame: the source began anew."""
        self._drop_all()
        self._need_key = True

    def keep_newest_group(self) -> None:
        """Forget what comes before the newest key frame: the receiver is a new one."""
        packets = list(self._packets)
        newest = max((n for n, packet in enumerate(packets) if packet.keyframe), default=None)
        if newest is None:
            self.clear()
            return
        self.skipped += newest
        self._packets = deque(packets[newest:])

    def _drop_all(self) -> None:
        self.skipped += len(self._packets)
        self._packets.clear()
        self._opening = 0
