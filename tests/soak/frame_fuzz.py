"""Mutated frames against the receive path: links, roster, claims, vehicles, routers.

`python -m tests.soak.frame_fuzz` makes the corpus anew from the simulator; the tests read it.
"""

import asyncio
import random
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from pymavlink.generator.mavcrc import x25crc

from fleet.config import FleetConfig
from fleet.links import Receiver
from fleet.links.recording import next_frame
from fleet.links.udp import UdpLink
from fleet.mavlink import Codec, Message, dialect
from fleet.node import FleetNode
from fleet.recorder import Recorder
from fleet.roster import Address
from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from tests.sim_vehicle.peer import Peer

__all__ = ["CORPUS", "Fuzzing", "mutants", "read_corpus"]

CORPUS = Path(__file__).with_name("frames.tlog")
EACH_MOST = 3
"""Frames of a kind in the corpus."""
HEADER = 10
PEERS: list[Address] = [("127.0.0.1", 40_001), ("127.0.0.1", 40_002), ("127.0.0.1", 40_003)]
LOOK_EVERY = 500
EXTREMES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
ORDERS = (
    dialect.MAVLink_command_long_message(2, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
    dialect.MAVLink_mission_count_message(2, 1, 3),
    dialect.MAVLink_param_set_message(2, 1, b"RTL_ALT", 1500, 9),
    dialect.MAVLink_file_transfer_protocol_message(0, 2, 1, bytes(251)),
)


def read_corpus() -> list[bytes]:
    """Return the frames of the corpus and some of a ground station's."""
    ground = Codec(250, 190)
    with CORPUS.open("rb") as file:
        frames = [frame for _, frame in iter(lambda: next_frame(file), None)]
    return frames + [ground.pack(order) for order in ORDERS]


def mutants(seed: int, corpus: list[bytes]) -> Iterator[bytes]:
    """Mutate for ever; the same seed gives the same frames."""
    draw = random.Random(seed)
    while True:
        frame = bytearray(draw.choice(corpus))
        for _ in range(draw.choice((1, 1, 2, 4, 8))):
            at = draw.randrange(HEADER, max(HEADER + 1, len(frame) - 2))
            match draw.randrange(6):
                case 0:
                    frame[at] = draw.randrange(256)
                case 1:
                    # A whole number or float at its limits.
                    fill = draw.choice(EXTREMES)
                    for index in range(at, min(at + draw.choice((2, 4, 8)), len(frame) - 2)):
                        frame[index] = fill
                case 2:
                    frame[draw.choice((4, 5, 6))] = draw.randrange(256)  # sequence or source
                case 3:
                    frame[7] = draw.randrange(256)  # another kind of message
                case 4:
                    special = draw.choice((float("nan"), float("inf"), -1e38, 1e-45))
                    if at + 4 <= len(frame) - 2:
                        frame[at : at + 4] = struct.pack("<f", special)
                case _:
                    frame[at] ^= 1 << draw.randrange(8)
        kind = draw.randrange(20)
        if kind == 0:
            del frame[draw.randrange(len(frame)) :]
        elif kind == 1:
            frame += draw.randbytes(draw.randrange(40))
        elif kind == 2:
            frame[draw.randrange(len(frame))] ^= draw.randrange(1, 256)  # wrong check sum
        else:
            _seal(frame)
        yield bytes(frame)


def _seal(frame: bytearray) -> None:
    """Make the check sum right, so that the values get through."""
    size = HEADER + frame[1]
    if frame[0] != 0xFD or len(frame) < size + 2:
        return
    known = dialect.mavlink_map.get(int.from_bytes(frame[7:10], "little"))
    crc = x25crc(bytes(frame[1:size]))
    crc.accumulate(struct.pack("B", known.crc_extra if known else 0))
    frame[size : size + 2] = struct.pack("<H", crc.crc)


class Fuzzing:
    """A node that is fed bytes as its sockets would."""

    def __init__(self, folder: Path) -> None:
        config = FleetConfig.model_validate(
            {
                "node_id": "fuzz",
                "server_url": "http://127.0.0.1:9",
                "data_dir": str(folder),
                "links": [
                    {"id": "radio", "url": "udpin:127.0.0.1:14550"},
                    {"id": "mobile", "url": "udpin:127.0.0.1:14551"},
                ],
                "vehicles": [
                    {"vehicle_id": "XS-U2", "links": ["radio", "mobile"], "sysid": 2},
                    {"vehicle_id": "XS-U3", "link": "mobile", "sysid": 3},
                ],
                "endpoints": False,
                "routers": [{"id": "site", "url": "udpin:127.0.0.1:14552", "commanding": True}],
            }
        )
        self.node = FleetNode(config, "token")
        self.raised: Counter[str] = Counter()
        self.believed = 0
        self._links = [link for link in self.node._links.values() if isinstance(link, UdpLink)]  # pyright: ignore[reportPrivateUsage]
        for link in self._links:
            link.receiver = self._watched(link.receiver)
        sharing = self.node._sharing  # pyright: ignore[reportPrivateUsage]
        router = sharing._sites[0][2]._link  # pyright: ignore[reportPrivateUsage]
        assert isinstance(router, UdpLink)
        router.receiver = self._watched(router.receiver)
        self._links.append(router)
        self._fed = 0

    def _watched(self, receiver: Receiver) -> Receiver:
        def call(name: str, address: Address, message: Message) -> None:
            self.believed += 1
            try:
                receiver(name, address, message)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                self.raised[f"{message.get_type()}: {error!r}"] += 1

        return call

    def feed(self, data: bytes) -> None:
        """Hand bytes to one of the links; nothing may come out of it."""
        self._fed += 1
        link = self._links[self._fed % len(self._links)]
        peer = PEERS[self._fed // 7 % len(PEERS)]
        assert peer is not None
        link.datagram_received(data, peer)
        if self._fed % LOOK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Do what the node does besides: ways, machines, snapshots."""
        node = self.node
        now_s = time.monotonic()
        for vehicle_id, aircraft in node._aircraft.items():  # pyright: ignore[reportPrivateUsage]
            node._look_at_ways(vehicle_id, aircraft, now_s)  # pyright: ignore[reportPrivateUsage]
            aircraft.vehicle.tick(now_s)
            state = node.state(vehicle_id)
            assert state is not None
            state.model_dump_json()

    def still_hears(self) -> bool:
        """Whether a good frame gets through on every link, also after the garbage before it."""
        good = Codec(9, 1).pack(dialect.MAVLink_heartbeat_message(2, 3, 81, 3, 4, 3))
        for link in self._links:
            before = self.believed
            for _ in range(20):
                link.datagram_received(good, ("127.0.0.1", 40_001))
            if self.believed == before:
                return False
        return True


async def fuzz(count: int, seed: int) -> Fuzzing:
    """Feed `count` mutated frames to a node, without disk and without a command post."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(Recorder, "write"),
    ):
        fuzzing = Fuzzing(Path(folder))
        client = fuzzing.node.client
        with mock.patch.object(client, "send_durable"):
            corpus = read_corpus()
            for frame in corpus:
                fuzzing.feed(frame)
            for frame, _ in zip(mutants(seed, corpus), range(count), strict=False):
                fuzzing.feed(frame)
            heard = fuzzing.still_hears()
        assert heard
        client.close()
    return fuzzing


async def _make() -> None:
    """Fly nothing, ask everything: the frames of one simulated vehicle."""
    group = VehicleGroup([VehicleConfig(2, 24.9478, 102.6108, 1900.0, tcp_port=0)], speedup=10)
    async with vehicle_group(group):
        peer = Peer(2)
        await peer.connect(group.tcp_ports[0])
        await peer.ready()
        for message_id in dialect.mavlink_map:
            peer.send(
                dialect.MAVLink_command_long_message(
                    2, 1, dialect.MAV_CMD_REQUEST_MESSAGE, 0, message_id, 0, 0, 0, 0, 0, 0
                )
            )
        await peer.set_parameter("RTL_ALT", 2000)
        item = dialect.MAVLink_mission_item_int_message
        await peer.upload(
            [item(2, 1, n, 3, 16, 0, 1, 0, 0, 0, 0, 249478000, 1026108000, 20) for n in range(3)]
        )
        await peer.download()
        await peer.until(lambda: len(peer.messages) > 3_000)
        await peer.close()
    kept: Counter[str] = Counter()
    with CORPUS.open("wb") as file:
        for number, message in enumerate(peer.messages):
            kind = message.get_type()
            if kept[kind] < EACH_MOST and message.get_msgbuf()[0] == 0xFD:
                kept[kind] += 1
                file.write(struct.pack(">Q", 1_795_000_000_000_000 + number * 1000))
                file.write(bytes(message.get_msgbuf()))
    print(f"{sum(kept.values())} frames of {len(kept)} kinds")


if __name__ == "__main__":
    asyncio.run(_make())
