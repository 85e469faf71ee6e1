"""One search, flown by the simulated vehicle and, where there is one, the real ArduCopter."""

import json
import sqlite3
import struct
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
)
from fleet.mavlink import Codec
from fleet.watch import GUARDS
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.flown_coverage import FlownPose, flown_coverage
from mission_plans.values.plan import Check, SearchPlan, Severity
from tests.fleet.flight_line import FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


def _steps(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "post.db") as db:
        records = [json.loads(row[0]) for row in db.execute("SELECT body FROM records")]
    events = [r for r in records if r["kind"] == "sortie_event"]
    return [e["state"] for e in sorted(events, key=lambda e: e["id"])]


async def test_a_search_is_uploaded_flown_and_returned(line: FlightLine, tmp_path: Path) -> None:
    plan = search_plan()
    assert plan.flyable
    sortie = plan.sorties[0]
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)

    upload = UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    started = await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
    assert started.outcome is CommandOutcome.DONE, started.text
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)

    steps = _steps(tmp_path)
    assert steps[:5] == ["authorised", "uploading", "uploaded", "starting", "flying"]
    assert steps[-2:] == ["returning", "returned"]
    air = [s for s in line.states if (s.mission_seq or 0) > 4 and s.sortie_state == "flying"]
    heights = [
        s.altitude_amsl_m - float(demo_terrain().elevation_m(s.lat_deg, s.lon_deg))
        for s in air
        if s.altitude_amsl_m is not None and s.lat_deg is not None
    ]
    assert min(heights) >= plan.request.min_clearance_m - 3
    _flown_along(line, [(w.lat_deg, w.lon_deg) for w in sortie.waypoints])
    assert line.states[-1].armed is False
    _log_is_whole(tmp_path / "fleet" / "logs")
    _covered_as_planned(line, plan)
    _track_is_recorded(tmp_path, sortie.id)
    _nobody_was_alarmed(tmp_path)


def _nobody_was_alarmed(folder: Path) -> None:
    """A flight as planned wakes no guard, whatever the time of day is here."""
    with sqlite3.connect(folder / "post.db") as db:
        records = [json.loads(row[0]) for row in db.execute("SELECT body FROM records")]
    codes = {r["code"] for r in records if r["kind"] == "vehicle_event"}
    assert codes & (set(GUARDS) - {"sunset"}) == set()


def _covered_as_planned(line: FlightLine, plan: SearchPlan) -> None:
    """The covered share of the area is within 2 % of the planned one."""
    flown = plan.model_copy(update={"sorties": plan.sorties[:1]})
    poses = [
        FlownPose("XS-U2", s.t_ms, s.lat_deg, s.lon_deg, s.altitude_amsl_m, s.heading_deg or 0.0)
        for s in line.states
        if s.sortie_state == "flying"
        and s.lat_deg is not None
        and s.lon_deg is not None
        and s.altitude_amsl_m is not None
    ]
    found = flown_coverage(flown, demo_terrain(), poses)
    print(f"planned {found.planned_fraction:.4f}, flown {found.flown_fraction:.4f}")
    assert found.planned_fraction > 0.98
    assert abs(found.flown_fraction - found.planned_fraction) <= 0.02


def _track_is_recorded(folder: Path, sortie_id: str) -> None:
    with sqlite3.connect(folder / "post.db") as db:
        records = [json.loads(row[0]) for row in db.execute("SELECT body FROM records")]
    pieces = [r for r in records if r["kind"] == "flown_track"]
    assert {piece["sortie_id"] for piece in pieces} == {sortie_id}
    times = [s["t_ms"] for piece in pieces for s in piece["samples"]]
    assert times == sorted(times)
    assert len(times) == len(set(times)) > 5


def _flown_along(line: FlightLine, waypoints: list[tuple[float, float]]) -> None:
    track = np.array([(s.lat_deg, s.lon_deg) for s in line.states if s.armed])
    for lat, lon in waypoints:
        north = (track[:, 0] - lat) * 111_000
        east = (track[:, 1] - lon) * 111_000 * np.cos(np.radians(lat))
        # Published at 5 Hz of wall time, ten simulated seconds pass 16 m between two states.
        assert np.hypot(north, east).min() < 20


def _log_is_whole(folder: Path) -> None:
    data = next(folder.glob("*.tlog")).read_bytes()
    codec, position, count, last_us = Codec(), 0, 0, 0
    while position + 8 < len(data):
        (t_us,) = struct.unpack_from(">Q", data, position)
        assert t_us >= last_us
        last_us = t_us
        # A vehicle speaks MAVLink 1 (0xFE) until it has heard MAVLink 2.
        length = data[position + 9] + (12 if data[position + 8] == 0xFD else 8)
        assert len(codec.parse(data[position + 8 : position + 8 + length])) == 1
        position += 8 + length
        count += 1
    assert count > 100


async def test_a_mapping_survey_with_picture_triggers_is_flown(line: FlightLine) -> None:
    plan = search_plan(pattern={"kind": "mapping", "side_overlap": 0.3})
    sortie = plan.sorties[0]
    assert sortie.trigger_m is not None
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    upload = UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    started = await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
    assert started.outcome is CommandOutcome.DONE, started.text
    await line.until(lambda s: s.sortie_state == "returned", within_s=240)
    _flown_along(line, [(w.lat_deg, w.lon_deg) for w in sortie.waypoints])


async def test_hold_go_on_and_come_home(line: FlightLine, tmp_path: Path) -> None:
    plan = search_plan()
    sortie = plan.sorties[0]
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    await line.order(UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=plan.checks))
    await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
    await line.until(lambda s: (s.altitude_relative_m or 0) > 20)

    assert (await line.order(PauseVehicle(vehicle_id="XS-U2"))).outcome is CommandOutcome.DONE
    assert line.node.state("XS-U2").mode == "BRAKE"  # type: ignore[union-attr]
    assert (await line.order(ResumeVehicle(vehicle_id="XS-U2"))).outcome is CommandOutcome.DONE
    assert line.node.state("XS-U2").mode == "AUTO"  # type: ignore[union-attr]
    assert (await line.order(ReturnVehicle(vehicle_id="XS-U2"))).outcome is CommandOutcome.DONE
    await line.until(lambda s: s.sortie_state == "returned", within_s=180)
    assert _steps(tmp_path)[5:] == ["paused", "flying", "returning", "returned"]


async def test_a_failed_check_keeps_it_on_the_ground(line: FlightLine) -> None:
    plan = search_plan()
    sortie = plan.sorties[0]
    await line.until(lambda s: s.link == "live")
    failed = Check(
        id="clearance",
        severity=Severity.BLOCK,
        passed=False,
        text_zh="离地不足",
        text_en="too low",
        source="O2",
    )
    answer = await line.order(
        UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=[*plan.checks, failed])
    )
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "check_failed")
    answer = await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "unknown_sortie")
    answer = await line.order(PauseVehicle(vehicle_id="XS-U9"))
    assert (answer.outcome, answer.code) == (CommandOutcome.REFUSED, "unknown_vehicle")
    assert line.states[-1].armed is False
