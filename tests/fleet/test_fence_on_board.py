"""A fence is on board for certain before anything starts, or nothing starts."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    CommandResult,
    PauseVehicle,
    RallyPoint,
    StartSortie,
    UploadSortie,
)
from fleet.fencing import SortieFence
from fleet.mavlink import Message
from fleet.protocol.fence_items import (
    FENCE,
    RALLY,
    CircleFence,
    fence_difference,
    fence_items,
    rally_difference,
    rally_items,
)
from fleet.vehicle import Vehicle
from mission_plans.ground.geodesy import destination
from mission_plans.values.plan import Fence, SearchPlan
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(600)]
ID = "XS-U2"
BARRED = Fence(
    id="G9",
    kind="exclude",
    name="禁飞区",
    centre=destination(FCP, 270, 120),
    radius_m=60,
)
HOME_TWO = RallyPoint(place=destination(FCP, 180, 30), altitude_relative_m=40)
OLD = fence_items([CircleFence(FCP, 5_000, inclusion=True)])


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        await running.until(lambda s: s.position_ok and s.prearm_ok, within_s=120)
        yield running


def order(plan: SearchPlan, **more: Any) -> UploadSortie:
    fields = {"vehicle_id": ID, "sortie": plan.sorties[0], "checks": plan.checks}
    return UploadSortie.model_validate(fields | {"max_agl_m": 120, "fences": [BARRED]} | more)


def vehicle_of(line: FlightLine) -> Vehicle:
    return line.node._aircraft[ID].vehicle  # pyright: ignore[reportPrivateUsage]


def fence_of(line: FlightLine) -> SortieFence:
    sortie = line.node._aircraft[ID].pilot.sortie  # pyright: ignore[reportPrivateUsage]
    assert sortie is not None
    assert sortie.fence is not None
    return sortie.fence


async def start(line: FlightLine, plan: SearchPlan) -> CommandResult:
    return await line.order(StartSortie(vehicle_id=ID, sortie_id=plan.sorties[0].id), within_s=120)


def both_languages(text: str) -> bool:
    zh, _, en = text.partition(" / ")
    return any(ord(letter) > 0x4E00 for letter in zh) and any(letter.isascii() for letter in en)


async def test_the_fence_of_the_sortie_before_is_replaced(line: FlightLine) -> None:
    plan, vehicle = search_plan(), vehicle_of(line)
    await vehicle.write_items(OLD, FENCE)
    await vehicle.write_items(rally_items([(destination(FCP, 90, 40), 60.0)] * 3), RALLY)
    answer = await line.order(order(plan), within_s=120)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    assert both_languages(answer.text)
    fence = fence_of(line)
    assert {item.command for item in fence.areas} == {5001, 5004}
    assert fence_difference(fence.areas, await vehicle.read_items(FENCE)) is None
    assert await vehicle.read_items(RALLY) == ()
    wanted = {"FENCE_ENABLE": 1, "FENCE_TYPE": 5, "FENCE_ACTION": 1, "FENCE_MARGIN": 2}
    for name, value in {**wanted, "FENCE_ALT_MAX": fence.ceiling_m}.items():
        assert await vehicle.read_parameter(name) == value
    await line.until(lambda s: s.fence == "confirmed")
    answer = await line.order(order(plan, fences=[], rally=[HOME_TWO]), within_s=120)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    assert {item.command for item in await vehicle.read_items(FENCE)} == {5001}
    assert rally_difference(fence_of(line).rally, await vehicle.read_items(RALLY)) is None


async def test_a_fence_changed_by_another_program_is_not_flown(line: FlightLine) -> None:
    plan, vehicle = search_plan(), vehicle_of(line)
    changes: list[Callable[[], Any]] = [
        lambda: vehicle.write_items(OLD, FENCE),
        lambda: vehicle.write_items([], FENCE),
        lambda: vehicle.write_items(rally_items([(FCP, 60.0)]), RALLY),
        lambda: vehicle.set_parameter("FENCE_ACTION", 0),
        lambda: vehicle.set_parameter("FENCE_ENABLE", 0),
    ]
    for change in changes:
        assert (await line.order(order(plan), within_s=120)).outcome is CommandOutcome.DONE
        await change()
        answer = await start(line, plan)
        assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "fence_changed")
        assert both_languages(answer.text)
    await line.until(lambda s: s.fence == "none")
    assert not any(state.armed for state in line.states)


def hold_back(vehicle: Vehicle, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let no item of a fence through; the event tells when one was wanted."""
    wanted = asyncio.Event()
    send = vehicle._send  # pyright: ignore[reportPrivateUsage]

    def lossy(message: Message) -> None:
        if message.get_type() == "MISSION_ITEM_INT" and message.mission_type == FENCE:
            wanted.set()
        else:
            send(message)

    monkeypatch.setattr(vehicle, "_send", lossy)
    return wanted


async def test_a_stop_during_the_fence_upload_is_final(
    line: FlightLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = search_plan()
    wanted = hold_back(vehicle_of(line), monkeypatch)
    upload = asyncio.create_task(line.order(order(plan), within_s=120))
    async with asyncio.timeout(60):
        await wanted.wait()
    assert (await line.order(PauseVehicle(vehicle_id=ID))).outcome is CommandOutcome.DONE
    answer = await upload
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "stopped")
    monkeypatch.undo()
    await line.until(lambda s: s.sortie_state == "failed" and s.fence != "confirmed")
    refused = await start(line, plan)
    assert (refused.outcome, refused.code) == (CommandOutcome.REFUSED, "not_uploaded")
    assert not any(state.armed for state in line.states)
    assert (await line.order(order(plan), within_s=120)).outcome is CommandOutcome.DONE


async def test_a_fence_that_can_not_be_had_keeps_it_on_the_ground(
    line: FlightLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, vehicle = search_plan(), vehicle_of(line)
    await vehicle.write_items(OLD, FENCE)
    narrow = BARRED.model_copy(update={"kind": "include"})
    answer = await line.order(order(plan, fences=[narrow]), within_s=120)
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "fence")
    assert both_languages(answer.text)
    assert fence_difference(OLD, await vehicle.read_items(FENCE)) is None, "nothing was sent"

    monkeypatch.setattr("fleet.fence_shapes.MOST_ITEMS", 500)
    monkeypatch.setattr("fleet.fence_shapes.STORAGE_BYTES", 5_000)
    many = [BARRED.model_copy(update={"radius_m": 10.0 + n / 10}) for n in range(100)]
    answer = await line.order(order(plan, fences=many), within_s=120)
    assert (answer.outcome, answer.code) == (CommandOutcome.FAILED, "fence_failed")
    assert both_languages(answer.text)
    assert "NO_SPACE" in answer.text
    await line.until(lambda s: s.sortie_state == "failed" and s.fence != "confirmed")
    assert (await start(line, plan)).code == "not_uploaded"
    assert not any(state.armed for state in line.states)
