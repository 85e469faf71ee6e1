"""Distances, bearings and places on the ellipsoid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.ground.geodesy import (
    bearing_deg,
    destination,
    distance_m,
    distances_and_bearings,
    metres_per_degree,
    moved,
    offset_m,
)
from mission_plans.values.plan import GeoPoint

SMOKE = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)
points = st.builds(
    GeoPoint, lat_deg=st.floats(-89, 89), lon_deg=st.floats(-180, 180, exclude_min=True)
)


def test_a_published_distance() -> None:
    """Flinders Peak to Buninyong, the test line of Geoscience Australia (GRS80: equal to mm)."""
    flinders = GeoPoint(lat_deg=-(37 + 57 / 60 + 3.72030 / 3600), lon_deg=144.424867889)
    buninyong = GeoPoint(lat_deg=-(37 + 39 / 60 + 10.15610 / 3600), lon_deg=143.926495528)
    assert distance_m(flinders, buninyong) == pytest.approx(54_972.271, abs=0.01)
    assert bearing_deg(flinders, buninyong) == pytest.approx(306.868161, abs=1e-5)


@given(points, st.floats(0, 359.9), st.floats(0.1, 20_000))
def test_one_arrives_as_far_away_as_one_went(
    origin: GeoPoint, bearing: float, length_m: float
) -> None:
    end = destination(origin, bearing, length_m)
    assert distance_m(origin, end) == pytest.approx(length_m, abs=1e-3)
    turned = (bearing_deg(origin, end) - bearing + 180) % 360 - 180
    assert turned == pytest.approx(0, abs=0.01)


@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_an_offset_leads_back_to_its_point(north_m: float, east_m: float) -> None:
    point = moved(SMOKE, north_m, east_m)
    assert offset_m(SMOKE, point) == pytest.approx((north_m, east_m), abs=1e-3)


@given(st.lists(points, max_size=10))
def test_many_at_once_are_as_one_by_one(many: list[GeoPoint]) -> None:
    distances, bearings = distances_and_bearings(
        SMOKE, [p.lat_deg for p in many], [p.lon_deg for p in many]
    )
    assert distances == pytest.approx(np.array([distance_m(SMOKE, p) for p in many]))
    assert bearings == pytest.approx(np.array([bearing_deg(SMOKE, p) for p in many]))


@given(st.floats(-85, 85))
def test_a_degree_is_as_long_as_the_geodesic_says(lat_deg: float) -> None:
    here = GeoPoint(lat_deg=lat_deg, lon_deg=100)
    north_m, east_m = metres_per_degree(lat_deg)
    assert distance_m(here, GeoPoint(lat_deg=lat_deg + 0.001, lon_deg=100)) == pytest.approx(
        north_m / 1000, rel=1e-5
    )
    assert distance_m(here, GeoPoint(lat_deg=lat_deg, lon_deg=100.001)) == pytest.approx(
        east_m / 1000, rel=1e-5
    )
