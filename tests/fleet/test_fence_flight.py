"""An aircraft that is sent out of its fence comes home by itself, with its node or without."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from field_api.contract.messages import (
    CommandOutcome,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
)
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import Fence, GeoPoint
from sim.vehicle import Mode
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan
from tests.sim_vehicle.peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(600)]
ID, SYSTEM = "XS-U2", 2
WALL = Fence(
    id="G9",
    kind="exclude",
    name="禁飞区",
    polygon=[
        GeoPoint(lat_deg=FCP.lat_deg + north, lon_deg=FCP.lon_deg + east)
        for north, east in ((-0.01, -0.0007), (0.01, -0.0007), (0.01, -0.0013), (-0.01, -0.0013))
    ],
)
"""Wherever it begins to fly west, this is in its way, 70 m west of the launch point."""
VELOCITY_ONLY = 0b0000_1101_1100_0111
FAR = 3
"""Of the search's waypoints, the one farthest from home."""
WEST_MS = 5.0
"""Away from the search, over falling ground."""


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        await running.until(lambda s: s.position_ok and s.prearm_ok, within_s=120)
        yield running


@pytest_asyncio.fixture
async def other() -> AsyncGenerator[Peer]:
    """Another program, with a heartbeat of its own."""
    peer = Peer(SYSTEM)
    yield peer
    await peer.close()


async def flying(line: FlightLine, fences: list[Fence], hold_s: float = 0.0) -> None:
    """Upload and start a sortie, which may wait at its far corner."""
    plan = search_plan()
    waypoints = [*plan.sorties[0].waypoints]
    waypoints[FAR] = waypoints[FAR].model_copy(update={"hold_s": hold_s})
    sortie = plan.sorties[0].model_copy(update={"waypoints": waypoints})
    upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=plan.checks, fences=fences)
    answer = await line.order(upload, within_s=120)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    started = await line.order(StartSortie(vehicle_id=ID, sortie_id=sortie.id), within_s=120)
    assert started.outcome is CommandOutcome.DONE, started.text
    await line.until(lambda s: (s.altitude_relative_m or 0) > 30 and s.fence == "confirmed")


async def fly_west_until_it_comes_home(peer: Peer) -> None:
    """Send it out in GUIDED, past the autopilot's own avoidance, and leave it alone after that."""
    await peer.stream("FENCE_STATUS", "GLOBAL_POSITION_INT", "SYS_STATUS")
    await peer.set_parameter("AVOID_ENABLE", 0)
    assert await peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.GUIDED) == 0
    await peer.until(lambda: peer.mode == Mode.GUIDED)
    push = mavlink.MAVLink_set_position_target_local_ned_message(
        *(0, SYSTEM, 1, mavlink.MAV_FRAME_LOCAL_NED, VELOCITY_ONLY),
        *(0, 0, 0, 0, -WEST_MS, 0, 0, 0, 0, 0, 0),
    )

    def is_turned_back() -> bool:
        if peer.mode == Mode.GUIDED:
            peer.send(push)
        return peer.mode == Mode.RTL

    await peer.until(is_turned_back, sim_s=600, wall_s=240)


def farthest_west_m(peer: Peer) -> float:
    seen = [m.lon / 1e7 for m in peer.messages if m.get_type() == "GLOBAL_POSITION_INT"]
    return distance_m(FCP, GeoPoint(lat_deg=FCP.lat_deg, lon_deg=min(seen)))


def place(peer: Peer) -> GeoPoint:
    seen = peer.latest["GLOBAL_POSITION_INT"]
    return GeoPoint(lat_deg=seen.lat / 1e7, lon_deg=seen.lon / 1e7)


@pytest.mark.parametrize(("fences", "least_m"), [([], 180), ([WALL], 68)])
async def test_without_its_node_it_comes_home_by_itself(
    line: FlightLine, other: Peer, fences: list[Fence], least_m: float
) -> None:
    await flying(line, fences)
    await other.connect(line.second_port)
    await line.kill_node()
    # The loss of the node brings it home as well: here only its fence may.
    await other.set_parameter("FS_GCS_ENABLE", 0)
    await fly_west_until_it_comes_home(other)
    await other.until(lambda: other.latest["FENCE_STATUS"].breach_status == 1)
    assert other.latest["FENCE_STATUS"].breach_type == mavlink.FENCE_BREACH_BOUNDARY
    await other.until(lambda: not other.armed, sim_s=600, wall_s=240)
    assert least_m <= farthest_west_m(other) <= least_m + 80
    assert distance_m(place(other), FCP) < 10


async def test_a_breach_is_seen_told_and_ends_at_home(line: FlightLine, other: Peer) -> None:
    await flying(line, [WALL])
    # Past the node, which lets nobody else command an aircraft that flies a sortie of its own.
    await other.connect(line.second_port)
    breached = asyncio.create_task(line.until(lambda s: s.fence == "breached", within_s=300))
    await fly_west_until_it_comes_home(other)
    await breached
    await line.until(lambda s: s.sortie_state == "returned", within_s=300)
    assert distance_m(place(other), FCP) < 10
    told = [json.loads(body) for body in line.post.bodies]
    events = [one for one in told if one.get("code") == "fence_breach"]
    assert [one["severity"] for one in events] == ["warning"]
    assert "禁飞区" in events[0]["text_zh"]
    assert "no-fly" in events[0]["text_en"]
    await line.until(lambda s: s.fence == "confirmed", within_s=60)


async def test_a_no_fly_area_on_the_way_home_does_not_keep_it_out(line: FlightLine) -> None:
    between = GeoPoint(lat_deg=FCP.lat_deg + 0.00045, lon_deg=FCP.lon_deg + 0.0009)
    block = WALL.model_copy(update={"polygon": [], "centre": between, "radius_m": 20.0})
    await flying(line, [block], hold_s=900)
    # From the far corner the straight way home leads across it; the planned one does not.
    await line.until(lambda s: (s.lat_deg or 0) > 24.9492 and (s.lon_deg or 0) > 102.6136)
    breached = asyncio.create_task(line.until(lambda s: s.fence == "breached", within_s=300))
    assert (await line.order(ReturnVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    await breached
    await line.until(lambda s: s.sortie_state == "returned", within_s=300)
    assert {s.mode for s in line.states if s.fence == "breached"} == {"RTL"}
