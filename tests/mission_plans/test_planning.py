"""What the camera really sees, times and batteries, relays, better plans, terrain files."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.warp
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from mission_plans.allocation.flight_model import FlightModel
from mission_plans.allocation.schedule import conflict_between, timeline
from mission_plans.allocation.situation import Situation
from mission_plans.ground.camera import footprint_width_m
from mission_plans.ground.footprint import Pose, views_along
from mission_plans.ground.terrain import GridTerrain, TerrainFileError
from mission_plans.ground.terrain_files import demo_terrain, load_geotiff, load_terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.search.planning import PlanError, improved_plans, plan_search
from mission_plans.values.pattern import Hover
from mission_plans.values.plan import AircraftSpec, CameraSpec, Wind
from tests.mission_plans.areas import FCP, FRAME, SMOKE, aircraft, demo_request, ring

FLAT = GridTerrain(np.full((60, 60), 2000.0), 24.9, 102.59, 0.0012)


def sloping(rise: float) -> TerrainPatch:
    """Return ground that rises towards the east."""
    columns = np.arange(60) * 0.0012 * 101_000
    z = np.broadcast_to(2000 + rise * columns, (60, 60)).copy()
    return TerrainPatch(GridTerrain(z, 24.9, 102.59, 0.0012), FRAME, (-900, -900, 900, 900))


def looking(yaw_deg: float, pitch_deg: float, altitude_m: float) -> Pose:
    one = np.ones(1)
    return Pose(0 * one, 0 * one, altitude_m * one, yaw_deg * one, pitch_deg * one)


@pytest.mark.parametrize("pitch_deg", [-90.0, -60.0, -40.0])
def test_over_flat_ground_the_swath_is_the_pinhole_one(pitch_deg: float) -> None:
    camera = CameraSpec(pitch_deg=pitch_deg)
    patch = TerrainPatch(FLAT, FRAME, (-900, -900, 900, 900))
    views = views_along(looking(0, pitch_deg, 2060), camera, patch)
    assert views.width_m[0] == pytest.approx(footprint_width_m(camera, 60), rel=0.01)


def test_a_slope_narrows_the_uphill_side_and_widens_the_other() -> None:
    camera = CameraSpec(pitch_deg=-90)
    patch = sloping(0.5)
    ground = float(patch.elevation_m(0.0, 0.0))
    views = views_along(looking(0, -90, ground + 60), camera, patch)
    left, right = views.corners[0, :, 0].min(), views.corners[0, :, 0].max()
    half = footprint_width_m(camera, 60) / 2
    tangent = half / 60
    # Heading north: west is down-hill on the left, east up-hill on the right.
    assert right == pytest.approx(half / (1 + 0.5 * tangent), rel=0.03)
    assert -left == pytest.approx(half / (1 - 0.5 * tangent), rel=0.03)


def test_ground_hidden_by_ridges_gets_lanes_of_its_own() -> None:
    steps = np.arange(-40, 41) * 0.0005
    east, north = np.meshgrid(steps * 101_000, steps * 110_800)
    ridges = 2000 + 60 * np.abs((east / 58 + 0.5) % 2 - 1) + 0 * north
    terrain = GridTerrain(ridges, FRAME.origin.lat_deg - 0.02, FRAME.origin.lon_deg - 0.02, 0.0005)
    area = ring((-400, -400), (400, -400), (400, 400), (-400, 400))
    plan = plan_search(
        demo_request(2, ring((-700, -700))[0], area=area, overlap=0.0, heading_deg=0.0),
        terrain,
        "p",
    )
    assert plan.metrics.coverage_fraction >= 0.99
    checks = {c.id: c for c in plan.checks}
    assert checks["overlap"].at is not None
    assert not checks["overlap"].passed, "the plan says where swaths part"


def test_a_limit_on_pixel_size_is_checked_and_the_place_named() -> None:
    fine = plan_search(demo_request(1, max_gsd_m=0.2), demo_terrain(), "p")
    coarse = plan_search(demo_request(1, max_gsd_m=0.05), demo_terrain(), "p")
    assert next(c for c in fine.checks if c.id == "gsd").passed
    failed = next(c for c in coarse.checks if c.id == "gsd")
    assert not failed.passed
    assert failed.at is not None


@settings(max_examples=60, derandomize=True)
@given(
    st.floats(0, 359),
    st.floats(0, 11),
    st.floats(0, 359),
    st.floats(10, 3000),
    st.floats(-300, 300),
)
def test_wind_and_hills_never_make_a_flight_cheaper_than_calm_and_level(
    wind_deg: float, wind_ms: float, heading_deg: float, length_m: float, rise_m: float
) -> None:
    spec = AircraftSpec(vehicle_id="A", launch=FCP)
    calm = FlightModel.of(spec, None)
    windy = FlightModel.of(spec, Wind(from_deg=wind_deg, speed_ms=wind_ms))
    dx = length_m * np.sin(np.radians(heading_deg))
    dy = length_m * np.cos(np.radians(heading_deg))
    level = calm.level(dx, dy, 8.0)
    leg = windy.straight(dx, dy, rise_m, 8.0)
    assert leg.seconds >= level.seconds - 1e-9
    assert leg.energy_s >= level.energy_s - 1e-9
    assert calm.straight(dx, dy, rise_m, 8.0).energy_s >= level.energy_s - 1e-9


def test_aircraft_of_one_site_leave_one_after_another_and_keep_apart() -> None:
    plan = plan_search(demo_request(4), demo_terrain(), "p")
    first = sorted(s.start_s for s in plan.sorties if s.order == 0)
    assert all(b - a >= 20 for a, b in itertools.pairwise(first))
    situation = Situation.of(plan.request, demo_terrain())
    courses = [timeline(s, situation.frame, situation.models[0]) for s in plan.sorties]
    for (a, p), (b, q) in itertools.combinations(zip(plan.sorties, courses, strict=True), 2):
        if a.vehicle_id != b.vehicle_id:
            assert conflict_between(p, q, a.start_s, b.start_s) is None
    for vehicle in {s.vehicle_id for s in plan.sorties}:
        own = sorted((s for s in plan.sorties if s.vehicle_id == vehicle), key=lambda s: s.order)
        for a, b in itertools.pairwise(own):
            assert b.start_s >= a.start_s + a.duration_s + plan.request.swap_s - 1


def test_a_relief_arrives_before_the_one_before_it_leaves() -> None:
    request = demo_request(
        3,
        pattern=Hover(point=SMOKE, duration_s=3600),
        area=[],
        relay=True,
        agl_m=80,
    )
    plan = plan_search(request, demo_terrain(), "p")
    assert len(plan.sorties) >= 4
    relay = next(c for c in plan.checks if c.id == "relay_gap")
    assert relay.passed, relay.text_en
    held = sum(w.hold_s for s in plan.sorties for w in s.waypoints)
    assert held == pytest.approx(3600)
    alone = plan_search(
        request.model_copy(update={"aircraft": request.aircraft[:1]}), demo_terrain(), "p"
    )
    assert not next(c for c in alone.checks if c.id == "relay_gap").passed


def test_better_plans_are_better_and_the_same_every_time() -> None:
    request = demo_request(3, aircraft=aircraft(3, endurance_s=14_400.0))

    def found() -> list[float]:
        plans = itertools.islice(improved_plans(request, demo_terrain(), "p"), 120)
        return [p.metrics.longest_sortie_s for p in plans if p is not None]

    longest = found()
    assert longest == sorted(longest, reverse=True)
    assert longest == found()
    bound = plan_search(request, demo_terrain(), "p").metrics.lower_bound_s
    assert longest[-1] >= bound


def test_ground_without_data_is_refused_with_the_place() -> None:
    z = np.full((60, 60), 2000.0)
    z[20:40, 20:40] = np.nan
    holed = GridTerrain(z, 24.9, 102.59, 0.0012)
    with pytest.raises(PlanError, match=r"no ground elevation at 24\.\d+, 102\.\d+") as refused:
        plan_search(demo_request(1), holed, "p")
    assert "没有高程数据" in refused.value.text_zh


def _geotiff(path: Path, crs: str | None, transform: object, z: np.ndarray) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=z.shape[0],
        width=z.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        transform=transform,
        nodata=-9999,
    ) as out:
        out.write(z.astype("float32"), 1)
    return path


def test_a_geotiff_in_degrees_or_metres_gives_the_same_ground(tmp_path: Path) -> None:
    lat, lon = np.meshgrid(
        24.96 - (np.arange(300) + 0.5) * 0.0002,
        102.60 + (np.arange(300) + 0.5) * 0.0002,
        indexing="ij",
    )
    truth = demo_terrain().elevation_m(lat, lon)
    degrees = load_terrain(
        _geotiff(tmp_path / "a.tif", "EPSG:4326", from_origin(102.60, 24.96, 0.0002, 0.0002), truth)
    )
    (middle_e,), (middle_n,) = rasterio.warp.transform("EPSG:4326", "EPSG:32648", [102.62], [24.94])
    west, top = middle_e - 3000, middle_n + 3000
    east, north = np.meshgrid(west + np.arange(300) * 20.0, top - np.arange(300) * 20.0)
    to_degrees = rasterio.warp.transform("EPSG:32648", "EPSG:4326", east.ravel(), north.ravel())
    utm = demo_terrain().elevation_m(
        np.array(to_degrees[1]).reshape(east.shape), np.array(to_degrees[0]).reshape(east.shape)
    )
    metres = load_terrain(
        _geotiff(
            tmp_path / "b.tiff",
            "EPSG:32648",
            from_origin(west - 10, top + 10, 20, 20),
            utm,
        )
    )
    for place in ((24.95, 102.61), (24.94, 102.62), (24.93, 102.63)):
        expected = float(demo_terrain().elevation_m(*place))
        assert float(degrees.elevation_m(*place)) == pytest.approx(expected, abs=2)
        assert float(metres.elevation_m(*place)) == pytest.approx(expected, abs=4)


def test_a_broken_geotiff_says_what_is_wrong(tmp_path: Path) -> None:
    z = np.full((10, 10), 2000.0)
    transform = from_origin(102.6, 24.96, 0.001, 0.001)
    with pytest.raises(TerrainFileError, match="coordinate system"):
        load_geotiff(_geotiff(tmp_path / "a.tif", None, transform, z))
    with pytest.raises(TerrainFileError, match="no-data"):
        load_geotiff(_geotiff(tmp_path / "b.tif", "EPSG:4326", transform, z * 100))
    (tmp_path / "c.tif").write_bytes(b"not a tiff")
    with pytest.raises(TerrainFileError, match="no readable GeoTIFF"):
        load_geotiff(tmp_path / "c.tif")
    with pytest.raises(TerrainFileError, match="ends in"):
        load_terrain(tmp_path / "c.asc")
