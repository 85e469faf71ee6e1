"""Random areas with holes and no-fly zones: what every plan keeps, whatever the shape."""

import math

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import PlanError, plan_search
from mission_plans.values.plan import (
    Fence,
    GeoPoint,
    PlanRequest,
    SearchPlan,
    Severity,
    WaypointKind,
)
from tests.mission_plans.areas import FRAME, aircraft, ring

SWATH_M = 72.1
"""Of the default camera at 60 m."""


@st.composite
def stars(draw: st.DrawFn, centre: tuple[float, float], low: float, high: float) -> list[GeoPoint]:
    """Draw a star-shaped, mostly concave ring round a centre in metres."""
    count = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(low, high), min_size=count, max_size=count))
    turn = draw(st.floats(0, 2 * math.pi))
    return ring(
        *(
            (
                centre[0] + r * math.sin(turn + 2 * math.pi * i / count),
                centre[1] + r * math.cos(turn + 2 * math.pi * i / count),
            )
            for i, r in enumerate(radii)
        )
    )


@st.composite
def requests(draw: st.DrawFn) -> PlanRequest:
    """Draw a search of a few hundred metres with holes, zones and 1..4 aircraft."""
    places = st.tuples(st.floats(-300, 300), st.floats(-300, 300))
    holes = [draw(stars(draw(places), 15, 90)) for _ in range(draw(st.integers(0, 3)))]
    zones = [
        Fence(id=f"Z{i}", kind="exclude", name=f"Z{i}", polygon=draw(stars(draw(places), 20, 150)))
        for i in range(draw(st.integers(0, 2)))
    ]
    launch = ring(draw(st.tuples(st.floats(-900, 900), st.floats(-1200, -900))))[0]
    return PlanRequest(
        area=draw(stars((0.0, 0.0), 120, 800)),
        holes=holes,
        fences=zones,
        aircraft=aircraft(draw(st.integers(1, 4)), launch, endurance_s=draw(st.floats(700, 3000))),
        heading_deg=draw(st.none() | st.floats(0, 359)),
    )


def _shape(points: list[GeoPoint]) -> shapely.Polygon:
    x, y = FRAME.to_metres([p.lat_deg for p in points], [p.lon_deg for p in points])
    return shapely.Polygon(list(zip(x.tolist(), y.tolist(), strict=True)))


def _lines(plan: SearchPlan) -> tuple[list[shapely.LineString], list[shapely.LineString]]:
    """Return every flown leg, and those of them that are searched."""
    legs: list[shapely.LineString] = []
    lanes: list[shapely.LineString] = []
    for sortie in plan.sorties:
        x, y = FRAME.to_metres(
            [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
        )
        for i, waypoint in enumerate(sortie.waypoints[:-1]):
            leg = shapely.LineString([(x[i], y[i]), (x[i + 1], y[i + 1])])
            legs.append(leg)
            if waypoint.kind in (WaypointKind.LANE_START, WaypointKind.LANE):
                lanes.append(leg)
    return legs, lanes


@settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(requests())
def test_every_plan_covers_avoids_and_comes_home(request: PlanRequest) -> None:
    refusal: str | None = None
    try:
        plan = plan_search(request, demo_terrain(), "p")
    except PlanError as refused:
        refusal, plan = refused.code, None
    if plan is None:
        assert refusal in {"unreachable", "area_size", "area_forbidden"}
        return
    failed = {c.id for c in plan.checks if not c.passed}
    legs, lanes = _lines(plan)

    zones = [_shape(f.polygon) for f in request.fences]
    forbidden = shapely.union_all(zones + [_shape(h) for h in request.holes])
    for leg in legs:
        assert not leg.intersects(forbidden)

    limit = 1 - request.reserve_fraction
    if "endurance" not in failed:
        assert all(s.energy_fraction <= limit + 1e-6 for s in plan.sorties)
        searched = _shape(request.area).difference(
            shapely.union_all([forbidden, *(zone.buffer(10.0) for zone in zones)])
        )
        step = max(2.0, math.sqrt(searched.area / 4000))
        left, bottom, right, top = searched.bounds
        x, y = np.meshgrid(np.arange(left, right, step), np.arange(bottom, top, step))
        inside = shapely.contains_xy(searched, x, y)
        swaths = shapely.union_all([lane.buffer(SWATH_M / 2) for lane in lanes])
        seen = shapely.contains_xy(swaths, x[inside], y[inside])
        # Cells of another raster on the edge of what is seen.
        assert seen.mean() >= 0.94 or "coverage" in failed

    terrain = demo_terrain()
    if "clearance" not in failed:
        for sortie in plan.sorties:
            for a, b in zip(sortie.waypoints, sortie.waypoints[1:], strict=False):
                part = np.linspace(0, 1, 30)
                lat = a.lat_deg + (b.lat_deg - a.lat_deg) * part
                lon = a.lon_deg + (b.lon_deg - a.lon_deg) * part
                amsl = a.altitude_amsl_m + (b.altitude_amsl_m - a.altitude_amsl_m) * part
                clear = amsl - terrain.elevation_m(lat, lon)
                assert clear.min() >= request.min_clearance_m - 1.0
    for sortie in plan.sorties:
        home = sortie.waypoints[-1]
        assert abs(home.lat_deg - sortie.launch.lat_deg) < 1e-6
        assert abs(home.lon_deg - sortie.launch.lon_deg) < 1e-6
    blocking = {c.id for c in plan.checks if not c.passed and c.severity is Severity.BLOCK}
    assert plan.flyable == (not blocking)
