"""A serial port: a telemetry radio or a cable."""

import asyncio
import time

import serial
import structlog

from field_api.contract.link import Backoff, Reconnecting
from fleet.links.base import FIRST_RETRY_S, LONGEST_RETRY_S, Link, LinkWatch, Parser, Receiver
from fleet.links.stall import Stall
from fleet.links.url import LinkUrl
from fleet.roster import Address

__all__ = ["SerialLink"]

log = structlog.get_logger(__name__)

LOOK_S = 0.25
READ_BYTES = 4096


class SerialLink(Link):
    """Opens a serial port, for ever: unplugging is survived."""

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch, url: LinkUrl) -> None:
        super().__init__(name, receiver, watch)
        self._url = url
        self._port: serial.Serial | None = None
        self._written = 0
        self._ended: asyncio.Future[str] | None = None
        self._reconnecting = Reconnecting(
            Backoff(FIRST_RETRY_S, LONGEST_RETRY_S), lambda reason, _wait_s: self.unusable(reason)
        )

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._reconnecting.run(self._one_plugging)

    async def _one_plugging(self) -> str:
        try:
            # Nobody else may read or write between our frames.
            port = serial.Serial(
                str(self._url.path), self._url.baud, timeout=0, write_timeout=0, exclusive=True
            )
        except (OSError, ValueError) as error:  # SerialException is an OSError
            return str(error)
        loop = asyncio.get_running_loop()
        self._port, self._ended = port, loop.create_future()
        parser, descriptor = Parser(self, None), port.fileno()
        loop.add_reader(descriptor, lambda: self._readable(port, parser))
        self._reconnecting.succeeded()
        self.usable()
        watch = asyncio.create_task(self._watch(port))
        try:
            return await self._ended
        finally:
            self._port = None
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            loop.remove_reader(descriptor)
            port.close()

    def _end(self, why: str) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(why)

    def _readable(self, port: serial.Serial, parser: Parser) -> None:
        try:
            data = port.read(READ_BYTES)
        except OSError as error:
            self._end(str(error))
            return
        if data:
            parser.feed(data)
        else:
            self._end("unplugged")

    async def _watch(self, port: serial.Serial) -> None:
        """Empty a queue that stands still, e.g. since the radio's flow control says stop."""
        stall = Stall()
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if stall.look(self._written, port.out_waiting, time.monotonic()):
                    log.warning("link stalled; what was queued is dropped", link=self.name)
                    port.reset_output_buffer()
                    stall = Stall()
            except OSError as error:
                self._end(str(error))
                return

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send, or drop where more than a moment's bytes wait already."""
        port = self._port
        if port is None:
            return
        try:
            if port.out_waiting <= self._url.baud // 10 * STANDING_S:
                port.write(frame)
                self._written += len(frame)
        except OSError as error:
            self._end(str(error))

    def give_up(self, address: Address) -> None:
        """Empty what waits in the port's queue."""
        if self._port is not None:
            try:
                self._port.reset_output_buffer()
            except OSError as error:
                self._end(str(error))


STANDING_S = 0.5
"""How much may wait for the line, in seconds of it."""
