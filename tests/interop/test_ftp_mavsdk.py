"""MAVSDK's own FTP server, an implementation that shares nothing with ours, is read whole."""

import asyncio
import random
from pathlib import Path
from typing import cast

import pytest

from fleet.mavlink import Codec, Message, dialect
from fleet.protocol.ftp import FtpDone, FtpEntries, FtpEntry, FtpEvent, FtpFailed, FtpList, FtpRead

mavsdk = pytest.importorskip("mavsdk.asyncio")
server = pytest.importorskip("mavsdk.asyncio.plugins.ftp_server")

pytestmark = [pytest.mark.serial, pytest.mark.timeout(60)]
SYSTEM, COMPONENT = 1, 1
POLL_S = 0.02


class Wire(asyncio.DatagramProtocol):
    """Our end of the link; whoever speaks first is the vehicle."""

    def __init__(self) -> None:
        self.codec = Codec()
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.peer: tuple[str, int] | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peer = addr
        for message in self.codec.parse(data):
            self.messages.put_nowait(message)

    def send(self, message: Message) -> None:
        assert self.transport is not None
        if self.peer is not None:
            self.transport.sendto(self.codec.pack(message), self.peer)


async def ended(wire: Wire, machine: FtpList | FtpRead) -> FtpEvent:
    """Run a machine to its end."""
    clock = asyncio.get_running_loop().time
    while True:
        out, events = machine.poll(clock())
        try:
            async with asyncio.timeout(POLL_S):
                message = await wire.messages.get()
            more, later = machine.receive(message, clock())
            out, events = [*out, *more], [*events, *later]
        except TimeoutError:
            pass
        for each in out:
            wire.send(each)
        if events:
            return events[0]


async def test_files_that_mavsdk_serves_are_listed_and_read_whole(tmp_path: Path) -> None:
    logs = tmp_path / "root" / "logs"
    logs.mkdir(parents=True)
    content = random.Random(5).randbytes(30_000)
    (logs / "flight.bin").write_bytes(content)
    (logs / "empty.txt").write_bytes(b"")
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_datagram_endpoint(Wire, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    vehicle = mavsdk.Mavsdk(
        mavsdk.Configuration.create_with_component_type(mavsdk.ComponentType.AUTOPILOT)
    )
    try:
        await vehicle.add_any_connection(f"udpout://127.0.0.1:{port}")
        component = await vehicle.server_component()
        files = server.FtpServerAsync(component)
        await files.set_root_dir(str(tmp_path / "root"))
        async with asyncio.timeout(20):
            while (await wire.messages.get()).get_type() != "HEARTBEAT":
                pass
        wire.send(
            dialect.MAVLink_heartbeat_message(
                dialect.MAV_TYPE_GCS, dialect.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3
            )
        )
        listing = await ended(wire, FtpList(SYSTEM, COMPONENT, "/logs"))
        assert isinstance(listing, FtpEntries), listing
        found = set(listing.entries)
        assert found == {FtpEntry("flight.bin", 30_000), FtpEntry("empty.txt", 0)}
        read = await ended(wire, FtpRead(SYSTEM, COMPONENT, "/logs/flight.bin"))
        assert read == FtpDone(content, checked=True)
        missing = await ended(wire, FtpRead(SYSTEM, COMPONENT, "/logs/none.bin"))
        assert isinstance(missing, FtpFailed)
        assert missing.code == "refused"
    finally:
        vehicle.destroy()
        transport.close()
