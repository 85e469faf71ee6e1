"""Fences and rally points: uploaded, refused, read back and flown alike by both vehicles."""

import math
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from tests.sim_vehicle.both import HOME, KINDS, connected
from tests.sim_vehicle.peer import Peer

FENCE, RALLY = 1, 2
INSIDE, OUTSIDE, WITHIN, BEYOND = 5001, 5002, 5003, 5004
"""Polygon and circle, to stay in and to stay out of."""
FENCE_BIT = 0x100000
ACCEPTED, ERROR, FRAME, UNSUPPORTED, SPACE = 0, 1, 2, 3, 4

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="function")]


@pytest_asyncio.fixture(params=KINDS)
async def peer(request: pytest.FixtureRequest) -> AsyncGenerator[Peer]:
    async with connected(request.param, RTL_ALT=1500, WPNAV_SPEED=800) as (peer, _):
        yield peer


def corner(peer: Peer, seq: int, command: int, north: float, east: float, size: float) -> Any:
    """A fence item at an offset of home, degrees."""
    lat, lon = HOME
    return peer.item(
        seq, command, lat + north, lon + east, params=(size, 0, 0, 0), mission_type=FENCE
    )


def square(peer: Peer, half: float, command: int = INSIDE, first: int = 0) -> list[Any]:
    corners = [(half, -half), (half, half), (-half, half), (-half, -half)]
    return [corner(peer, first + n, command, a, b, 4) for n, (a, b) in enumerate(corners)]


async def test_a_fence_reads_back_as_it_was_sent(peer: Peer) -> None:
    await peer.until(lambda: "HEARTBEAT" in peer.latest)
    fence = [
        *square(peer, 0.01),
        corner(peer, 4, BEYOND, 0.002, 0.002, 80),
        corner(peer, 5, WITHIN, 0.0, 0.0, 900),
        *square(peer, 0.0005, OUTSIDE, first=6),
        corner(peer, 10, 5000, 0.001, 0.0, 0),
    ]
    assert await peer.upload(fence, FENCE) == ACCEPTED
    stored = await peer.download(FENCE)
    shown = [(m.seq, m.command, m.param1, m.x, m.y) for m in stored]
    assert shown == [(m.seq, m.command, m.param1, m.x, m.y) for m in fence]
    assert {(m.frame, m.z, m.autocontinue) for m in stored} == {(0, 0.0, 0)}
    assert await peer.upload([], FENCE) == ACCEPTED
    assert await peer.download(FENCE) == []


async def test_a_fence_that_makes_no_sense_is_refused_and_the_old_one_stays(peer: Peer) -> None:
    await peer.until(lambda: "HEARTBEAT" in peer.latest)
    assert await peer.upload(square(peer, 0.01), FENCE) == ACCEPTED
    mixed = square(peer, 0.01)
    mixed[1] = corner(peer, 1, OUTSIDE, 0.01, 0.01, 4)
    refused: list[tuple[Sequence[Any], int, str]] = [
        (square(peer, 0.01)[:3], ERROR, "Incorrect item count"),
        ([corner(peer, n, INSIDE, 0.01, n * 0.01, 2) for n in (0, 1)], ERROR, "Invalid vertex"),
        (mixed, ERROR, "Received incorrect vertex type (want=98 got=97)"),
        ([corner(peer, 0, WITHIN, 0, 0, 0)], ERROR, "Non-positive circle radius"),
        ([corner(peer, n, 5000, 0, 0, 0) for n in (0, 1)], ERROR, "Multiple return points"),
        ([corner(peer, 0, BEYOND, 70.0, 0, 50)], ERROR, "Bad lat or lon"),
        ([corner(peer, 0, 16, 0, 0, 0)], UNSUPPORTED, ""),
        ([peer.item(0, BEYOND, *HOME, frame=2, params=(9, 0, 0, 0), mission_type=1)], FRAME, ""),
        ([corner(peer, n, INSIDE, 0.0, 0.0, 100) for n in range(100)], SPACE, ""),
    ]
    for items, result, text in refused:
        assert await peer.upload(list(items), FENCE) == result, (result, text)
        assert not text or await peer.until(lambda text=text: peer.said(text) is not None)
    assert len(await peer.download(FENCE)) == 4


