"""Fences and rally points become items, compared as the vehicle keeps them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import dialect
from fleet.protocol.fence_items import (
    CircleFence,
    FenceArea,
    PolygonFence,
    fence_difference,
    fence_items,
    rally_difference,
    rally_items,
)
from mission_plans.formats.mission_items import MissionItem
from mission_plans.values.base import GeoPoint

FCP = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
points = st.builds(GeoPoint, lat_deg=st.floats(20, 30), lon_deg=st.floats(100, 110))
polygons = st.builds(
    PolygonFence,
    st.lists(points, min_size=3, max_size=12, unique_by=lambda p: round(p.lat_deg, 6)),
    st.booleans(),
)
circles = st.builds(CircleFence, points, st.floats(1, 5_000), st.booleans())


def kept(item: MissionItem) -> MissionItem:
    """Return an item as ArduCopter 4.0.7 gives it back."""
    whole = {"param1": float(int(item.param1)), "z": float(int(item.z)), "autocontinue": False}
    return item.model_copy(update=whole)


@given(st.lists(polygons | circles, min_size=1, max_size=8), st.none() | points)
def test_a_fence_comes_back_as_it_was_sent(
    areas: list[FenceArea], return_point: GeoPoint | None
) -> None:
    items = fence_items(areas, return_point)
    assert [item.seq for item in items] == list(range(len(items)))
    corners = sum(len(a.corners) if isinstance(a, PolygonFence) else 1 for a in areas)
    assert len(items) == corners + (return_point is not None)
    assert fence_difference(items, [kept(item) for item in items]) is None
    for index, item in enumerate(items):
        moved = [*items]
        moved[index] = item.model_copy(update={"y": item.y + 100})
        assert "position" in (fence_difference(items, moved) or "")
    assert fence_difference(items, items[1:]) is not None


def test_every_kind_has_its_command() -> None:
    triangle = [
        FCP,
        GeoPoint(lat_deg=24.95, lon_deg=102.61),
        GeoPoint(lat_deg=24.95, lon_deg=102.62),
    ]
    areas = [
        PolygonFence(triangle, inclusion=True),
        PolygonFence(triangle, inclusion=False),
        CircleFence(FCP, 50.0, inclusion=True),
        CircleFence(FCP, 50.0, inclusion=False),
    ]
    items = fence_items(areas, FCP)
    assert [i.command for i in items] == [5001] * 3 + [5002] * 3 + [5003, 5004, 5000]
    assert [i.param1 for i in items] == [3.0] * 6 + [50.0, 50.0, 0.0]
    assert (items[0].x, items[0].y) == (249_478_000, 1_026_108_000)
    swapped = items[6].model_copy(update={"command": 5004})
    assert "command" in (fence_difference(items, [*items[:6], swapped, *items[7:]]) or "")


@given(st.floats(1, 5_000), st.booleans())
def test_whole_metres_are_on_the_safe_side(radius_m: float, inclusion: bool) -> None:
    (item,) = fence_items([CircleFence(FCP, radius_m, inclusion)])
    assert item.param1 == (math.floor(radius_m) if inclusion else math.ceil(radius_m))
    (point,) = rally_items([(FCP, radius_m)])
    assert radius_m <= point.z <= radius_m + 1
    assert point.frame == dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
    assert rally_difference([point], [kept(point)]) is None
    assert "altitude" in (rally_difference([point], [point.model_copy(update={"z": -9.0})]) or "")


@pytest.mark.parametrize(
    ("area", "says"),
    [
        (PolygonFence([FCP, FCP], True), "closing corner"),
        (PolygonFence([FCP, GeoPoint(lat_deg=1, lon_deg=1)], True), "2 corners"),
        (
            PolygonFence([GeoPoint(lat_deg=i / 10, lon_deg=1) for i in range(300)], True),
            "300 corners",
        ),
        (CircleFence(FCP, 0.5, True), "radius of 0.5"),
        (CircleFence(FCP, math.nan, True), "radius of nan"),
    ],
)
def test_what_is_no_area_is_refused(area: FenceArea, says: str) -> None:
    with pytest.raises(ValueError, match=f"area 2: .*{says}"):
        fence_items([CircleFence(FCP, 10.0, True), area])


def test_more_than_a_vehicle_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="651 items"):
        fence_items([CircleFence(FCP, 10.0, True)] * 651)
    with pytest.raises(ValueError, match="651 rally"):
        rally_items([(FCP, 10.0)] * 651)
    with pytest.raises(ValueError, match="rally point 1: -3"):
        rally_items([(FCP, -3.0)])
