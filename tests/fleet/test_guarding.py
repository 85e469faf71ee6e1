"""The guards of a running node: they are told, and order what they may, once."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    CommandOutcome,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from fleet.config import FleetConfig
from fleet.guarding import Guarded, Guarding
from fleet.pilot import Pilot
from fleet.reports import Reports
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.ground.geodesy import moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint, SortiePlan, Waypoint, WaypointKind
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan

EAST = moved(FCP, 0, 140)
"""Where the neighbour stands."""


def records(line: FlightLine, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(body) for body in line.post.bodies]
    return sorted((r for r in found if r["kind"] == kind), key=lambda r: r["id"])


def events(line: FlightLine, code: str, vehicle_id: str = "XS-U2") -> list[dict[str, Any]]:
    return [
        r
        for r in records(line, "vehicle_event")
        if r["code"] == code and r["vehicle_id"] == vehicle_id
    ]


async def comes(line: FlightLine, code: str, vehicle_id: str = "XS-U2") -> dict[str, Any]:
    async with asyncio.timeout(180):
        await line.post.wait_for(lambda: bool(events(line, code, vehicle_id)))
    return events(line, code, vehicle_id)[0]


def towards_the_middle(vehicle_id: str, launch: GeoPoint) -> SortiePlan:
    """A sortie up, and to a point between both launch points at one height."""
    ground_m = float(demo_terrain().elevation_m(launch.lat_deg, launch.lon_deg))
    middle = moved(FCP, 150, 70)
    points = [(launch, WaypointKind.TAKEOFF), (middle, WaypointKind.LANE_START),
              (middle, WaypointKind.LANE_END), (launch, WaypointKind.RETURN)]  # fmt: skip
    waypoints = [
        Waypoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg, altitude_amsl_m=2295.0, kind=kind,
                 hold_s=60.0 if kind is WaypointKind.LANE_START else 0.0)
        for p, kind in points
    ]  # fmt: skip
    return search_plan().sorties[0].model_copy(
        update={
            "id": new_id(),
            "vehicle_id": vehicle_id,
            "launch": launch,
            "launch_amsl_m": ground_m,
            "waypoints": waypoints,
        }
    )  # fmt: skip


async def flies(line: FlightLine, sortie: SortiePlan) -> None:
    upload = UploadSortie(vehicle_id=sortie.vehicle_id, sortie=sortie, checks=[])
    answer = await line.order(upload)
    assert answer.outcome is CommandOutcome.DONE, answer.text
    answer = await line.order(StartSortie(vehicle_id=sortie.vehicle_id, sortie_id=sortie.id))
    assert answer.outcome is CommandOutcome.DONE, answer.text


@pytest.mark.slow
@pytest.mark.serial
async def test_two_aircraft_that_meet_are_told_at_both_and_may_be_held(tmp_path: Path) -> None:
    settings: dict[str, object] = {"guards": {"separation": "hold"}}
    async with flight_line("simulated", tmp_path, settings=settings, neighbour=EAST) as line:
        await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
        await line.until(
            lambda _: (
                bool(line.neighbours)
                and line.neighbours[-1].position_ok
                and line.neighbours[-1].prearm_ok
            ),
            within_s=90,
        )
        await flies(line, towards_the_middle("XS-U2", FCP))
        assert not events(line, "separation"), "one in the air, one on the ground"
        await flies(line, towards_the_middle("XS-U3", EAST))
        for vehicle_id in ("XS-U2", "XS-U3"):
            event = await comes(line, "separation", vehicle_id)
            assert event["severity"] == "warning"
            for text in (event["text_zh"], event["text_en"]):
                assert "XS-U2" in text
                assert "XS-U3" in text
            assert (
                "guard separation orders it to hold"
                in ((await comes(line, "guard_order", vehicle_id))["text_en"])
            )
        await line.until(lambda s: s.mode == "BRAKE")
        await line.until(lambda _: line.neighbours[-1].mode == "BRAKE")


@pytest_asyncio.fixture
async def windy(tmp_path: Path) -> AsyncGenerator[FlightLine]:
    settings: dict[str, object] = {"max_wind_ms": 5.0, "guards": {"wind": "hold"}}
    parameters = {"SIM_WIND_SPD": 8.0, "SIM_WIND_DIR": 225.0, "SIM_WIND_T_ALT": 0.0}
    async with flight_line("simulated", tmp_path, settings=settings, parameters=parameters) as line:
        yield line


@pytest.mark.slow
@pytest.mark.serial
async def test_a_guard_holds_once_and_a_person_goes_on(windy: FlightLine) -> None:
    line, plan = windy, search_plan()
    sortie = plan.sorties[0]
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    await line.order(UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=plan.checks))
    await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))

    await line.until(lambda s: s.sortie_state == "paused" and s.mode == "BRAKE")
    ordered = await comes(line, "guard_order")
    assert "wind" in ordered["text_zh"]
    assert "guard wind orders it to hold" in ordered["text_en"]
    assert events(line, "wind")
    paused = [r for r in records(line, "sortie_event") if r["state"] == "paused"]
    assert [r["author"] for r in paused] == ["fleet-test"]

    # The wind stays, the pilot knows and goes on: the guard has had its say.
    answer = await line.order(ResumeVehicle(vehicle_id="XS-U2"))
    assert answer.outcome is CommandOutcome.DONE, answer.text
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)
    assert len(events(line, "guard_order")) == 1
    steps = [r["state"] for r in records(line, "sortie_event")]
    assert steps.count("paused") == 1


# --- a guard's order that is under way when a person orders ------------------------------------


class FakePilot:
    """Carries nothing out until it is let."""

    def __init__(self, refuses: bool = False) -> None:
        self.sortie = None
        self.began: list[Command] = []
        self.ended: list[Command] = []
        self.let = asyncio.Event()
        self.refuses = refuses

    async def carry_out(self, command: Command) -> str:
        self.began.append(command)
        await self.let.wait()
        if self.refuses:
            raise RefusedError("vehicle_refused", "mode BRAKE: FAILED")
        self.ended.append(command)
        return ""


class FakeReports:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def event(self, vehicle_id: str, severity: str, code: str, zh: str, en: str, _: str) -> None:
        assert severity
        assert zh
        self.told.append((vehicle_id, code, en))


class Site:
    """A node's guards over one aircraft that flies in too much wind."""

    def __init__(self, tmp_path: Path, *, refuses: bool = False) -> None:
        config = FleetConfig.model_validate(
            {
                "node_id": "fleet-test",
                "data_dir": str(tmp_path),
                "links": [{"id": "a", "url": "udpin:127.0.0.1:14550"}],
                "vehicles": [{"vehicle_id": "XS-U2", "link": "a", "sysid": 2}],
                "guards": {"wind": "hold"},
            }
        )
        self.pilot, self.reports, self.now_s = FakePilot(refuses), FakeReports(), 0.0
        self.guarding = Guarding(
            config, demo_terrain(), cast(Reports, self.reports), lambda: 1_000_000
        )
        self.vehicle = Vehicle("XS-U2", 2, 1, lambda _: None)

    async def looks(self, count: int = 30, wind_ms: float = 14.0, **changes: object) -> None:
        state = VehicleState.model_validate(
            {
                "vehicle_id": "XS-U2",
                "t_ms": 1_000_000,
                "link": "live",
                "mode": "AUTO",
                "armed": True,
                "phase": "air",
                "gps": {"fix_type": 3, "satellites": 12},
                "wind_from_deg": 0.0,
                "wind_speed_ms": wind_ms,
                **changes,
            }
        )
        for _ in range(count):
            self.now_s += 0.2
            one = Guarded(state, self.vehicle, cast(Pilot, self.pilot), certain=True)
            self.guarding.look([one], self.now_s)
            await asyncio.sleep(0)

    def person(self, body: CommandBody, issued_ms: int) -> Command:
        return Command(
            id=new_id(), author="pilot", issued_ms=issued_ms, expires_ms=2_000_000, body=body
        )


