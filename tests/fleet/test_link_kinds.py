"""Every kind of link hears and sends, survives what happens to it, and never ends the node."""

import asyncio
import contextlib
import os
import pty
import socket
import struct
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from fleet.links import Link, LinkStatistics, LinkWatch, open_link, parse_link_url
from fleet.links.recording import next_frame
from fleet.links.statistics import FLOOD_BYTES
from fleet.mavlink import Codec, Message, dialect
from fleet.roster import Address
from tests.fleet.flight_line import FCP, free_port
from tests.fleet.udp_site import Device, Site, udp_site, until

BEAT = dialect.MAVLink_heartbeat_message(2, 3, 81, 3, 4, 3)
ORDER = dialect.MAVLink_command_long_message(2, 1, 176, 0, 1, 3, 0, 0, 0, 0, 0)


class Heard:
    """What a link hands over."""

    def __init__(self, url: str) -> None:
        self.messages: asyncio.Queue[tuple[Address, Message]] = asyncio.Queue()
        self.unusable: asyncio.Queue[str] = asyncio.Queue()
        self.link: Link = open_link(
            "way",
            url,
            lambda _name, address, message: self.messages.put_nowait((address, message)),
            LinkWatch(lambda _name, why: self.unusable.put_nowait(why)),
        )

    async def next(self) -> tuple[Address, Message]:
        """The next message; it comes within a limit."""
        async with asyncio.timeout(20):
            return await self.messages.get()

    async def told(self) -> str:
        """Why the link can't be used."""
        async with asyncio.timeout(20):
            return await self.unusable.get()


@contextlib.asynccontextmanager
async def running(url: str) -> AsyncGenerator[Heard]:
    heard = Heard(url)
    work = asyncio.create_task(heard.link.run_for_ever())
    try:
        yield heard
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


@pytest.mark.parametrize(
    "url",
    [
        "udp:1.2.3.4:5",
        "udpin:127.0.0.1:70000",
        "serial:ttyUSB0:57600",
        "serial:/dev/ttyUSB0",
        "tlog:",
        "tlog:a.tlog?speed=0",
        "tcpin:127.0.0.1",
    ],
)
def test_what_is_no_link_is_refused_with_what_is(url: str) -> None:
    with pytest.raises(ValueError, match="allowed are udpin:HOST:PORT"):
        parse_link_url(url)


async def test_udpout_speaks_first_and_hears_only_its_peer() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.setblocking(False)
        port = peer.getsockname()[1]
        async with running(f"udpout:127.0.0.1:{port}") as heard, asyncio.timeout(20):
            await until(lambda: heard.link.up)
            heard.link.send(ORDER, None)
            data, ours = await loop.sock_recvfrom(peer, 1000)
            assert Codec().parse(data)[0].get_type() == "COMMAND_LONG"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(Codec(3, 1).pack(BEAT), ours)
            peer.sendto(Codec(2, 1).pack(BEAT), ours)
            address, message = await heard.next()
            assert (address, message.get_srcSystem()) == (None, 2)


async def test_tcpin_gives_every_client_its_own_parser_and_address() -> None:
    port = free_port()
    async with running(f"tcpin:127.0.0.1:{port}") as heard, asyncio.timeout(30):
        await until(lambda: heard.link.up)
        clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        frames = [Codec(system, 1).pack(BEAT) for system in (2, 3)]
        # Halves, interleaved.
        for half in (slice(0, 9), slice(9, None)):
            for (_, writer), frame in zip(clients, frames, strict=True):
                writer.write(frame[half])
                await writer.drain()
        addresses = {}
        for _ in range(2):
            address, message = await heard.next()
            addresses[message.get_srcSystem()] = address
        own = clients[0][1].get_extra_info("sockname")[:2]
        assert addresses[2] == own
        heard.link.send(ORDER, own)
        assert Codec().parse(await clients[0][0].read(1000))[0].target_system == 2
        # One goes; the other is heard on.
        clients[0][1].close()
        clients[1][1].write(Codec(3, 1).pack(BEAT))
        assert (await heard.next())[1].get_srcSystem() == 3
        clients[1][1].close()


async def test_a_serial_port_is_read_written_and_survives_being_unplugged(tmp_path: Path) -> None:
    plug = tmp_path / "ttyRADIO"
    loop = asyncio.get_running_loop()
    async with running(f"serial:{plug}:57600") as heard:
        assert "No such file" in await heard.told()
        for system in (2, 3):
            far, near = pty.openpty()
            os.set_blocking(far, False)
            plug.symlink_to(os.ttyname(near))
            await until(lambda: heard.link.up)
            # A radio powered on mid-frame.
            os.write(far, b"\xfd\x09junk" + bytes(300))
            os.write(far, Codec(system, 1).pack(BEAT))
            address, message = await heard.next()
            assert (address, message.get_srcSystem()) == (None, system)
            assert heard.link.statistics.garbage > 0

            arrived: asyncio.Future[bytes] = loop.create_future()

            def take(far: int = far, arrived: "asyncio.Future[bytes]" = arrived) -> None:
                arrived.set_result(os.read(far, 1000))
                loop.remove_reader(far)

            loop.add_reader(far, take)
            heard.link.send(ORDER, None)
            async with asyncio.timeout(20):
                assert Codec().parse(await arrived)[0].command == 176
            plug.unlink()
            os.close(near)
            os.close(far)
            await heard.told()


