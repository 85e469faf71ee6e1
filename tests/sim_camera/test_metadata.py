"""Metadata beside the picture, read back by the independent reader of the vision package."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from field_api.contract.klv import checksum, parse_uas
from sim.camera.metadata import encode_pose
from sim.vehicle.pose import Pose


def pose(
    lat_deg: float = 24.94,
    lon_deg: float = 102.62,
    amsl_m: float = 2400.0,
    roll_deg: float = 0.0,
    pitch_deg: float = 0.0,
    yaw_deg: float = 0.0,
    gimbal_pitch_deg: float = -40.0,
    gimbal_yaw_deg: float = 0.0,
) -> Pose:
    return Pose(
        t_ms=0,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        amsl_m=amsl_m,
        relative_m=60.0,
        roll_deg=roll_deg,
        pitch_deg=pitch_deg,
        yaw_deg=yaw_deg,
        north_ms=0.0,
        east_ms=0.0,
        up_ms=0.0,
        gimbal_pitch_deg=gimbal_pitch_deg,
        gimbal_yaw_deg=gimbal_yaw_deg,
    )


def turn(yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Return yaw, then pitch, then roll as a rotation of north, east, down."""
    y, p, r = (math.radians(v) for v in (yaw_deg, pitch_deg, roll_deg))
    z = np.array([[math.cos(y), -math.sin(y), 0], [math.sin(y), math.cos(y), 0], [0, 0, 1]])
    v = np.array([[math.cos(p), 0, math.sin(p)], [0, 1, 0], [-math.sin(p), 0, math.cos(p)]])
    x = np.array([[1, 0, 0], [0, math.cos(r), -math.sin(r)], [0, math.sin(r), math.cos(r)]])
    return z @ v @ x


def test_the_examples_of_the_standard() -> None:
    """Values and bytes are the worked examples of ST 0601's item descriptions."""
    packet = encode_pose(
        pose(
            lat_deg=60.176822966978335,
            lon_deg=128.42675904204452,
            amsl_m=14190.7195,
            yaw_deg=159.97436484321355,
            pitch_deg=-0.43152510208614414,
            roll_deg=3.4058139815022304,
        ),
        144.57129778,
        152.64362554,
        1224807209913000,
    )
    for item in (
        "0208000459F4A6AA4AA8",
        "050271C2",
        "0D045595B66D",
        "0E045B5360C4",
        "0F02C221",
        "1002CD9C",
        "1102D917",
        "5A04FF62E2F2",
        "5B0404D804DF",
    ):
        assert bytes.fromhex(item) in packet
    assert packet[:16].hex() == "060e2b34020b01010e01030101000000"
    assert int.from_bytes(packet[-2:], "big") == checksum(packet[:-2])


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    amsl=st.floats(-900, 19000),
    roll=st.floats(-60, 60),
    pitch=st.floats(-60, 60),
    yaw=st.floats(-180, 360),
    gimbal_pitch=st.floats(-90, 30),
    gimbal_yaw=st.floats(-180, 180),
    time_us=st.integers(0, 2**63),
)
def test_a_reader_gets_back_the_position_and_the_line_of_sight(
    lat: float,
    lon: float,
    amsl: float,
    roll: float,
    pitch: float,
    yaw: float,
    gimbal_pitch: float,
    gimbal_yaw: float,
    time_us: int,
) -> None:
    sent = pose(lat, lon, amsl, roll, pitch, yaw, gimbal_pitch, gimbal_yaw)
    read = parse_uas(encode_pose(sent, 62.0, 37.4, time_us))
    assert read.time_us == time_us
    assert read.sensor_lat_deg is not None
    assert read.sensor_lon_deg is not None
    assert read.sensor_altitude_amsl_m is not None
    assert abs(read.sensor_lat_deg - lat) < 1e-7
    assert abs(read.sensor_lon_deg - lon) < 1e-7
    assert abs(read.sensor_altitude_amsl_m - amsl) < 0.2
    assert read.platform_heading_deg is not None
    assert read.platform_pitch_deg is not None
    assert read.platform_roll_deg is not None
    assert read.sensor_relative_azimuth_deg is not None
    assert read.sensor_relative_elevation_deg is not None
    assert read.sensor_relative_roll_deg is not None
    platform = turn(read.platform_heading_deg, read.platform_pitch_deg, read.platform_roll_deg)
    mount = turn(
        read.sensor_relative_azimuth_deg,
        read.sensor_relative_elevation_deg,
        read.sensor_relative_roll_deg,
    )
    level = turn(yaw + gimbal_yaw, gimbal_pitch, 0.0)
    # A hundredth of a degree: 1 cm at 60 m.
    np.testing.assert_allclose(platform @ mount, level, atol=2e-4)
