"""A bad link: lost frames, a stall after which all arrives, and a cut."""

from collections.abc import AsyncGenerator
from random import Random

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.link_fault_proxy import LinkFaultProxy, link_fault_proxy
from sim.vehicle.link_faults import FaultyLink, LinkFaults
from tests.sim_vehicle.cockpit import HOME
from tests.sim_vehicle.peer import Peer


def frames(count: int) -> list[bytes]:
    codec = mavlink.MAVLink(None, srcSystem=3, srcComponent=1)
    made: list[bytes] = []
    for seq in range(count):
        codec.seq = seq % 256
        made.append(bytes(mavlink.MAVLink_heartbeat_message(2, 3, 81, seq, 4, 3).pack(codec)))
    return made


@given(st.integers(0, 1000), st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_without_faults_every_byte_arrives_however_it_is_cut(seed: int, cuts: list[int]) -> None:
    data = b"\n\nInit ArduCopter\n" + b"".join(frames(20)) + Random(seed).randbytes(30)
    link = FaultyLink(LinkFaults(), seed)
    out = b""
    at = 0
    for size in cuts * (len(data) // sum(cuts) + 1):
        out += link.receive(data[at : at + size])
        at += size
    # What may be the beginning of a frame still waits for its end.
    assert data.startswith(out)
    assert len(data) - len(out) <= 280


def test_loss_takes_whole_frames_the_same_for_the_same_seed() -> None:
    sent = frames(1000)
    got = [FaultyLink(LinkFaults(loss=0.3), seed).receive(b"".join(sent)) for seed in (1, 1, 2)]
    assert got[0] == got[1] != got[2]
    parser = mavlink.MAVLink(None)
    arrived = parser.parse_buffer(got[0]) or []
    assert all(message.get_type() == "HEARTBEAT" for message in arrived)
    assert len(arrived) == pytest.approx(700, abs=60)


def test_a_stall_holds_everything_and_then_gives_it_in_order() -> None:
    faults = LinkFaults(stalled=True)
    link = FaultyLink(faults, 1)
    sent = frames(5)
    assert b"".join(link.receive(frame) for frame in sent[:4]) == b""
    faults.stalled = False
    assert link.receive(sent[4]) == b"".join(sent)


@pytest_asyncio.fixture
async def proxy() -> AsyncGenerator[LinkFaultProxy]:
    config = VehicleConfig(7, *HOME, tcp_port=0)
    async with (
        vehicle_group(VehicleGroup([config], speedup=10.0)) as group,
        link_fault_proxy(group.tcp_ports[0]) as proxy,
    ):
        yield proxy


async def test_orders_queued_in_a_stall_are_carried_out_after_it(proxy: LinkFaultProxy) -> None:
    peer = Peer(7)
    await peer.connect(proxy.port)
    await peer.ready()
    mark = len(peer.messages)

    def answered() -> bool:
        answers = [m for m in peer.messages[mark:] if m.get_type() == "COMMAND_ACK"]
        return any(m.command == mavlink.MAV_CMD_DO_SET_MODE for m in answers)

    proxy.stall()
    guided = [7, 1, mavlink.MAV_CMD_DO_SET_MODE, 0, 1, 4, 0, 0, 0, 0, 0]
    peer.send(mavlink.MAVLink_command_long_message(*guided))
    other = Peer(7)
    await other.connect(proxy.vehicle_port)
    start = len(other.messages)
    await other.until(lambda: sum(m.get_type() == "HEARTBEAT" for m in other.messages[start:]) > 4)
    assert other.mode == 0
    assert not answered()
    proxy.resume()
    await peer.until(answered)
    await other.until(lambda: other.mode == 4)
    await other.close()
    await peer.close()


async def test_a_mission_gets_through_a_third_of_loss_both_ways(proxy: LinkFaultProxy) -> None:
    peer = Peer(7)
    await peer.connect(proxy.port)
    await peer.ready()
    proxy.faults.loss = 0.3
    items = [peer.item(n, 16, HOME[0] + n * 1e-5, HOME[1], 20.0) for n in range(12)]
    # The vehicle asks again for what was lost; a lost first or last message is for us to repeat.
    for _ in range(20):
        try:
            if await peer.upload(items, sim_s=20.0) == mavlink.MAV_MISSION_ACCEPTED:
                break
        except TimeoutError:
            continue
    proxy.faults.loss = 0.0
    assert proxy.lost > 0
    stored = await peer.download()
    assert [(m.x, m.y) for m in stored[1:]] == [(m.x, m.y) for m in items[1:]]
    await peer.close()


async def test_a_cut_ends_the_connection_and_the_next_one_works(proxy: LinkFaultProxy) -> None:
    peer = Peer(7)
    await peer.connect(proxy.port)
    await peer.until(lambda: "HEARTBEAT" in peer.latest)
    proxy.cut()
    with pytest.raises(ConnectionError):
        await peer.until(lambda: False)
    await peer.close()
    again = Peer(7)
    await again.connect(proxy.port)
    await again.until(lambda: "HEARTBEAT" in again.latest)
    await again.close()