RESUME = ResumeVehicle(vehicle_id="XS-U2")


async def test_the_order_is_a_command_of_the_node_itself(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.looks(count=1, phase="ground", armed=False)
    await site.looks(count=14)
    assert site.pilot.began == []
    await site.looks()
    (command,) = site.pilot.began
    assert command.author == "fleet-test"
    assert command.body == PauseVehicle(vehicle_id="XS-U2")
    site.pilot.let.set()
    await site.looks()
    assert site.pilot.ended == [command], "never repeated while it holds"
    assert [code for _, code, _ in site.reports.told].count("guard_order") == 1
    await site.looks(wind_ms=3.0)
    await site.looks()
    assert len(site.pilot.began) == 2, "it cleared and came again"


@pytest.mark.parametrize(
    ("body", "issued_ms", "wins"),
    [
        (RESUME, 1_000_500, True),
        (RESUME, 999_000, False),
        (ReturnVehicle(vehicle_id="XS-U2"), 999_000, True),
        (PauseVehicle(vehicle_id="XS-U2"), 1_000_500, True),
        (StartSortie(vehicle_id="XS-U2", sortie_id="s"), 1_000_500, False),
    ],
)
async def test_a_persons_later_order_ends_the_guards(
    tmp_path: Path, body: CommandBody, issued_ms: int, wins: bool
) -> None:
    site = Site(tmp_path)
    await site.looks(count=1, phase="ground", armed=False)
    await site.looks()
    assert len(site.pilot.began) == 1
    with site.guarding.person(site.person(body, issued_ms)):
        await site.looks()
    site.pilot.let.set()
    await site.looks()
    assert len(site.pilot.began) == 1
    assert len(site.pilot.ended) == (0 if wins else 1)


async def test_an_order_that_is_refused_is_told_and_not_tried_again(tmp_path: Path) -> None:
    site = Site(tmp_path, refuses=True)
    site.pilot.let.set()
    await site.looks(count=1, phase="ground", armed=False)
    await site.looks(60)
    assert len(site.pilot.began) == 1
    said = [text for _, code, text in site.reports.told if code == "guard_order"]
    assert len(said) == 2
    assert "not carried out: mode BRAKE: FAILED" in said[1]


async def test_a_node_that_ends_drops_the_guards_order(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.looks(count=1, phase="ground", armed=False)
    await site.looks()
    assert len(site.pilot.began) == 1
    site.guarding.close()
    site.pilot.let.set()
    await asyncio.sleep(0.05)
    assert site.pilot.ended == []


async def test_a_node_that_restarts_in_a_flight_does_not_undo_what_was_ordered(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    await site.looks(120)
    assert site.pilot.began == [], "the pilot may have gone on in spite of the wind"
    assert [code for _, code, _ in site.reports.told].count("wind") == 1
    await site.looks(wind_ms=3.0)
    await site.looks()
    assert len(site.pilot.began) == 1
