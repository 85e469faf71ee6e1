"""Fly to here, and look again: checked before anything is sent, seen to arrive, ended by a stop."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    FlyTo,
    LookAgain,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from mission_plans.ground.geodesy import destination, distance_m
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]
ID = "XS-U2"
PLACE = destination(FCP, 45, 120)


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


async def airborne(line: FlightLine) -> None:
    plan = search_plan()
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    upload = UploadSortie(vehicle_id=ID, sortie=plan.sorties[0], checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    start = StartSortie(vehicle_id=ID, sortie_id=plan.sorties[0].id)
    assert (await line.order(start)).outcome is CommandOutcome.DONE
    await line.until(lambda s: (s.altitude_relative_m or 0) > 40 and (s.mission_seq or 0) >= 4)


def away_m(state: VehicleState, place: GeoPoint) -> float:
    assert state.lat_deg is not None
    assert state.lon_deg is not None
    return distance_m(GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg), place)


def codes(line: FlightLine) -> list[str]:
    bodies = [json.loads(body) for body in line.post.bodies]
    return [body["code"] for body in bodies if body["kind"] == "vehicle_event"]


async def test_it_flies_there_hovers_and_goes_on_where_it_left(line: FlightLine) -> None:
    await airborne(line)
    left_at = line.states[-1].mission_seq
    answer = await line.order(FlyTo(vehicle_id=ID, place=PLACE, height_agl_m=60))
    assert answer.outcome is CommandOutcome.DONE, answer.text
    assert "60 m above ground" in answer.text
    assert "above launch" in answer.text
    await line.post.wait_for(lambda: "arrived" in codes(line))
    state = line.states[-1]
    assert away_m(state, PLACE) < 8
    assert abs((state.altitude_agl_m or 0) - 60) < 6
    assert (state.mode, state.sortie_state) == ("GUIDED", "paused")
    assert (await line.order(ResumeVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    await line.until(lambda s: s.mode == "AUTO")
    assert (line.states[-1].mission_seq or 0) >= (left_at or 0)
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


async def test_where_it_must_not_go_nothing_is_sent(line: FlightLine) -> None:
    await line.until(lambda s: s.link == "live")
    on_ground = await line.order(FlyTo(vehicle_id=ID, place=PLACE, height_agl_m=60))
    assert (on_ground.outcome, on_ground.code) == (CommandOutcome.REFUSED, "check_failed")
    await airborne(line)
    outside = FlyTo(vehicle_id=ID, place=destination(FCP, 45, 3000), height_agl_m=60)
    too_high = FlyTo(vehicle_id=ID, place=PLACE, height_agl_m=450)
    wide = LookAgain(
        vehicle_id=ID, place=PLACE, height_agl_m=60, radius_m=300, circles=True, duration_s=10
    )
    long = LookAgain(vehicle_id=ID, place=PLACE, height_agl_m=60, radius_m=30, duration_s=1800)
    for order, word in (
        (outside, "fence"),
        (too_high, "fence allows"),
        (wide, "fence"),
        (long, "battery"),
    ):
        answer = await line.order(order)
        assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "check_failed"), word
        assert word in answer.text
    assert line.states[-1].mode == "AUTO"
    assert "GUIDED" not in {s.mode for s in line.states[-20:]}
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


async def test_a_stop_ends_it_and_it_never_goes_on_by_itself(line: FlightLine) -> None:
    await airborne(line)
    look = LookAgain(
        vehicle_id=ID, place=PLACE, height_agl_m=60, radius_m=40, circles=True, duration_s=600
    )
    answer = await line.order(look.model_copy(update={"duration_s": 60.0}))
    assert answer.outcome is CommandOutcome.DONE, answer.text
    assert (await line.order(PauseVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    count = len(line.states)
    await line.until(lambda s: len(line.states) > count + 40)
    assert {s.mode for s in line.states[count:]} == {"BRAKE"}
    assert "look_over" not in codes(line)
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


@pytest.mark.parametrize("circles", [True, False])
async def test_it_looks_again_and_goes_on_with_its_mission(line: FlightLine, circles: bool) -> None:
    await airborne(line)
    look = LookAgain(
        vehicle_id=ID, place=PLACE, height_agl_m=60, radius_m=40, circles=circles, duration_s=15
    )
    answer = await line.order(look)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    await line.post.wait_for(lambda: "look_begun" in codes(line))
    count = len(line.states)
    await line.post.wait_for(lambda: "look_over" in codes(line))
    looked = [s for s in line.states[count:] if s.mode == "GUIDED"]
    assert max(away_m(s, PLACE) for s in looked) < 65
    assert min(away_m(s, PLACE) for s in looked) > 15
    aimed = [s.camera for s in looked if s.camera is not None and s.camera.place is not None]
    assert aimed, "the camera is on the place"
    turned = {round((s.lat_deg or 0) * 1e4) for s in looked}
    assert (len(turned) > 4) == circles
    await line.until(lambda s: s.mode == "AUTO" and s.sortie_state == "flying")
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)