async def test_rally_points_read_back_in_whole_metres_above_home(peer: Peer) -> None:
    await peer.until(lambda: "HEARTBEAT" in peer.latest)
    lat, lon = HOME
    points = [
        peer.item(0, 5100, lat + 0.001, lon, 30.7, mission_type=RALLY),
        peer.item(1, 5100, lat, lon + 0.001, 25.0, mission_type=RALLY),
    ]
    assert await peer.upload(points, RALLY) == ACCEPTED
    stored = await peer.download(RALLY)
    assert [(m.command, m.x, m.y, m.z, m.frame) for m in stored] == [
        (5100, points[0].x, points[0].y, 30.0, 3),
        (5100, points[1].x, points[1].y, 25.0, 3),
    ]
    absolute = peer.item(0, 5100, lat, lon, 30, frame=mavlink.MAV_FRAME_GLOBAL, mission_type=RALLY)
    assert await peer.upload([absolute], RALLY) == FRAME
    assert await peer.upload([peer.item(0, 16, lat, lon, 30, mission_type=RALLY)], RALLY) == 3
    peer.send(mavlink.MAVLink_mission_clear_all_message(peer.target, 1, RALLY))
    await peer.until(lambda: peer.latest["MISSION_ACK"].mission_type == RALLY)
    assert await peer.download(RALLY) == []


async def start_north(peer: Peer, metres: float) -> None:
    """Take off to 20 m and fly north by a mission, which no vehicle checks against the fence."""
    lat, lon = HOME
    north = lat + metres / 111_000
    items = [peer.item(0, 16), peer.item(1, 22, alt=20.0), peer.item(2, 16, north, lon, 20.0)]
    assert await peer.upload(items) == ACCEPTED
    assert await peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.GUIDED) == 0
    assert await peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    assert await peer.command(mavlink.MAV_CMD_MISSION_START) == 0


def fence_state(peer: Peer) -> tuple[bool, bool]:
    """Whether SYS_STATUS has the fence enabled, and healthy."""
    status = peer.latest["SYS_STATUS"]
    enabled = bool(status.onboard_control_sensors_enabled & FENCE_BIT)
    return enabled, bool(status.onboard_control_sensors_health & FENCE_BIT)


@pytest.mark.parametrize("kind", ["circle", "polygon", "exclusion"])
async def test_a_breach_is_told_and_ends_at_the_nearest_rally_point(peer: Peer, kind: str) -> None:
    lat, lon = HOME
    await peer.ready()
    await peer.stream("FENCE_STATUS", hz=5)
    await peer.set_parameter("FENCE_RADIUS", 60)
    await peer.set_parameter("FENCE_TYPE", 2 if kind == "circle" else 4)
    await peer.set_parameter("FENCE_ENABLE", 1)
    if kind == "polygon":
        assert await peer.upload(square(peer, 0.00054), FENCE) == ACCEPTED
    elif kind == "exclusion":
        assert await peer.upload([corner(peer, 0, BEYOND, 0.00108, 0, 60)], FENCE) == ACCEPTED
    rally = peer.item(0, 5100, lat + 0.0003, lon, 25.0, mission_type=RALLY)
    assert await peer.upload([rally], RALLY) == ACCEPTED
    await peer.until(lambda: fence_state(peer) == (True, True))

    await start_north(peer, 300)
    await peer.until(lambda: peer.mode == Mode.RTL, sim_s=90)
    await peer.until(lambda: fence_state(peer) == (True, False))
    await peer.until(lambda: peer.latest["FENCE_STATUS"].breach_status)
    breach = peer.latest["FENCE_STATUS"]
    assert breach.breach_type == mavlink.FENCE_BREACH_BOUNDARY
    assert breach.breach_count == 1
    await peer.until(lambda: fence_state(peer) == (True, True), sim_s=60)
    await peer.until(lambda: not peer.armed, sim_s=200, wall_s=90)
    end = peer.latest["GLOBAL_POSITION_INT"]
    north_m = (end.lat * 1e-7 - lat) * 111_000
    east_m = (end.lon * 1e-7 - lon) * 111_000 * math.cos(math.radians(lat))
    assert math.hypot(north_m - 33.3, east_m) < 3.0
