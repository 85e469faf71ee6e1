"""A flight log played as a link: what was heard then is heard again, nothing can be sent."""

import asyncio
import struct
import time
from typing import BinaryIO

import structlog

from fleet.links.base import LONGEST_RETRY_S, Link, LinkWatch, Parser, Receiver
from fleet.links.url import LinkUrl
from fleet.mavlink import GCS_SYSTEM
from fleet.roster import Address

__all__ = ["RecordingLink", "next_frame"]

log = structlog.get_logger(__name__)

STARTS = {0xFD: 12, 0xFE: 8}
"""First byte of a frame: bytes of it besides its payload."""
SIGNED, SIGNATURE_BYTES = 0x01, 13
GAP_MOST_S = 600.0
"""A longer silence in the log, or one that goes back, is passed over."""


def next_frame(file: BinaryIO) -> tuple[int, bytes] | None:
    """Read one record: microseconds since 1970 and the frame; None at the end.

    What is damaged is passed over to the next byte that may begin a frame.
    """
    head = file.read(8)
    while len(head) == 8:
        first = file.read(1)
        if not first:
            return None
        if first[0] not in STARTS:
            head = head[1:] + first
            continue
        rest = file.read(2)
        if len(rest) < 2:
            return None
        size = STARTS[first[0]] + rest[0] - 3
        if first[0] == 0xFD and rest[1] & SIGNED:
            size += SIGNATURE_BYTES
        frame = first + rest + file.read(size)
        return int(struct.unpack(">Q", head)[0]), frame
    return None


class RecordingLink(Link):
    """Plays a .tlog in its own time."""

    sends = False

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch, url: LinkUrl) -> None:
        super().__init__(name, receiver, watch)
        self._url = url

    async def run(self) -> None:
        """Play once, then be silent; a file that can't be read is tried again."""
        while True:
            try:
                with self._url.path.open("rb") as file:
                    self.usable()
                    await self._play(file)
                self.unusable("the recording is over")
                await asyncio.get_running_loop().create_future()
            except OSError as error:
                self.unusable(str(error))
            await asyncio.sleep(LONGEST_RETRY_S)

    async def _play(self, file: BinaryIO) -> None:
        parser = Parser(self, None)
        last_us, due_s = None, time.monotonic()
        while (record := next_frame(file)) is not None:
            t_us, frame = record
            if last_us is not None and 0 < t_us - last_us <= GAP_MOST_S * 1e6:
                due_s += (t_us - last_us) / 1e6 / self._url.speed
            last_us = t_us
            if (wait_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            source = frame[5] if frame[0] == 0xFD else frame[3]
            if source != GCS_SYSTEM:  # What the ground said then is not heard from a vehicle.
                parser.feed(frame)

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Nothing is sent into a recording."""
