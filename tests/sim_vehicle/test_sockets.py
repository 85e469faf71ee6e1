"""Several vehicles on real sockets: UDP to one listener, TCP ports, poses for cameras."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import PoseFeed, VehicleConfig, VehicleGroup, run_vehicles, vehicle_group
from tests.sim_vehicle.cockpit import HOME
from tests.sim_vehicle.peer import Peer


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_many_vehicles_report_to_one_udp_listener(listener: socket.socket) -> None:
    target = listener.getsockname()
    configs = [
        VehicleConfig(sysid, HOME[0], HOME[1] + sysid * 1e-4, udp_target=target)
        for sysid in range(1, 11)
    ]
    parser = mavlink.MAVLink(None)
    loop = asyncio.get_running_loop()
    heard: dict[int, tuple[str, int]] = {}
    async with vehicle_group(VehicleGroup(configs, speedup=5.0)):
        while len(heard) < 10:
            async with asyncio.timeout(10):
                data, address = await loop.sock_recvfrom(listener, 2048)
            for message in parser.parse_buffer(data) or []:
                heard[message.get_srcSystem()] = address
        # A command to one of them through its own socket is answered by it alone.
        codec = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
        request = mavlink.MAVLink_command_long_message(4, 1, 512, 0, 148, *[0] * 6)
        await loop.sock_sendto(listener, bytes(request.pack(codec)), heard[4])
        while True:
            async with asyncio.timeout(10):
                data, _ = await loop.sock_recvfrom(listener, 2048)
            versions = [
                m.get_srcSystem()
                for m in parser.parse_buffer(data) or []
                if m.get_type() == "AUTOPILOT_VERSION"
            ]
            if versions:
                assert versions == [4]
                break


async def test_a_silent_listener_does_not_stop_a_vehicle() -> None:
    config = VehicleConfig(3, *HOME, udp_target=("127.0.0.1", free_port()), tcp_port=free_port())
    group = VehicleGroup([config], speedup=10.0)
    peer = Peer(3)
    async with vehicle_group(group):
        await peer.connect(group.tcp_ports[0])
        await peer.ready()
        await peer.close()
    assert peer.latest["HEARTBEAT"].autopilot == mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA


async def test_tcp_clients_have_their_own_streams_and_may_leave() -> None:
    group = VehicleGroup([VehicleConfig(7, *HOME, tcp_port=free_port())], speedup=10.0)
    first, second = Peer(7), Peer(7)
    async with vehicle_group(group):
        await first.connect(group.tcp_ports[0])
        await second.connect(group.tcp_ports[1])
        await first.stream("ATTITUDE", hz=20)
        await first.next("ATTITUDE")
        await second.next("HEARTBEAT")
        assert "ATTITUDE" not in second.latest
        await first.close()
        await second.next("HEARTBEAT", sim_s=100)
        assert await second.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == 0
        await second.close()


async def test_a_port_in_use_is_named() -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"vehicle 7 cannot listen on 127.0.0.1:{port}"):
            await run_vehicles([VehicleConfig(7, *HOME, tcp_port=port)])


def test_bad_configurations_say_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"sysid must be 1\.\.255, not 0"):
        VehicleConfig(0, *HOME)
    with pytest.raises(ValueError, match=r"latitude -90\.\.90"):
        VehicleConfig(1, 95.0, 102.0)
    with pytest.raises(ValueError, match="its own sysid"):
        VehicleGroup([VehicleConfig(1, *HOME), VehicleConfig(1, *HOME)])
    with pytest.raises(ValueError, match="NO_SUCH is not a parameter"):
        VehicleGroup([VehicleConfig(1, *HOME, parameters={"NO_SUCH": 1})])
    with pytest.raises(ValueError, match="tcp:HOST:PORT"):
        PoseFeed("serial:/dev/ttyS0", 1)


async def test_pose_feed_follows_the_truth_and_outlives_the_vehicle() -> None:
    port = free_port()
    config = VehicleConfig(7, *HOME, ground_amsl_m=2216.0, heading_deg=123.0, tcp_port=port)
    feed = PoseFeed(f"tcp:127.0.0.1:{port}", 7)
    task = asyncio.create_task(feed.run())
    async with vehicle_group(VehicleGroup([config], speedup=10.0)) as group:
        async with asyncio.timeout(20):
            pose = await feed.wait()
        state = group.vehicles[0].state
        assert (pose.lat_deg, pose.lon_deg) == pytest.approx(HOME, abs=1e-6)
        assert pose.amsl_m == pytest.approx(2216.0, abs=0.1)
        assert pose.yaw_deg == pytest.approx(123.0, abs=0.2)
        assert abs(state.t_ms - pose.t_ms) < 5000
        assert feed.pose_at(pose.t_ms + 60_000) is None
    # A new vehicle on the same port, elsewhere: the feed finds it by itself.
    moved = VehicleConfig(7, HOME[0] + 0.5, HOME[1], tcp_port=port)
    async with vehicle_group(VehicleGroup([moved], speedup=10.0)):
        async with asyncio.timeout(20):
            while (pose := feed.latest) is None or abs(pose.lat_deg - HOME[0] - 0.5) > 1e-5:
                await feed.updated()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_cancel_while_a_group_closes_is_not_lost() -> None:
    closing = asyncio.Event()
    went_on = False

    async def fly() -> None:
        nonlocal went_on
        async with vehicle_group(VehicleGroup([VehicleConfig(1, *HOME)])):
            await asyncio.sleep(0)
            closing.set()
        went_on = True

    task = asyncio.create_task(fly())
    await closing.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    assert not went_on