async def test_a_taken_port_is_told_and_tried_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        heard = Heard(f"udpin:127.0.0.1:{port}")
        work = asyncio.create_task(heard.link.run_for_ever())
        assert "in use" in await heard.told()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as vehicle:
        async with asyncio.timeout(20):
            while heard.messages.empty():
                vehicle.sendto(Codec(2, 1).pack(BEAT), ("127.0.0.1", port))
                await asyncio.sleep(0.05)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert heard.unusable.empty()


def record(t_us: int, frame: bytes) -> bytes:
    return struct.pack(">Q", t_us) + frame


async def test_a_recording_is_played_in_its_own_time_without_what_the_ground_said(
    tmp_path: Path,
) -> None:
    log, craft = tmp_path / "flight.tlog", Codec(2, 1)
    parts = [record(1_000_000 * s, craft.pack(BEAT)) for s in range(5)]
    parts.insert(2, record(1_500_000, Codec(255, 190).pack(BEAT)))
    parts.insert(3, b"torn")
    log.write_bytes(b"".join(parts))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with running(f"tlog:{log}?speed=20") as heard:
        for _ in range(5):
            assert (await heard.next())[1].get_srcSystem() == 2
        # Four seconds at twenty times; it is never faster than that.
        assert loop.time() - began_s >= 0.19
        assert "over" in await heard.told()
        assert not heard.link.sends
        heard.link.send_frame(b"order", None)
    with log.open("rb") as file:
        assert len(list(iter(lambda: next_frame(file), None))) == 6


@pytest.mark.slow
async def test_a_replay_is_shown_as_one_and_one_bad_link_ends_nothing(tmp_path: Path) -> None:
    log, craft = tmp_path / "flight.tlog", Codec(2, 1)
    lat, lon = round(FCP.lat_deg * 1e7), round(FCP.lon_deg * 1e7)
    place = [
        dialect.MAVLink_global_position_int_message(1000 * s + 1, lat, lon, 0, 0, 0, 0, 0, 0)
        for s in range(60)
    ]
    log.write_bytes(
        b"".join(
            record(1_000_000 * s, craft.pack(message))
            for s in range(60)
            for message in (BEAT, place[s])
        )
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        links = [
            {"id": "replay", "url": f"tlog:{log}"},
            {"id": "radio", "url": "serial:/dev/no-such-port:57600"},
            {"id": "site", "url": f"tcpin:127.0.0.1:{taken.getsockname()[1]}"},
        ]
        vehicles = [{"vehicle_id": "XS-U2", "link": "replay", "sysid": 2}]
        async with udp_site(tmp_path, vehicles=vehicles, links=links) as site:
            async with asyncio.timeout(30):
                await site.post.wait_for(lambda: bool(site.node_states) and _seen(site))
                await site.post.wait_for(lambda: site.told("link_unusable"))
                answer = await site.order()
            assert (answer.outcome.value, answer.code) == ("refused", "replay")
            way = site.state.ways[0]
            assert (way.link, way.replay, way.active) == ("replay", True, True)
            up = {link.id: link.up for link in site.node_states[-1].links}
            assert up == {"replay": True, "radio": False, "site": False}


def _seen(site: Site) -> bool:
    state = site.node.state("XS-U2")
    return state is not None and state.lat_deg is not None


def _frame(codec: Codec, seq: int) -> Message:
    codec._mav.seq = seq % 256  # pyright: ignore[reportPrivateUsage]
    return Codec().parse(codec.pack(BEAT))[0]


def test_what_is_missing_is_counted_by_sequence_numbers_and_source() -> None:
    figures, first, second = LinkStatistics(), Codec(2, 1), Codec(3, 1)
    for seq in range(300):
        now_s = seq / 100
        if seq % 3:
            figures.frame(_frame(first, seq), now_s)
        figures.frame(_frame(second, seq), now_s)
    assert figures.lost == 99
    assert figures.lost_fraction(3.0) == pytest.approx(99 / 599)
    # A sender that begins anew has lost nothing.
    figures.frame(_frame(second, 5), 3.1)
    assert figures.lost == 99
    assert figures.lost_fraction(60.0) is None


def test_a_flood_is_garbage_that_comes_fast_and_little_else() -> None:
    figures = LinkStatistics()
    for second in range(60):
        figures.received(1_000, second)
        figures.garbage_met(1, 1_000, second)
        assert not figures.flooded(second), "a wrong baud rate on a slow line is no flood"
    for second in range(60, 66):
        figures.received(FLOOD_BYTES, second)
        figures.garbage_met(9, FLOOD_BYTES, second)
    assert figures.flooded(65.0)
    assert not figures.flooded(90.0)


@pytest.mark.slow
async def test_a_flood_of_garbage_and_a_set_clock_are_told_and_trouble_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    async with udp_site(tmp_path) as site:
        craft = Device(site.port, 60_000, FCP, armed=False)
        await site.while_speaking(lambda: site.node.state("XS-U2") is not None, (craft, None))
        wall = time.time
        monkeypatch.setattr(time, "time", lambda: wall() + 120)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hostile:

            def flood() -> bool:
                for _ in range(10):
                    hostile.sendto(os.urandom(1400), ("127.0.0.1", site.port))
                return site.told("garbage") and site.told("clock_set")

            await site.while_speaking(flood, (craft, None))
            count = 0

            def flood_on() -> bool:
                nonlocal count
                flood()
                count += 1
                return count > 20

            await site.while_speaking(flood_on, (craft, None))
        assert site.state.link.value == "live"
        bodies = "".join(site.post.bodies)
        assert bodies.count('"code":"garbage"') == 1
        assert bodies.count('"code":"clock_set"') == 1
        assert site.state.doubt is None
        craft.close()
