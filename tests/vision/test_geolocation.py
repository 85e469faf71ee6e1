"""Pixel to ground and back, and the error that is claimed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from field_api.contract.messages import CameraPose
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from vision.camera import depression_deg, image_of, pixel_direction
from vision.geolocation import (
    Bearing,
    GroundFix,
    GroundPoint,
    PoseErrors,
    fuse,
    geolocate,
    ground_point,
    offset_ned_m,
)

ASPECT = 16 / 9
LAT, LON = 24.94, 102.62


class Flat:
    """A plain at 2000 m."""

    def elevation_m(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.float64]:
        return np.full(np.broadcast_shapes(np.shape(lat_deg), np.shape(lon_deg)), 2000.0)


def pose_with(
    agl_m: float, yaw_deg: float, pitch_deg: float, roll_deg: float, ground_m: float = 2000.0
) -> CameraPose:
    return CameraPose(
        lat_deg=LAT,
        lon_deg=LON,
        altitude_amsl_m=ground_m + agl_m,
        yaw_deg=yaw_deg,
        pitch_deg=pitch_deg,
        roll_deg=roll_deg,
        hfov_deg=62,
    )


POSES = {
    "agl_m": st.floats(30, 150),
    "yaw_deg": st.floats(0, 359.9),
    "pitch_deg": st.floats(-89.9, -30),
    "roll_deg": st.floats(-10, 10),
    "x": st.floats(0.02, 0.98),
    "y": st.floats(0.1, 1.0),
}


@given(**POSES)
def test_a_pixel_on_a_plain_comes_back_to_itself(
    agl_m: float, yaw_deg: float, pitch_deg: float, roll_deg: float, x: float, y: float
) -> None:
    pose = pose_with(agl_m, yaw_deg, pitch_deg, roll_deg)
    if depression_deg(pixel_direction(pose, x, y, ASPECT)) < 15:
        return
    point = ground_point(pose, x, y, ASPECT, Flat())
    assert point is not None
    assert point.elevation_m == pytest.approx(2000)
    seen = image_of(pose, offset_ned_m(pose, point), ASPECT)
    assert seen is not None
    # A centimetre on the ground at the nearest range is a few ten-thousandths of the frame.
    assert seen[0] == pytest.approx(x, abs=5e-4)
    assert seen[1] == pytest.approx(y, abs=5e-4)


@settings(max_examples=60)
@given(**POSES)
def test_a_pixel_on_the_mountain_comes_back_to_itself(
    agl_m: float, yaw_deg: float, pitch_deg: float, roll_deg: float, x: float, y: float
) -> None:
    terrain = demo_terrain()
    pose = pose_with(agl_m, yaw_deg, pitch_deg, roll_deg, float(terrain.elevation_m(LAT, LON)))
    point = ground_point(pose, x, y, ASPECT, terrain)
    if point is None:
        return
    assert point.elevation_m == pytest.approx(
        float(terrain.elevation_m(point.lat_deg, point.lon_deg)), abs=0.1
    )
    seen = image_of(pose, offset_ned_m(pose, point), ASPECT)
    assert seen is not None
    assert seen == pytest.approx((x, y), abs=2e-3)


def test_straight_down_is_straight_below() -> None:
    point = ground_point(pose_with(100, 30, -90, 0), 0.5, 0.5, ASPECT, Flat())
    assert point is not None
    below = GeoPoint(lat_deg=LAT, lon_deg=LON)
    assert distance_m(GeoPoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg), below) < 0.01


def test_a_known_oblique_view() -> None:
    # 45 degrees down from 80 m, looking east: 80 m east.
    point = ground_point(pose_with(80, 90, -45, 0), 0.5, 0.5, ASPECT, Flat())
    assert point is not None
    assert point.lat_deg == pytest.approx(LAT, abs=1e-6)
    east_m = distance_m(
        GeoPoint(lat_deg=LAT, lon_deg=LON), GeoPoint(lat_deg=LAT, lon_deg=point.lon_deg)
    )
    assert east_m == pytest.approx(80, abs=0.1)


def test_a_flat_view_gives_a_bearing_and_no_point() -> None:
    found = geolocate(pose_with(80, 200, -10, 0), 0.5, 0.5, ASPECT, 1280, Flat(), PoseErrors())
    assert isinstance(found, Bearing)
    assert found.bearing_deg == pytest.approx(200)


def test_without_terrain_there_is_only_a_bearing() -> None:
    found = geolocate(pose_with(80, 20, -45, 0), 0.5, 0.5, ASPECT, 1280, None, PoseErrors())
    assert isinstance(found, Bearing)


@pytest.mark.parametrize("pitch_deg", [-70.0, -45.0, -30.0])
def test_the_claimed_error_is_the_error_of_many_disturbed_views(pitch_deg: float) -> None:
    errors = PoseErrors()
    true_pose = pose_with(80, 40, pitch_deg, 0)
    found = geolocate(true_pose, 0.5, 0.5, ASPECT, 1280, Flat(), errors)
    assert isinstance(found, GroundFix)
    draw = np.random.default_rng(1)
    offsets = []
    for _ in range(300):
        disturbed = CameraPose(
            lat_deg=LAT + math.degrees(draw.normal(0, errors.horizontal_m) / 6.36e6),
            lon_deg=LON + math.degrees(draw.normal(0, errors.horizontal_m) / 5.79e6),
            altitude_amsl_m=true_pose.altitude_amsl_m
            + draw.normal(0, math.hypot(errors.vertical_m, errors.terrain_m)),
            yaw_deg=40 + draw.normal(0, errors.yaw_deg),
            pitch_deg=pitch_deg + draw.normal(0, errors.pitch_deg),
            roll_deg=draw.normal(0, errors.roll_deg),
            hfov_deg=62,
        )
        shift = errors.image_px / 1280
        point = ground_point(
            disturbed,
            0.5 + draw.normal(0, shift),
            0.5 + draw.normal(0, shift) * ASPECT,
            ASPECT,
            Flat(),
        )
        assert point is not None
        north_east = offset_ned_m(true_pose, point)[:2] - offset_ned_m(true_pose, found.point)[:2]
        offsets.append(north_east)
    sampled = np.cov(np.array(offsets).T)
    claimed = found.covariance_m2
    assert math.sqrt(np.trace(claimed)) == pytest.approx(math.sqrt(np.trace(sampled)), rel=0.25)


def fix_at(north_m: float, sigma_m: float) -> GroundFix:
    return GroundFix(
        GroundPoint(LAT + math.degrees(north_m / 6_355_000), LON, 2000),
        45,
        np.eye(2) * sigma_m**2,
    )


def test_more_views_narrow_the_error_but_not_below_what_they_share() -> None:
    one = fuse([fix_at(0, 10)])
    many = fuse([fix_at(float(n), 10) for n in range(-4, 5)])
    assert many.frames == 9
    assert many.ellipse.semi_major_m < one.ellipse.semi_major_m
    assert many.ellipse.semi_major_m > 5


def test_a_good_view_outweighs_bad_ones_and_a_jump_is_left_out() -> None:
    fused = fuse([fix_at(0, 2), fix_at(30, 20), fix_at(1, 2), fix_at(500, 5)])
    here = GeoPoint(lat_deg=LAT, lon_deg=LON)
    place = GeoPoint(lat_deg=fused.point.lat_deg, lon_deg=fused.point.lon_deg)
    assert distance_m(here, place) < 3
    assert fused.frames == 3


def test_nothing_to_fuse_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to fuse"):
        fuse([])
