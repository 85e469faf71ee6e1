"""Somebody else's reader of ST 0601 understands what we write."""

from typing import Any

import klvdata  # pyright: ignore[reportMissingTypeStubs]
import pytest

from field_api.contract.klv import UasMetadata, encode_uas

METADATA = UasMetadata(
    time_us=1_742_020_200_040_000,
    platform_designation="XS-U1",
    platform_heading_deg=45.0,
    platform_pitch_deg=2.5,
    platform_roll_deg=-1.25,
    sensor_lat_deg=24.9415,
    sensor_lon_deg=102.6185,
    sensor_altitude_amsl_m=2400.0,
    sensor_hfov_deg=62.0,
    sensor_vfov_deg=39.5,
    sensor_relative_azimuth_deg=10.0,
    sensor_relative_elevation_deg=-42.0,
    sensor_relative_roll_deg=1.0,
    frame_centre_lat_deg=24.9420,
    frame_centre_lon_deg=102.6190,
)

READ = {
    5: ("platform_heading_deg", 0.01),
    13: ("sensor_lat_deg", 1e-6),
    14: ("sensor_lon_deg", 1e-6),
    15: ("sensor_altitude_amsl_m", 0.5),
    16: ("sensor_hfov_deg", 0.01),
    17: ("sensor_vfov_deg", 0.01),
    18: ("sensor_relative_azimuth_deg", 1e-6),
    19: ("sensor_relative_elevation_deg", 1e-6),
    20: ("sensor_relative_roll_deg", 1e-6),
    23: ("frame_centre_lat_deg", 1e-6),
    24: ("frame_centre_lon_deg", 1e-6),
    90: ("platform_pitch_deg", 1e-6),
    91: ("platform_roll_deg", 1e-6),
}


def test_another_reader_finds_every_item() -> None:
    reader: Any = klvdata
    [packet] = list(reader.StreamParser(encode_uas(METADATA)))
    items = packet.MetadataList()
    assert items[2][3].startswith("2025-03-15 06:30:00.04")
    assert items[10][3] == "XS-U1"
    for tag, (name, within) in READ.items():
        said = float(items[tag][3].split()[0])
        assert said == pytest.approx(getattr(METADATA, name), abs=within), items[tag]
    assert {1, 2, 10, 65, *READ} >= set(items)
