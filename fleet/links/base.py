"""What every link is."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from fleet.links.stall import STALL_S
from fleet.links.statistics import LinkStatistics
from fleet.mavlink import Codec, Message
from fleet.roster import Address

__all__ = ["Link", "LinkWatch", "Parser", "Receiver"]

log = structlog.get_logger(__name__)

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 2.0
MAX_PEERS = 256

Receiver = Callable[[str, Address, Message], None]
"""Called with link name, peer and message."""


def _nothing(_name: str, _why: str) -> None:
    pass


def _nobody(_name: str, _address: Address) -> None:
    pass


@dataclass(frozen=True, slots=True)
class LinkWatch:
    """Whom a link tells of itself."""

    unusable: Callable[[str, str], None] = _nothing
    """Called with link name and reason, once until it can be used again."""
    joined: Callable[[str, Address], None] = _nobody
    """Called with link name and peer when a connection begins; a datagram has none."""
    gone: Callable[[str, Address], None] = _nobody
    """And when it ends."""


class Parser:
    """One peer's byte stream."""

    def __init__(self, link: "Link", address: Address) -> None:
        self._link = link
        self._address = address
        self._codec = Codec()

    def feed(self, data: bytes) -> None:
        """Take bytes; whole messages go to the receiver. Raises nothing, whatever the bytes are."""
        link, now_s = self._link, time.monotonic()
        link.statistics.received(len(data), now_s)
        codec = self._codec
        bad, bad_bytes = codec.bad_data, codec.bad_bytes
        for message in codec.parse(data):
            link.statistics.frame(message, now_s)
            try:
                link.receiver(link.name, self._address, message)
            except Exception:
                # One message must not silence all aircraft of a link.
                log.exception("message dropped", link=link.name, type=message.get_type())
        if codec.bad_data > bad:
            link.statistics.garbage_met(codec.bad_data - bad, codec.bad_bytes - bad_bytes, now_s)


class Link(ABC):
    """A way to one or more vehicles."""

    sends = True
    """Whether anything can be sent on it: not into a recording."""
    greets = False
    """Whether the other side has to hear us before it can speak to us."""

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch) -> None:
        self.name = name
        self.receiver = receiver
        self.statistics = LinkStatistics()
        self.up = False
        """Whether it is open now."""
        self.watch = watch
        self.patience_s = STALL_S
        """How long bytes may wait for a peer that takes none."""
        self._told = False
        self._codec = Codec()

    @abstractmethod
    async def run(self) -> None:
        """Receive until cancelled."""

    @abstractmethod
    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send a ready frame; what can't be sent now is dropped, the protocols send again."""

    def give_up(self, address: Address) -> None:  # noqa: B027 - nothing waits where datagrams go
        """Drop what was sent to a silent peer and has not arrived: it would be old when it does."""

    def send(self, message: Message, address: Address) -> bytes:
        """Pack and send a message; return the frame."""
        frame = self._codec.pack(message)
        self.send_frame(frame, address)
        return frame

    def usable(self) -> None:
        """Note that it is open."""
        self.up, self._told = True, False

    def unusable(self, why: str) -> None:
        """Note that it can't be used; told once."""
        self.up = False
        log.info("link can't be used", link=self.name, reason=why)
        if not self._told:
            self._told = True
            self.watch.unusable(self.name, why)

    async def run_for_ever(self) -> None:
        """Run; one link's failure, of whatever kind, ends neither the node nor the link."""
        while True:
            try:
                await self.run()
                return
            except Exception as error:
                log.exception("link failed", link=self.name)
                self.unusable(repr(error))
            await asyncio.sleep(LONGEST_RETRY_S)
