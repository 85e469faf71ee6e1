"""Following a handheld: flown where it goes, hovering where it can't be believed or followed."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    FollowPlace,
    FollowTo,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
)
from fleet.following import leap
from mission_plans.ground.geodesy import destination
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP, FlightLine, flight_line
from tests.fleet.test_guided_flight import ID, PLACE, airborne, away_m, codes

pytestmark = [pytest.mark.slow, pytest.mark.serial]
WALKER = "HT-05"


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


def order(line: FlightLine, place: GeoPoint) -> FollowPlace:
    return FollowPlace(
        vehicle_id=ID, terminal_id=WALKER, place=place, seen_ms=line.node.now_ms() - 60_000,
        height_agl_m=60, offset_m=30, bearing_deg=45,
    )  # fmt: skip


def walk(line: FlightLine, place: GeoPoint, seen_ms: int, terminal_id: str = WALKER) -> None:
    line.node.on_wish(
        FollowTo(
            vehicle_id=ID, t_ms=line.node.now_ms(), terminal_id=terminal_id, place=place,
            seen_ms=seen_ms,
        )
    )  # fmt: skip


async def follows(line: FlightLine) -> int:
    """Let it follow from the place on; return when the handheld was seen there."""
    await airborne(line)
    body = order(line, PLACE)
    answer = await line.order(body)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    beside = destination(PLACE, 45, 30)
    await line.until(lambda s: away_m(s, beside) < 10)
    return body.seen_ms


async def test_it_goes_where_the_handheld_goes_until_that_falls_silent(line: FlightLine) -> None:
    seen_ms = await follows(line)
    # Another one's place, and one from before, move nothing.
    walk(line, destination(PLACE, 180, 60), seen_ms + 1000, "HT-06")
    walk(line, destination(PLACE, 180, 60), seen_ms)
    there = destination(PLACE, 270, 60)
    for number in range(1, 7):
        walk(line, destination(PLACE, 270, number * 10), seen_ms + number * 5000)
        beside = destination(destination(PLACE, 270, number * 10), 45, 30)
        await line.until(lambda s, at=beside: away_m(s, at) < 12)
    await line.post.wait_for(lambda: "follow_lost" in codes(line))
    state = line.states[-1]
    assert state.mode == "GUIDED"
    assert away_m(state, destination(there, 45, 30)) < 12
    assert abs((state.altitude_agl_m or 0) - 60) < 12
    # It follows no more: what comes now moves nothing, and its mission is still there.
    walk(line, PLACE, seen_ms + 90_000)
    assert (await line.order(ResumeVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    await line.until(lambda s: s.mode == "AUTO")
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


@pytest.mark.parametrize("how", ["leap", "fence"])
async def test_where_it_can_not_follow_it_hovers(line: FlightLine, how: str) -> None:
    seen_ms = await follows(line)
    far = destination(FCP, 45, 3000)
    # At once it is an error of the position; after minutes somebody may be there: beyond the fence.
    walk(line, far, seen_ms + (1000 if how == "leap" else 300_000))
    await line.post.wait_for(lambda: "follow_stopped" in codes(line))
    assert line.states[-1].mode == "GUIDED"
    assert away_m(line.states[-1], destination(PLACE, 45, 30)) < 15
    await line.order(ReturnVehicle(vehicle_id=ID))


async def test_a_stop_ends_it(line: FlightLine) -> None:
    seen_ms = await follows(line)
    assert (await line.order(PauseVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    stood = line.states[-1]
    assert stood.lat_deg is not None
    assert stood.lon_deg is not None
    here = GeoPoint(lat_deg=stood.lat_deg, lon_deg=stood.lon_deg)
    walk(line, destination(PLACE, 270, 60), seen_ms + 30_000)
    count = len(line.states)
    await line.post.wait_for(lambda: len(line.states) > count + 30)
    assert line.states[-1].mode == "BRAKE"
    assert away_m(line.states[-1], here) < 20, "the handheld walked 60 m"
    assert "follow_stopped" not in codes(line)
    await line.order(ReturnVehicle(vehicle_id=ID))


def test_nobody_walks_faster_than_they_can() -> None:
    near, far = destination(PLACE, 90, 59), destination(PLACE, 90, 61)
    assert not leap(PLACE, 0, near, 1000)
    assert leap(PLACE, 0, far, 1000)
    assert leap(PLACE, 1000, far, 0)
