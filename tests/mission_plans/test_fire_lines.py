"""Observed fire lines: area, length and growth with what they may be off."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.fire.perimeters import FireLine, figures_of, growth_between, predecessor
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.base import GeoPoint

FRAME = LocalFrame(GeoPoint(lat_deg=24.94, lon_deg=102.62))


def box(
    west: float, south: float, east: float, north: float, minute: float = 0, error_m: float = 10
) -> FireLine:
    corners = ((west, south), (east, south), (east, north), (west, north))
    points = [FRAME.point(x, y) for x, y in corners]
    return FireLine(f"{west}/{minute}", int(minute * 60_000), points, True, error_m)


@given(st.floats(50, 3000), st.floats(50, 3000), st.just(0.0) | st.floats(0.2, 20))
def test_an_outline_measures_what_it_measures(wide: float, high: float, error: float) -> None:
    figures = figures_of(box(0, 0, wide, high, error_m=error))
    assert figures.area_m2 == pytest.approx(wide * high, rel=1e-3)
    assert figures.length_m == pytest.approx(2 * (wide + high), rel=1e-3)
    # A seam as wide as the error around it; corners are round outside and square inside.
    seam = 2 * (wide + high) * error - (4 - math.pi) / 2 * error**2
    assert figures.area_error_m2 == pytest.approx(seam, rel=0.01, abs=1)


def test_a_hole_does_not_count_and_a_front_has_no_area() -> None:
    outer, hole = box(0, 0, 100, 100), box(40, 40, 60, 60)
    ring = FireLine("a", 0, outer.points, True, 0, [hole.points])
    assert figures_of(ring).area_m2 == pytest.approx(10_000 - 400, rel=1e-3)
    front = FireLine("b", 0, outer.points[:2], False, 10)
    assert figures_of(front).area_m2 is None
    assert figures_of(front).length_m == pytest.approx(100, rel=1e-3)


@given(st.floats(1, 500), st.floats(1, 120), st.sampled_from((0, 90, 180, 270)))
def test_growth_says_how_far_where_and_how_sure(by: float, minutes: float, side: int) -> None:
    east, north = math.sin(math.radians(side)), math.cos(math.radians(side))
    before = box(0, 0, 200, 200)
    after = box(
        min(0, east * by), min(0, north * by), 200 + max(0, east * by), 200 + max(0, north * by),
        minute=minutes,
    )  # fmt: skip
    growth = growth_between(before, after)
    assert growth.advance_m == pytest.approx(by, rel=0.01, abs=0.1)
    assert growth.advance_m_min == pytest.approx(by / minutes, rel=0.01, abs=0.1)
    assert growth.area_m2_h == pytest.approx(200 * by / minutes * 60, rel=0.01)
    assert growth.advance_error_m_min == pytest.approx(math.hypot(10, 10) / minutes, rel=0.01)
    assert growth.area_error_m2_h > 0
    turned = abs(((growth.side_deg or 0) - side + 180) % 360 - 180)
    assert turned <= 46


def test_one_that_shrank_goes_nowhere() -> None:
    growth = growth_between(box(0, 0, 200, 200), box(20, 20, 180, 180, minute=10))
    assert (growth.advance_m, growth.side_deg) == (0, None)
    assert growth.area_m2_h < 0


def test_lines_of_another_fire_and_of_the_same_minute_are_no_predecessors() -> None:
    line = box(0, 0, 200, 200, minute=30)
    same, far = box(10, 10, 190, 190, minute=20), box(5000, 0, 5200, 200, minute=25)
    older, now = box(50, 50, 100, 100, minute=5), box(0, 0, 199, 200, minute=29.5)
    assert predecessor(line, [older, far, same, now, line]) == same
    assert predecessor(line, [far, now, line]) is None
    with pytest.raises(ValueError, match="later"):
        growth_between(line, now)
