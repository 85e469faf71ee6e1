"""ST 0601 metadata: values survive, hostile bytes are refused with `KlvError` and nothing else."""

import struct
from contextlib import suppress
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.klv import (
    UAS_LOCAL_SET,
    KlvError,
    UasMetadata,
    checksum,
    encode_uas,
    parse_uas,
)
from field_api.contract.messages import CameraPose
from tests.vision.camera_peer import encode_uas as other_encoder

POSES = st.builds(
    CameraPose,
    lat_deg=st.floats(-85, 85),
    lon_deg=st.floats(-179.9, 179.9),
    altitude_amsl_m=st.floats(-400, 8000),
    yaw_deg=st.floats(0, 359.9),
    pitch_deg=st.floats(-90, 20),
    roll_deg=st.floats(0, 359.9),
    hfov_deg=st.floats(5, 120),
)


@given(pose=POSES, time_us=st.integers(0, 2**63))
def test_every_item_comes_back_within_its_resolution(pose: CameraPose, time_us: int) -> None:
    found = parse_uas(other_encoder(pose, time_us))
    assert found.time_us == time_us
    assert found.sensor_lat_deg == pytest.approx(pose.lat_deg, abs=1e-7)
    assert found.sensor_lon_deg == pytest.approx(pose.lon_deg, abs=1e-7)
    assert found.sensor_altitude_amsl_m == pytest.approx(pose.altitude_amsl_m, abs=0.2)
    assert found.platform_heading_deg == pytest.approx(pose.yaw_deg, abs=0.01)
    assert found.sensor_relative_elevation_deg == pytest.approx(pose.pitch_deg, abs=1e-6)
    assert found.sensor_hfov_deg == pytest.approx(pose.hfov_deg, abs=0.01)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(KlvError):
        parse_uas(data)


@given(body=st.binary(max_size=120))
def test_random_items_behind_a_right_label_and_checksum_never_raise_anything_else(
    body: bytes,
) -> None:
    head = UAS_LOCAL_SET + bytes([len(body) + 4]) + body + b"\x01\x02"
    data = head + struct.pack(">H", checksum(head))
    with suppress(KlvError):
        assert parse_uas(data).sensor_relative_roll_deg is None or body


@given(pose=POSES, at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_damaged_byte_is_noticed(pose: CameraPose, at: int, flip: int) -> None:
    good = bytearray(other_encoder(pose, 1))
    good[at % len(good)] ^= flip
    with pytest.raises(KlvError):
        parse_uas(bytes(good))


def test_the_out_of_range_mark_is_no_value() -> None:
    body = bytes([13, 4]) + struct.pack(">i", -(2**31))
    head = UAS_LOCAL_SET + bytes([len(body) + 4]) + body + b"\x01\x02"
    assert parse_uas(head + struct.pack(">H", checksum(head))).sensor_lat_deg is None


def test_unknown_items_with_long_tags_are_skipped() -> None:
    pose = CameraPose(
        lat_deg=25, lon_deg=102, altitude_amsl_m=2300, yaw_deg=10, pitch_deg=-40, hfov_deg=62
    )
    extra = bytes([0x81, 0x0A, 3]) + b"abc"  # item 138
    assert parse_uas(other_encoder(pose, 5, extra)).time_us == 5


METADATA = st.builds(
    UasMetadata,
    time_us=st.integers(0, 2**63),
    platform_designation=st.none() | st.text("XSU-0123侦察", min_size=1, max_size=12),
    platform_heading_deg=st.none() | st.floats(0, 360),
    platform_pitch_deg=st.none() | st.floats(-90, 90),
    platform_roll_deg=st.none() | st.floats(-90, 90),
    sensor_lat_deg=st.none() | st.floats(-90, 90),
    sensor_lon_deg=st.none() | st.floats(-180, 180),
    sensor_altitude_amsl_m=st.none() | st.floats(-900, 19000),
    sensor_hfov_deg=st.none() | st.floats(0, 180),
    sensor_vfov_deg=st.none() | st.floats(0, 180),
    sensor_relative_azimuth_deg=st.none() | st.floats(0, 360),
    sensor_relative_elevation_deg=st.none() | st.floats(-180, 180),
    sensor_relative_roll_deg=st.none() | st.floats(0, 360),
    frame_centre_lat_deg=st.none() | st.floats(-90, 90),
    frame_centre_lon_deg=st.none() | st.floats(-180, 180),
    frame_centre_elevation_amsl_m=st.none() | st.floats(-900, 19000),
)


@given(METADATA)
def test_what_is_written_is_read_and_what_is_not_known_is_left_out(metadata: UasMetadata) -> None:
    found = parse_uas(encode_uas(metadata))
    for name, value in asdict(metadata).items():
        back = getattr(found, name)
        if isinstance(value, float):
            assert back == pytest.approx(value, abs=0.31 if "amsl" in name else 0.006)
        else:
            assert back == value


def test_a_set_without_its_time_is_not_written() -> None:
    with pytest.raises(KlvError, match="time"):
        encode_uas(UasMetadata(sensor_lat_deg=1.0))


def test_values_out_of_range_are_held_to_it() -> None:
    found = parse_uas(encode_uas(UasMetadata(time_us=1, sensor_lat_deg=95.0)))
    assert found.sensor_lat_deg == pytest.approx(90.0)
