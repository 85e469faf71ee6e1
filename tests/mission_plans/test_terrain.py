"""Ground heights, files and lines of sight."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.ground.geodesy import bearing_deg, distance_m
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import (
    GridTerrain,
    NoTerrainError,
    TerrainFileError,
    intersect_ray,
)
from mission_plans.ground.terrain_files import demo_terrain, load_hgt, load_npz
from tests.mission_plans.areas import BASE_N, FCP, SMOKE

FCP_FRAME = LocalFrame(FCP)
SLOPE = GridTerrain(np.add.outer(np.arange(11.0) * 10, np.arange(11.0)), 25.0, 102.0, 0.001)


def test_demo_grid_has_the_heights_of_the_story() -> None:
    ground = demo_terrain()
    for point, height_m in ((FCP, 2216), (BASE_N, 1926), (SMOKE, 2344)):
        assert float(ground.elevation_m(point.lat_deg, point.lon_deg)) == pytest.approx(
            height_m, abs=15
        )


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_plane_is_interpolated_exactly(row: float, column: float) -> None:
    found = float(SLOPE.elevation_m(25.0 + row / 1000, 102.0 + column / 1000))
    assert found == pytest.approx(row * 10 + column, abs=1e-6)


def test_outside_the_data_the_first_missing_place_is_named() -> None:
    with pytest.raises(NoTerrainError, match=r"25\.02000, 102\.00500"):
        SLOPE.elevation_m([25.0, 25.02, 26.0], [102.0, 102.005, 103.0])


def test_a_missing_node_is_no_ground_at_sea_level(tmp_path: Path) -> None:
    raw = np.full((1201, 1201), 500, dtype=">i2")
    raw[0, 0] = -32768
    path = tmp_path / "N25E102.hgt"
    raw.tofile(path)
    tile = load_hgt(path)
    assert float(tile.elevation_m(25.5, 102.5)) == 500
    with pytest.raises(NoTerrainError):
        tile.elevation_m(26.0, 102.0)


def test_hgt_rows_run_from_north_to_south(tmp_path: Path) -> None:
    raw = np.repeat(np.arange(1201, dtype=">i2")[:, None], 1201, axis=1)
    path = tmp_path / "S26W103.hgt"
    raw.tofile(path)
    tile = load_hgt(path)
    assert float(tile.elevation_m(-25.0, -102.5)) == pytest.approx(0)
    assert float(tile.elevation_m(-26.0, -102.5)) == pytest.approx(1200)


@pytest.mark.parametrize("name", ["tile.hgt", "N25E102.hgt"])
def test_files_that_are_no_tiles_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no heights here!")
    with pytest.raises(TerrainFileError, match=name):
        load_hgt(path)


def test_a_file_that_is_no_grid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grid.npz"
    np.savez(path, heights=np.zeros((2, 2)))
    with pytest.raises(TerrainFileError, match=r"grid\.npz"):
        load_npz(path)


@given(st.floats(0, 360), st.floats(-85, -20))
def test_a_line_of_sight_ends_on_the_ground_it_points_at(azimuth: float, elevation: float) -> None:
    ground = demo_terrain()
    eye_m = float(ground.elevation_m(SMOKE.lat_deg, SMOKE.lon_deg)) + 80
    found = intersect_ray(ground, SMOKE.lat_deg, SMOKE.lon_deg, eye_m, azimuth, elevation)
    assert found is not None
    point, height_m = found
    away_m = distance_m(SMOKE, point)
    assert height_m == pytest.approx(float(ground.elevation_m(point.lat_deg, point.lon_deg)))
    assert eye_m - height_m == pytest.approx(
        away_m * np.tan(np.radians(-elevation)), rel=0.002, abs=0.05
    )
    if away_m > 5:
        turned = (bearing_deg(SMOKE, point) - azimuth + 180) % 360 - 180
        assert turned == pytest.approx(0, abs=0.05)


def test_looking_up_meets_no_ground() -> None:
    assert intersect_ray(SLOPE, 25.005, 102.005, 500.0, 0.0, 10.0) is None


@given(st.floats(-15000, 15000), st.floats(-15000, 15000))
def test_the_local_frame_keeps_lengths_and_comes_back(east: float, north: float) -> None:
    frame = FCP_FRAME
    point = frame.point(east, north)
    x, y = frame.to_metres(point.lat_deg, point.lon_deg)
    assert (float(x), float(y)) == pytest.approx((east, north), abs=1e-3)
    assert float(np.hypot(east, north)) == pytest.approx(distance_m(FCP, point), rel=5e-6, abs=1e-3)
