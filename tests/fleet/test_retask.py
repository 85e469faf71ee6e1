"""Another sortie in the air: held, read back, begun; a failure or a stop leaves it where it is."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    PauseVehicle,
    ResumeVehicle,
    RetaskSortie,
    ReturnVehicle,
    UploadSortie,
)
from fleet.vehicle import RefusedError
from mission_plans.formats.mission_items import mission_items
from mission_plans.values.plan import Fence, GeoPoint, SearchPlan
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan
from tests.fleet.test_guided_flight import ID, airborne, codes

pytestmark = [pytest.mark.slow, pytest.mark.serial]


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


def other_plan(east: float = 0.0004) -> SearchPlan:
    """A search a little farther to the east."""
    south, west = 24.9484, 102.6112 + east
    corners = ((0.0, 0.0), (0.0010, 0.0), (0.0010, 0.0012), (0.0, 0.0012))
    area = [GeoPoint(lat_deg=south + up, lon_deg=west + right) for up, right in corners]
    return search_plan(area=area)


def retasked(plan: SearchPlan) -> RetaskSortie:
    return RetaskSortie(vehicle_id=ID, sortie=plan.sorties[0], checks=plan.checks)


def steps(line: FlightLine) -> list[tuple[str, str]]:
    bodies = [json.loads(body) for body in line.post.bodies]
    events = sorted((b for b in bodies if b["kind"] == "sortie_event"), key=lambda b: b["id"])
    return [(e["sortie_id"], e["state"]) for e in events]


async def test_the_new_sortie_is_flown_to_its_end_without_landing(line: FlightLine) -> None:
    await airborne(line)
    old_id = line.states[-1].sortie_id or ""
    plan = other_plan()
    new = plan.sorties[0]
    answer = await line.order(retasked(plan))
    assert answer.outcome is CommandOutcome.DONE, answer.text
    state = line.node.state(ID)
    assert state is not None
    assert (state.mode, state.sortie_id, state.sortie_state) == ("AUTO", new.id, "flying")
    assert state.fence == "confirmed"
    count = len(line.states)
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)
    flown = line.states[count:]
    last = max(s.mission_seq or 0 for s in flown)
    assert last >= len(mission_items(new)) - 2
    assert all(s.armed for s in flown[:10])
    told = steps(line)
    assert (old_id, "replaced") in told
    assert told[-1] == (new.id, "returned")
    assert told.index((old_id, "replaced")) < told.index((new.id, "flying"))


async def test_a_plan_that_does_not_fit_leaves_the_old_one_to_go_on(line: FlightLine) -> None:
    await airborne(line)
    old_id = line.states[-1].sortie_id
    plan = other_plan()
    barred = Fence(id="x", kind="exclude", name="X", centre=FCP, radius_m=30)
    answer = await line.order(retasked(plan).model_copy(update={"fences": [barred]}))
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "check_failed"), answer.text
    state = line.node.state(ID)
    assert state is not None
    assert (state.mode, state.sortie_id, state.sortie_state) == ("BRAKE", old_id, "paused")
    assert (await line.order(ResumeVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


async def test_half_a_mission_is_never_gone_on_with(
    line: FlightLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await airborne(line)
    vehicle = line.node._aircraft[ID].vehicle  # pyright: ignore[reportPrivateUsage]

    async def broken(*_: object) -> None:
        vehicle.mission_count = None
        raise RefusedError("mission_timeout", "no answer")

    monkeypatch.setattr(vehicle, "upload_mission", broken)
    answer = await line.order(retasked(other_plan()))
    assert answer.outcome is CommandOutcome.FAILED
    await line.post.wait_for(lambda: "retask_failed" in codes(line))
    state = line.node.state(ID)
    assert state is not None
    assert (state.mode, state.sortie_state) == ("BRAKE", "paused")
    refused = await line.order(ResumeVehicle(vehicle_id=ID))
    assert refused.code == "no_mission"
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


async def test_a_stop_meanwhile_is_final(line: FlightLine) -> None:
    await airborne(line)
    giving = asyncio.create_task(line.order(retasked(other_plan())))
    await line.until(lambda s: s.mode == "BRAKE")
    assert (await line.order(PauseVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    answer = await giving
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "stopped")
    count = len(line.states)
    await line.until(lambda s: len(line.states) > count + 30)
    assert {s.mode for s in line.states[count:]} == {"BRAKE"}
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)


async def test_one_on_the_ground_is_uploaded_not_retasked(line: FlightLine) -> None:
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    plan = search_plan()
    upload = UploadSortie(vehicle_id=ID, sortie=plan.sorties[0], checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    answer = await line.order(retasked(other_plan()))
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "check_failed")
    assert line.states[-1].sortie_state == "uploaded"
