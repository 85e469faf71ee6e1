"""A stop is final: on every path, whatever was under way or comes late (issue's first fault)."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    LandVehicle,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    SortieState,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from fleet.sortie import Sortie, observe
from mission_plans.formats.mission_items import mission_items
from mission_plans.values.plan import SortiePlan
from tests.fleet.flight_line import FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]
ID = "XS-U2"


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


async def uploaded(line: FlightLine) -> SortiePlan:
    plan = search_plan()
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    upload = UploadSortie(vehicle_id=ID, sortie=plan.sorties[0], checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    return plan.sorties[0]


def started(line: FlightLine, sortie: SortiePlan, **window: float) -> asyncio.Task[CommandResult]:
    start = StartSortie.model_validate({"vehicle_id": ID, "sortie_id": sortie.id, **window})
    return asyncio.create_task(line.order(start))


def since(line: FlightLine, count: int) -> list[VehicleState]:
    return line.states[count:]


@pytest.mark.parametrize("stop", [ReturnVehicle, LandVehicle, PauseVehicle])
async def test_a_stop_during_the_start_ends_the_start(
    line: FlightLine, stop: type[ReturnVehicle | LandVehicle | PauseVehicle]
) -> None:
    sortie = await uploaded(line)
    start = started(line, sortie)
    await line.until(lambda s: s.sortie_state == "starting")
    stopped = await line.order(stop(vehicle_id=ID))
    count = len(line.states)
    answer = await start
    assert stopped.outcome is CommandOutcome.DONE, stopped.text
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "stopped")
    # It stands with its motors off, or it was in the air and comes down: it never goes on.
    await line.until(lambda s: len(line.states) > count + 50)
    assert "AUTO" not in {state.mode for state in since(line, count)}
    assert max(state.altitude_relative_m or 0 for state in since(line, count)) < 20
    if stop is not PauseVehicle:
        await line.until(lambda s: not s.armed)


async def test_what_was_ordered_before_a_stop_is_refused_after_it(line: FlightLine) -> None:
    sortie = await uploaded(line)
    now_ms = line.node.now_ms()
    late = Command(
        id=new_id(),
        author="pilot",
        issued_ms=now_ms,
        expires_ms=now_ms + 60_000,
        body=StartSortie(vehicle_id=ID, sortie_id=sortie.id),
    )
    await line.order(PauseVehicle(vehicle_id=ID))
    await line.post.command(late)
    async with asyncio.timeout(30):
        await line.post.wait_for(lambda: any(r.command_id == late.id for r in line.post.results))
    answer = next(r for r in line.post.results if r.command_id == late.id)
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "stopped")
    assert not any(state.armed for state in line.states)


async def test_a_waiting_take_off_is_cancelled_by_a_stop(line: FlightLine) -> None:
    sortie = await uploaded(line)
    now_ms = line.node.now_ms()
    past = await started(line, sortie, not_after_ms=now_ms - 1)
    assert (past.outcome, past.code) == (CommandOutcome.REFUSED, "too_late")
    window = {"not_before_ms": now_ms + 3_600_000, "not_after_ms": now_ms + 3_660_000}
    start = started(line, sortie, **window)
    again = await started(line, sortie, **window)
    assert (again.outcome, again.code) == (CommandOutcome.REFUSED, "start_ordered")
    assert (await line.order(ReturnVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    answer = await start
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "stopped")
    assert not any(state.armed for state in line.states)


async def test_a_mission_changed_by_another_program_is_not_flown(line: FlightLine) -> None:
    sortie = await uploaded(line)
    vehicle = line.node._aircraft[ID].vehicle  # pyright: ignore[reportPrivateUsage]
    ours = vehicle.mission_count
    await vehicle.upload_mission(mission_items(sortie)[:-2])
    vehicle.mission_count = ours
    answer = await started(line, sortie)
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "mission_changed")
    assert not any(state.armed for state in line.states)
    upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=[])
    assert (await line.order(upload)).outcome is CommandOutcome.DONE


async def test_resuming_after_a_stop_needs_a_new_order(line: FlightLine) -> None:
    sortie = await uploaded(line)
    assert (await started(line, sortie)).outcome is CommandOutcome.DONE
    await line.order(ReturnVehicle(vehicle_id=ID))
    assert (await line.order(ResumeVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    await line.order(ReturnVehicle(vehicle_id=ID))
    await line.until(lambda s: s.sortie_state == "returned", within_s=180)


def test_a_start_that_died_with_its_node_is_told_by_the_aircraft() -> None:
    sortie = Sortie(search_plan().sorties[0], "pilot", SortieState.STARTING, 9)
    heard = {"vehicle_id": ID, "t_ms": 1, "link": "live", "mode": "AUTO"}

    def seen(**more: object) -> SortieState | None:
        return observe(sortie, VehicleState.model_validate(heard | more))

    assert seen(armed=False, phase="ground") is SortieState.FAILED
    assert seen(armed=True, phase="ground") is None
    assert seen(armed=True, phase="air") is SortieState.FLYING
    assert seen(armed=True, phase="air", mode="RTL") is SortieState.RETURNING
    assert seen(armed=True, phase="air", mode="BRAKE") is SortieState.PAUSED
    assert seen(armed=False, phase="ground", link="lost") is None
