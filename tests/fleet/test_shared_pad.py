"""Two aircraft from one pad come home at once: on layers of their own, down one after the other."""

import asyncio
import math
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    FlightPhase,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from mission_plans.allocation.return_layers import layer_need, return_layers
from mission_plans.ground.geodesy import distance_m, moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint, SearchPlan
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]

BESIDE = moved(FCP, 0.0, 6.0)
IDS = ("XS-U2", "XS-U3")


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path, neighbour=BESIDE) as running:
        yield running


def _plans() -> list[SearchPlan]:
    south, west = 24.9482, 102.6088
    area = [
        GeoPoint(lat_deg=south + up, lon_deg=west + right)
        for up, right in ((0, 0), (0.0014, 0), (0.0014, 0.0014), (0, 0.0014))
    ]
    return [search_plan(), search_plan("XS-U3", area=area)]


def _away_m(state: VehicleState) -> float:
    assert state.lat_deg is not None
    assert state.lon_deg is not None
    return distance_m(GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg), FCP)


async def _fly_out(line: FlightLine, plan: SearchPlan, layer_amsl_m: float) -> None:
    vehicle_id = plan.sorties[0].vehicle_id
    own = line.states if vehicle_id == "XS-U2" else line.neighbours
    upload = UploadSortie(
        vehicle_id=vehicle_id,
        sortie=plan.sorties[0],
        checks=plan.checks,
        return_amsl_m=layer_amsl_m,
    )
    answer = await line.order(upload)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    start = StartSortie(vehicle_id=vehicle_id, sortie_id=plan.sorties[0].id)
    answer = await line.order(start)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    async with asyncio.timeout(120):
        await line.post.wait_for(lambda: _away_m(own[-1]) > 60)


async def test_both_come_home_apart_and_land_one_after_the_other(line: FlightLine) -> None:
    plans = _plans()
    needs = [layer_need(plan.sorties[0], demo_terrain(), 120.0) for plan in plans]
    layers = {layer.sortie_id: layer.amsl_m for layer in return_layers(needs, [])}
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    async with asyncio.timeout(90):
        await line.post.wait_for(lambda: bool(line.neighbours) and line.neighbours[-1].prearm_ok)
    for plan in plans:
        await _fly_out(line, plan, layers[plan.sorties[0].id])

    answers = await asyncio.gather(*(line.order(ReturnVehicle(vehicle_id=i)) for i in IDS))
    assert {answer.outcome for answer in answers} == {CommandOutcome.DONE}
    first, second = len(line.states), len(line.neighbours)
    pairs: list[tuple[VehicleState, VehicleState]] = []

    def down() -> bool:
        pairs.append((line.states[-1], line.neighbours[-1]))
        return all(state.sortie_state == "returned" for state in pairs[-1])

    async with asyncio.timeout(400):
        await line.post.wait_for(down)
    held = {
        states[0].vehicle_id
        for states in (line.states[first:], line.neighbours[second:])
        if any(s.mode == "GUIDED" and s.sortie_state == "returning" for s in states)
    }
    assert len(held) == 1, "one of them waits for the other"
    _never_close(pairs)
    heights = {
        s.vehicle_id: _highest_m([s for p in pairs for s in p], s.vehicle_id) for s in pairs[0]
    }
    for plan in plans:
        sortie = plan.sorties[0]
        layer_m = layers[sortie.id]
        assert abs(heights[sortie.vehicle_id] - layer_m) < 6, (heights, layers)


def _highest_m(states: list[VehicleState], vehicle_id: str) -> float:
    return max(s.altitude_amsl_m or 0.0 for s in states if s.vehicle_id == vehicle_id)


def _never_close(pairs: list[tuple[VehicleState, VehicleState]]) -> None:
    """Both in the air, they are 50 m or 20 m of height apart, but for the age of what is known."""
    closest = math.inf
    for a, b in pairs:
        if FlightPhase.GROUND in (a.phase, b.phase) or not (a.armed and b.armed):
            continue
        if None in (a.lat_deg, b.lat_deg):
            continue
        level_m = distance_m(
            GeoPoint(lat_deg=a.lat_deg or 0, lon_deg=a.lon_deg or 0),
            GeoPoint(lat_deg=b.lat_deg or 0, lon_deg=b.lon_deg or 0),
        )
        rise_m = abs((a.altitude_amsl_m or 0) - (b.altitude_amsl_m or 0))
        closest = min(closest, max(level_m / 50, rise_m / 20))
    print(f"closest: {closest:.2f} of the separation")
    assert closest > 0.7
