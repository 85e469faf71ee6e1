"""Outlines as people draw them: mended with a word, or refused with the place and what to do."""

import math

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.outlines import MOST_POINTS, OutlineError, mended, simplified
from mission_plans.ground.request_shapes import PlanError
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import AircraftSpec, CameraSpec, GeoPoint, PlanRequest, SearchPlan
from tests.mission_plans.areas import LevelGround

ORIGIN = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
FRAME = LocalFrame(ORIGIN)
STRAIGHT_DOWN = CameraSpec(pitch_deg=-90)


def ring(*corners: tuple[float, float]) -> list[GeoPoint]:
    """Corners in metres east and north of the fire checkpoint."""
    return [FRAME.point(x, y) for x, y in corners]


def planned(area: list[GeoPoint], **changed: object) -> SearchPlan:
    craft = AircraftSpec(vehicle_id="XS-U1", launch=ORIGIN, endurance_s=5000, camera=STRAIGHT_DOWN)
    request = PlanRequest.model_validate(
        {"area": area, "aircraft": [craft], "seek": "lying", **changed}
    )
    return plan_search(request, LevelGround(), "p")


def test_a_spike_is_taken_off_and_said_in_metres() -> None:
    found = mended(
        ring((0, 0), (500, 0), (500, 200), (700, 200), (500, 200.01), (500, 400), (0, 400)), FRAME
    )
    spiky = mended(
        ring((0, 0), (500, 0), (500, 200), (700, 200), (500, 200), (500, 400), (0, 400)), FRAME
    )
    assert spiky.shape.area == pytest.approx(200_000, rel=1e-4)
    ((zh, en),) = spiky.notices
    assert "200.0 m" in en
    assert "200.0 米" in zh
    assert found.shape.area == pytest.approx(200_001, rel=1e-4)


def test_an_outline_that_touches_itself_keeps_both_its_parts() -> None:
    found = mended(ring((0, 0), (250, 200), (500, 0), (500, 400), (250, 200), (0, 400)), FRAME)
    assert found.shape.area == pytest.approx(100_000, rel=1e-4)
    ((_, en),) = found.notices
    assert "24.94" in en
    assert "0.0 m" in en


def test_an_outline_that_crosses_itself_is_refused_with_the_place() -> None:
    with pytest.raises(OutlineError) as refused:
        mended(ring((0, 0), (400, 400), (400, 0), (0, 400)), FRAME)
    at = FRAME.point(200, 200)
    assert f"{at.lat_deg:.5f}° N, {at.lon_deg:.5f}° E" in str(refused.value)
    assert "移动" in refused.value.text_zh
    with pytest.raises(PlanError) as plan_refused:
        planned(ring((0, 0), (400, 400), (400, 0), (0, 400)))
    assert "intersection" not in str(plan_refused.value).lower()


def test_a_tiny_loop_of_the_hand_is_mended() -> None:
    slip = ring((0, 0), (400, 0), (400, 400), (200, 400), (203, 403), (203, 400), (0, 402))
    found = mended(slip, FRAME)
    assert found.shape.is_valid
    assert found.notices


def test_a_line_is_no_area() -> None:
    with pytest.raises(OutlineError, match="encloses nothing"):
        mended(ring((0, 0), (100, 100), (200, 200), (300, 300)), FRAME)


def test_ten_thousand_points_are_simplified_and_said_in_metres() -> None:
    count = 10_000
    fine = ring(
        *(
            (600 * math.cos(t) + 0.3 * math.cos(40 * t), 600 * math.sin(t))
            for t in (2 * math.pi * i / count for i in range(count))
        )
    )
    plan = planned(fine)
    (said,) = [c for c in plan.checks if c.id == "outline_mended"]
    assert "10000 points" in said.text_en
    found = simplified(mended(fine, FRAME))
    assert len(shapely.get_coordinates(found.shape)) <= MOST_POINTS
    drawn = shapely.Polygon([FRAME.to_metres(p.lat_deg, p.lon_deg) for p in fine])
    assert drawn.boundary.hausdorff_distance(found.shape.boundary) < 1.0


@example([(0.0, 0.0), (0.0, 0.5), (1.0, 0.0), (0.0, 0.0), (0.0, -50.0), (1.0, 0.0)])
@given(
    st.lists(
        st.tuples(st.floats(-500, 500, width=32), st.floats(-500, 500, width=32)),
        min_size=3,
        max_size=12,
    )
)
def test_any_ring_is_mended_or_refused_in_words(corners: list[tuple[float, float]]) -> None:
    refusal: OutlineError | None = None
    try:
        found = mended(ring(*corners), FRAME)
        assert found.shape.is_valid
        assert found.shape.area > 0
    except OutlineError as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.text_zh
        assert "[" not in str(refusal)


def test_a_hole_is_cut_from_the_area_it_lies_in() -> None:
    first = ring((0, 0), (300, 0), (300, 300), (0, 300))
    second = ring((500, 0), (800, 0), (800, 300), (500, 300))
    hole = ring((600, 100), (700, 100), (700, 200), (600, 200))
    plan = planned(first, also=[second], holes=[hole])
    assert plan.metrics.area_m2 == pytest.approx(90_000 + 90_000 - 10_000, rel=0.01)


@pytest.mark.parametrize("width_m", [5.0, 12.0, 30.0])
@pytest.mark.parametrize("heading_deg", [0.0, 33.0, 71.0])
def test_a_strip_is_searched_along_itself(width_m: float, heading_deg: float) -> None:
    angle = math.radians(90 - heading_deg)
    along = (math.cos(angle), math.sin(angle))
    across = (-along[1], along[0])
    corners = [(0, -0.5), (1500, -0.5), (1500, 0.5), (0, 0.5)]
    strip = ring(
        *(
            (a * along[0] + b * width_m * across[0], a * along[1] + b * width_m * across[1])
            for a, b in corners
        )
    )
    plan = planned(strip)
    assert plan.metrics.coverage_fraction > 0.98
    turned = abs((plan.metrics.lane_heading_deg - heading_deg + 90) % 180 - 90)
    assert turned < 3
    for fixed in range(0, 180, 15):
        other = planned(strip, heading_deg=float(fixed))
        if other.metrics.coverage_fraction > 0.98:
            assert plan.metrics.longest_sortie_s <= other.metrics.longest_sortie_s * 1.01
