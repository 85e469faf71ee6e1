"""Poses at a frame's own instant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.klv import parse_uas
from field_api.contract.messages import CameraPose
from tests.vision.camera_peer import encode_uas
from vision.camera import Attitude, compose_attitude, rotation
from vision.pose import CAPACITY, PoseTrack, pose_of


def pose(lat_deg: float = 25.0, yaw_deg: float = 0.0) -> CameraPose:
    return CameraPose(
        lat_deg=lat_deg,
        lon_deg=102.0,
        altitude_amsl_m=2300,
        yaw_deg=yaw_deg,
        pitch_deg=-40,
        hfov_deg=62,
    )


def test_a_frame_between_two_poses_gets_the_one_in_between() -> None:
    track = PoseTrack()
    track.add(9000, pose(25.0, 350))
    track.add(18000, pose(25.001, 10))
    between = track.at(13500)
    assert between is not None
    assert between.lat_deg == pytest.approx(25.0005)
    assert (between.yaw_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


def test_a_frame_far_from_any_pose_gets_none() -> None:
    track = PoseTrack()
    assert track.at(0) is None
    track.add(90_000, pose())
    assert track.at(80_000) is None
    assert track.at(90_000 + 17_000) is not None
    assert track.at(90_000 + 19_000) is None
    track.add(900_000, pose())
    assert track.at(400_000) is None


def test_the_ring_forgets_the_oldest() -> None:
    track = PoseTrack()
    for number in range(CAPACITY + 5):
        track.add(number * 6000, pose())
    assert track.at(0) is None
    assert track.at(5 * 6000) is not None


@given(
    yaw=st.floats(0, 359),
    pitch=st.floats(-89, 60),
    roll=st.floats(-60, 60),
    platform_yaw=st.floats(0, 359),
    platform_pitch=st.floats(-20, 20),
    platform_roll=st.floats(-30, 30),
)
def test_composing_attitudes_is_multiplying_rotations(
    yaw: float,
    pitch: float,
    roll: float,
    platform_yaw: float,
    platform_pitch: float,
    platform_roll: float,
) -> None:
    whole = compose_attitude(
        Attitude(platform_yaw, platform_pitch, platform_roll), Attitude(yaw, pitch, roll)
    )
    expected = rotation(platform_yaw, platform_pitch, platform_roll) @ rotation(yaw, pitch, roll)
    found = rotation(whole.yaw_deg, whole.pitch_deg, whole.roll_deg)
    assert abs(found - expected).max() < 1e-6


def test_a_camera_straight_down_keeps_its_heading() -> None:
    looking_down = compose_attitude(Attitude(70, 0, 0), Attitude(0, -90, 0))
    assert looking_down.pitch_deg == pytest.approx(-90)
    assert looking_down.yaw_deg == pytest.approx(70)


def test_metadata_gives_the_pose_it_was_made_from() -> None:
    original = pose(yaw_deg=123.4)
    found = pose_of(parse_uas(encode_uas(original, 1)))
    assert found is not None
    assert found.yaw_deg == pytest.approx(123.4, abs=0.01)
    assert found.pitch_deg == pytest.approx(-40, abs=0.001)


def test_metadata_without_a_position_gives_no_pose() -> None:
    full = parse_uas(encode_uas(pose(), 1))
    from dataclasses import replace

    assert pose_of(replace(full, sensor_lat_deg=None)) is None
    assert pose_of(replace(full, sensor_hfov_deg=0.0)) is None
