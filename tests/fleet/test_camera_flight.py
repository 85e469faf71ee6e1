"""The camera over a real node and link: pointed, kept on a place, zoomed, a picture taken."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from field_api.contract.messages import (
    AimAngles,
    AimMission,
    AimPlace,
    CameraAim,
    CameraState,
    CameraTarget,
    CommandOutcome,
    StartSortie,
    TakePhoto,
    UploadSortie,
    VehicleState,
)
from mission_plans.ground.geodesy import distance_m, moved
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP, FlightLine, flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]
NEAR_DEG = 3.5


def camera_of(state: VehicleState) -> CameraState:
    return state.camera or CameraState()


async def wish(line: FlightLine, target: CameraTarget | None, zoom: float | None = None) -> None:
    aim = CameraAim(vehicle_id="XS-U2", t_ms=line.node.now_ms(), target=target, zoom_percent=zoom)
    await line.post.wish(aim)


def looks(pitch_deg: float) -> Callable[[VehicleState], bool]:
    def condition(state: VehicleState) -> bool:
        seen = camera_of(state).pitch_deg
        return seen is not None and abs(seen - pitch_deg) <= NEAR_DEG

    return condition


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_it_looks_where_it_is_wished(kind: str, tmp_path: Path) -> None:
    async with flight_line(kind, tmp_path) as line:
        await line.until(
            lambda s: s.position_ok and s.home is not None and camera_of(s).pitch_deg is not None
        )
        await wish(line, AimAngles(pitch_deg=-55, yaw_deg=0))
        await line.until(looks(-55), 30)
        # A place 60 m in front and as high as the aircraft stands: the camera looks level.
        assert line.states[-1].altitude_amsl_m is not None
        place = moved(FCP, 60.0, 0.0)
        level = AimPlace(place=place, altitude_amsl_m=line.states[-1].altitude_amsl_m)
        await wish(line, level)
        await line.until(lambda s: camera_of(s).place == place and looks(0)(s), 30)
        deep_m = 60 * math.tan(math.radians(12))
        below = AimPlace(place=place, altitude_amsl_m=line.states[-1].altitude_amsl_m - deep_m)
        await wish(line, below)
        await line.until(looks(-12), 30)
        await wish(line, AimAngles(pitch_deg=-30))
        await line.until(lambda s: camera_of(s).place is None and looks(-30)(s), 30)
        assert camera_of(line.states[-1]).problem_en == ""


async def test_it_zooms_and_takes_pictures(tmp_path: Path) -> None:
    async with flight_line("simulated", tmp_path) as line:
        await line.until(lambda s: camera_of(s).zooms and camera_of(s).zoom_percent == 0)
        wide_deg = camera_of(line.states[-1]).hfov_deg
        assert wide_deg == pytest.approx(62, abs=0.1)
        await wish(line, None, zoom=100)
        await line.until(
            lambda s: camera_of(s).zoom_percent == 100 and (camera_of(s).hfov_deg or 99) < 15, 20
        )
        for number in (1, 2):
            result = await line.order(TakePhoto(vehicle_id="XS-U2"))
            assert result.outcome is CommandOutcome.DONE, result.text
            assert str(number) in result.text
        await line.until(lambda s: camera_of(s).photo_count == 2)


async def test_what_can_not_be_done_is_said_and_an_old_wish_is_not_followed(
    tmp_path: Path,
) -> None:
    async with flight_line("simulated", tmp_path) as line:
        await line.until(lambda s: s.position_ok and camera_of(s).pitch_deg is not None)
        await wish(line, AimMission())
        await line.until(lambda s: "no flight" in camera_of(s).problem_en, 20)
        await wish(line, AimPlace(place=moved(FCP, 900_000.0, 0.0)))
        await line.until(lambda s: "ground model" in camera_of(s).problem_en, 20)
        stale = CameraAim(
            vehicle_id="XS-U2",
            t_ms=line.node.now_ms() - 60_000,
            target=AimAngles(pitch_deg=-80),
        )
        await line.post.wish(stale)
        await wish(line, AimAngles(pitch_deg=-20))
        await line.until(looks(-20), 20)
        assert not any(looks(-80)(s) for s in line.states)


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_in_flight_the_camera_leaves_its_plan_for_a_place_and_comes_back(
    kind: str, tmp_path: Path
) -> None:
    plan = search_plan()
    sortie = plan.sorties[0]
    async with flight_line(kind, tmp_path) as line:
        await line.until(lambda s: s.position_ok and s.prearm_ok, 90)
        upload = UploadSortie(vehicle_id="XS-U2", sortie=sortie, checks=plan.checks)
        assert (await line.order(upload)).outcome is CommandOutcome.DONE
        started = await line.order(StartSortie(vehicle_id="XS-U2", sortie_id=sortie.id))
        assert started.outcome is CommandOutcome.DONE, started.text
        assert "not pointed" not in started.text
        assert looks(sortie.camera_pitch_deg)(line.states[-1])
        await line.until(lambda s: (s.mission_seq or 0) >= 2)
        # The launch point lies beside the lanes and below them: no angle of the plan shows it.
        await wish(line, AimPlace(place=FCP))
        await line.until(lambda s: camera_of(s).place == FCP and _sees(FCP)(s), 60)
        assert line.states[-1].mode == "AUTO"
        await wish(line, AimMission())
        await line.until(
            lambda s: camera_of(s).place is None and looks(sortie.camera_pitch_deg)(s), 60
        )
        assert line.states[-1].mode == "AUTO"


def _sees(place: GeoPoint) -> Callable[[VehicleState], bool]:
    """Tilted towards a place on the ground, as far as the newest position tells."""

    def condition(state: VehicleState) -> bool:
        pitch_deg = camera_of(state).pitch_deg
        if pitch_deg is None or state.lat_deg is None or state.lon_deg is None:
            return False
        here = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
        ground_m = float(demo_terrain().elevation_m(place.lat_deg, place.lon_deg))
        below_m = (state.altitude_amsl_m or 0) - ground_m
        return abs(pitch_deg + math.degrees(math.atan2(below_m, distance_m(here, place)))) < 8

    return condition
