"""MAVLink endpoints for other programs: one TCP port per aircraft.

dronekit, MAVProxy or MAVSDK connect to the port of one aircraft and see that one alone. Frames are
forwarded as they are, never re-packed (https://mavlink.io/en/guide/routing.html): what the aircraft
says goes to every client; what a client sends goes to the aircraft when it is addressed to it or to
all. SETUP_SIGNING carries a key and is never forwarded. A read-only endpoint forwards nothing to
the aircraft.
"""

import asyncio
from collections.abc import Callable

import structlog

from fleet.mavlink import Codec, Message

__all__ = ["Endpoint", "may_forward"]

log = structlog.get_logger(__name__)

MAX_CLIENTS = 8
MAX_BACKLOG_BYTES = 256 * 1024
SETUP_SIGNING = 256
PORT_RETRY_S = 5.0


def may_forward(message: Message, system: int) -> bool:
    """Whether a client's message is for the aircraft with this system id."""
    if message.get_msgId() == SETUP_SIGNING or message.get_srcSystem() == system:
        return False
    return getattr(message, "target_system", 0) in (0, system)


class Endpoint:
    """The TCP port of one aircraft."""

    def __init__(
        self,
        vehicle_id: str,
        system: int,
        host: str,
        port: int,
        to_vehicle: Callable[[Message], None],
        unusable: Callable[[str], None],
        read_only: bool = True,
    ) -> None:
        self.vehicle_id = vehicle_id
        self.port = port
        self._system = system
        self._host = host
        self._to_vehicle = to_vehicle
        self._read_only = read_only
        self._unusable = unusable
        self._told = False
        self._clients: set[asyncio.StreamWriter] = set()

    async def run(self) -> None:
        """Serve until cancelled; a port that somebody else has is tried again and again.

        The aircraft flies without its endpoint, so a taken port ends nothing.
        """
        while True:
            try:
                server = await asyncio.start_server(self._serve, self._host, self.port)
            except OSError as error:
                if not self._told:
                    self._told = True
                    self._unusable(str(error))
                await asyncio.sleep(PORT_RETRY_S)
                continue
            self._told = False
            async with server:
                await server.serve_forever()

    def from_vehicle(self, frame: bytes) -> None:
        """Pass a frame of the aircraft to every client; a client that does not read is dropped."""
        for writer in list(self._clients):
            if writer.transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
                log.warning("slow client dropped", vehicle_id=self.vehicle_id)
                self._clients.discard(writer)
                writer.transport.abort()
            else:
                writer.write(frame)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            writer.close()
            return
        self._clients.add(writer)
        log.info("client connected", vehicle_id=self.vehicle_id, clients=len(self._clients))
        parser = Codec()
        try:
            while data := await reader.read(65_536):
                for message in parser.parse(data):
                    if not self._read_only and may_forward(message, self._system):
                        self._to_vehicle(message)
        except ConnectionError as error:
            log.debug("client gone", vehicle_id=self.vehicle_id, error=str(error))
        finally:
            self._clients.discard(writer)
            writer.close()
