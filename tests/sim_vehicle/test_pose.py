"""Poses between messages, and messages that are no good."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import PoseTrack

UTC_MS = 1_700_000_000_000


class Sender:
    def __init__(self) -> None:
        self.codec = mavlink.MAVLink(None, srcSystem=7, srcComponent=1)
        self.track = PoseTrack(7)

    def send(self, message: mavlink.MAVLink_message) -> None:
        self.track.receive(bytes(message.pack(self.codec)))
        self.codec.seq = (self.codec.seq + 1) % 256

    def at(self, boot_ms: int, yaw_deg: float, north_deg: float, vx: float = 0.0) -> None:
        self.send(mavlink.MAVLink_system_time_message(UTC_MS * 1000 + boot_ms * 1000, boot_ms))
        self.send(
            mavlink.MAVLink_attitude_message(boot_ms, 0.1, 0.0, math.radians(yaw_deg), 0, 0, 0)
        )
        lat = round((25.0 + north_deg) * 1e7)
        self.send(
            mavlink.MAVLink_global_position_int_message(
                boot_ms, lat, 1026600000, 2_000_000, 50_000, round(vx * 100), 0, 0, 0
            )
        )


def test_poses_are_interpolated_the_short_way_round() -> None:
    sender = Sender()
    sender.at(1000, 350.0, 0.0)
    sender.at(1200, 10.0, 0.0001)
    pose = sender.track.pose_at(UTC_MS + 1100)
    assert pose is not None
    assert min(pose.yaw_deg, 360 - pose.yaw_deg) == pytest.approx(0.0, abs=0.01)
    assert pose.lat_deg == pytest.approx(25.00005, abs=1e-8)
    assert sender.track.pose_at(UTC_MS + 900) is None


def test_poses_run_ahead_a_little_by_the_velocity() -> None:
    sender = Sender()
    sender.at(1000, 0.0, 0.0, vx=10.0)
    pose = sender.track.pose_at(UTC_MS + 1400)
    assert pose is not None
    assert (pose.lat_deg - 25.0) * 111_000 == pytest.approx(4.0, abs=0.05)
    assert sender.track.pose_at(UTC_MS + 1600) is None


@pytest.mark.parametrize("pitch_deg", [0.0, -40.0, -60.0, -89.5, -90.0])
def test_gimbal_pitch_comes_from_its_quaternion(pitch_deg: float) -> None:
    sender = Sender()
    half = math.radians(pitch_deg) / 2
    q = [math.cos(half), 0.0, math.sin(half), 0.0]
    sender.send(mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 0, 12, q, 0, 0, 0, 0))
    sender.at(1000, 0.0, 0.0)
    assert sender.track.latest is not None
    assert sender.track.latest.gimbal_pitch_deg == pytest.approx(pitch_deg, abs=0.05)


def test_a_restarted_vehicle_starts_a_new_track() -> None:
    sender = Sender()
    sender.at(60_000, 0.0, 0.0)
    sender.at(500, 0.0, 0.5)
    assert sender.track.latest is not None
    assert sender.track.latest.lat_deg == pytest.approx(25.5)


@given(st.binary(max_size=400))
def test_random_bytes_leave_it_alone(data: bytes) -> None:
    track = PoseTrack(7)
    track.receive(data)
    assert track.latest is None
    assert track.poll(0.0)
