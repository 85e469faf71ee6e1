"""Search patterns: what each covers, keeps out of, and where it turns."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mission_plans.coverage.lanes import Lane
from mission_plans.ground.terrain import GridTerrain
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.patterns.circle import orbit
from mission_plans.patterns.contour import contour
from mission_plans.patterns.datum import expanding_square, sector
from mission_plans.patterns.errors import PatternError
from mission_plans.patterns.fire_perimeter import fire_perimeter, smoke_area
from mission_plans.patterns.path import along_path, corridor
from mission_plans.patterns.points import visit_points
from mission_plans.search.planning import PlanError, plan_search
from mission_plans.values.base import GeoPoint
from mission_plans.values.pattern import (
    Contour,
    Corridor,
    ExpandingSquare,
    FirePerimeter,
    Hover,
    MappingSurvey,
    Orbit,
    Pattern,
    Points,
    Sector,
    TrackLine,
)
from mission_plans.values.plan import WaypointKind, Wind
from tests.mission_plans.areas import FRAME, SMOKE, demo_area, demo_request, ring

quick = settings(max_examples=40, derandomize=True)
points = st.tuples(st.floats(-800, 800), st.floats(-800, 800))


def swept(lanes: list[Lane], half_m: float) -> shapely.Geometry:
    """Return the ground within half a swath of the lanes, square at their ends."""
    return shapely.union_all(
        [
            shapely.LineString([lane.start, lane.end]).buffer(half_m, cap_style="square")
            for lane in lanes
            if lane.length_m > 0
        ]
    )


def connected(lanes: list[Lane]) -> bool:
    return all(math.dist(a.end, b.start) < 1e-6 for a, b in itertools.pairwise(lanes))


@quick
@given(st.floats(30, 900), st.floats(0, 359), st.floats(20, 120))
def test_an_expanding_square_covers_its_square_and_turns_right(
    reach_m: float, heading_deg: float, spacing_m: float
) -> None:
    lanes = expanding_square((0.0, 0.0), reach_m, heading_deg, spacing_m)
    assert connected(lanes)
    assert lanes[0].heading_deg == pytest.approx(heading_deg, abs=1e-6)
    turns = [(b.heading_deg - a.heading_deg) % 360 for a, b in itertools.pairwise(lanes)]
    assert turns == pytest.approx([90.0] * len(turns))
    square = shapely.affinity.rotate(
        shapely.box(-reach_m, -reach_m, reach_m, reach_m), -heading_deg, origin=(0, 0)
    )
    missed = square.difference(swept(lanes, spacing_m / 2 + 0.01))
    assert missed.area < 1e-6 * square.area


@quick
@given(st.floats(50, 2000), st.floats(0, 359), st.booleans())
def test_a_sector_search_crosses_the_datum_in_equal_legs(
    radius_m: float, heading_deg: float, second: bool
) -> None:
    lanes = sector((10.0, -5.0), radius_m, heading_deg, second_pass=second)
    assert len(lanes) == (18 if second else 9)
    assert connected(lanes)
    assert all(lane.length_m == pytest.approx(radius_m) for lane in lanes)
    home = [lane for lane in lanes if math.dist(lane.end, (10.0, -5.0)) < 1e-6]
    assert len(home) == (6 if second else 3)
    for back, out in itertools.pairwise(lanes[:9]):
        if math.dist(back.end, (10.0, -5.0)) < 1e-6:
            turn = abs(out.heading_deg - back.heading_deg)
            assert min(turn, 360 - turn) == pytest.approx(0.0, abs=1e-6)


@quick
@given(
    st.lists(st.floats(-60, 60), min_size=1, max_size=6),
    st.floats(20, 400),
    st.floats(20, 80),
)
def test_a_corridor_is_covered_to_its_edges(
    bends: list[float], width_m: float, spacing_m: float
) -> None:
    path = [(0.0, 0.0)]
    heading = 0.0
    for bend in bends:
        heading += bend
        x, y = path[-1]
        path.append(
            (x + 500 * math.sin(math.radians(heading)), y + 500 * math.cos(math.radians(heading)))
        )
    lanes = corridor(path, width_m, spacing_m, (0.0, -100.0))
    strip = shapely.LineString(path).buffer(width_m / 2, cap_style="flat")
    missed = strip.difference(swept(lanes, spacing_m / 2 + 1.5))
    assert missed.area < 0.002 * strip.area
    again = corridor(path, width_m, spacing_m, (0.0, -100.0))
    assert again == lanes


def test_a_track_line_goes_up_one_side_and_down_the_other() -> None:
    lanes = along_path([(0, 0), (0, 1000), (600, 1600)], 2, 60.0, (0, -50))
    first, last = lanes[0], lanes[-1]
    assert math.hypot(*first.start) < 40
    assert math.hypot(*last.end) < 40
    line = shapely.LineString([(0, 0), (0, 1000), (600, 1600)])
    for lane in lanes:
        if lane.length_m > 100:
            assert line.distance(shapely.Point(lane.start)) == pytest.approx(30, abs=1.5)


def test_a_path_without_length_is_refused() -> None:
    with pytest.raises(PatternError, match="no length"):
        along_path([(1.0, 1.0), (1.0, 1.0)], 1, 60.0, (0, 0))


@quick
@given(st.floats(20, 2000), st.floats(30, 3000), st.booleans())
def test_an_orbit_keeps_its_radius_and_time(
    radius_m: float, duration_s: float, clockwise: bool
) -> None:
    lanes = orbit((5.0, 5.0), radius_m, duration_s, 8.0, (5.0, -900.0), clockwise=clockwise)
    assert connected(lanes)
    for lane in lanes:
        line = shapely.LineString([lane.start, lane.end])
        assert line.distance(shapely.Point(5.0, 5.0)) >= radius_m - max(2.01, 0.04 * radius_m)
        assert math.dist(lane.start, (5.0, 5.0)) == pytest.approx(radius_m)
    length = sum(lane.length_m for lane in lanes)
    assert length >= min(duration_s * 8.0, 2 * math.pi * radius_m * 0.95) - lanes[0].length_m
    turn = (lanes[1].heading_deg - lanes[0].heading_deg) % 360
    assert (turn < 180) == clockwise


@quick
@given(
    st.lists(points, min_size=2, max_size=7, unique=True),
    st.floats(0, 359),
    st.floats(1.5, 20),
    st.floats(30, 300),
)
def test_a_fire_is_flown_round_outside_its_smoke(
    line: list[tuple[float, float]], from_deg: float, speed_ms: float, standoff_m: float
) -> None:
    wind = Wind(from_deg=from_deg, speed_ms=speed_ms)
    lanes = fire_perimeter(line, standoff_m, 2, wind, (0.0, -2000.0))
    flown = shapely.union_all([shapely.LineString([a.start, a.end]) for a in lanes])
    assert flown.intersection(smoke_area(line, wind)).length < 0.01
    assert flown.distance(shapely.LineString(line)) >= standoff_m - 1
    assert connected(lanes[: len(lanes) // 2])


def test_a_fire_without_wind_data_is_refused_and_a_calm_one_circled() -> None:
    line = [(0.0, 0.0), (200.0, 0.0), (200.0, 150.0)]
    with pytest.raises(PatternError, match="wind"):
        fire_perimeter(line, 80.0, 1, None, (0.0, -500.0))
    calm = fire_perimeter(line, 80.0, 1, Wind(from_deg=0, speed_ms=0.3), (0.0, -500.0))
    assert math.dist(calm[0].start, calm[-1].end) < 1e-6


@quick
@given(st.lists(points, min_size=1, max_size=12, unique=True), points)
def test_a_hasty_search_visits_every_place_and_has_no_crossing(
    places: list[tuple[float, float]], entry: tuple[float, float]
) -> None:
    lanes = visit_points(places, 5.0, entry)
    assert sorted({lane.end for lane in lanes}) == sorted(places)
    assert all(lane.hold_s == 5.0 for lane in lanes)
    nearest, left, here = 0.0, list(places), entry
    while left:
        there = min(left, key=lambda p: (math.dist(here, p), p))
        nearest += math.dist(here, there)
        left.remove(there)
        here = there
    flown = math.dist(entry, lanes[0].start) + sum(lane.length_m for lane in lanes)
    assert flown <= nearest + 1e-6


def cone() -> TerrainPatch:
    """Return a cone 300 m high with 30 % slopes on a plain."""
    steps = np.arange(-15, 16) * 0.001
    x, y = np.meshgrid(steps * 101_000, steps * 110_800)
    z = np.maximum(0.0, 300.0 - 0.3 * np.hypot(x, y)) + 2000.0
    terrain = GridTerrain(z, 24.9330 - 0.015, 102.6265 - 0.015, 0.001)
    return TerrainPatch(terrain, FRAME, (-1300.0, -1300.0, 1300.0, 1300.0))


def test_contours_keep_their_height_and_go_down() -> None:
    patch = cone()
    lanes = contour((0.0, 0.0), 120.0, 1000.0, 60.0, patch)
    heights = [float(patch.elevation_m(*lane.start)) for lane in lanes]
    assert max(heights) > 2270
    assert min(heights) < 2195
    level = [h for h, lane in zip(heights, lanes, strict=True) if lane.length_m > 30]
    assert np.all(np.diff([round(h / 20) for h in level]) <= 1)
    with pytest.raises(PatternError, match="peak"):
        contour((1250.0, 1250.0), 50.0, 55.0, 60.0, patch)


PATTERNS: list[Pattern] = [
    ExpandingSquare(datum=SMOKE, reach_m=300),
    Sector(datum=SMOKE, radius_m=500),
    Contour(peak=SMOKE, down_m=80, radius_m=700),
    TrackLine(path=ring((0, 0), (400, 500), (300, 1200))),
    Corridor(path=ring((0, 0), (400, 500), (300, 1200)), width_m=200),
    Orbit(centre=SMOKE, radius_m=150, duration_s=300),
    Hover(point=SMOKE, duration_s=300),
    FirePerimeter(line=ring((-900, 900), (-700, 950), (-600, 1100))),
    Points(places=ring((0, 0), (400, 500), (-300, 800))),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.kind)
def test_every_pattern_becomes_a_flyable_plan(pattern: Pattern) -> None:
    request = demo_request(
        2, pattern=pattern, area=[], wind=Wind(from_deg=225, speed_ms=5), agl_m=80
    )
    plan = plan_search(request, demo_terrain(), "p")
    assert plan.flyable, [c.text_en for c in plan.checks if not c.passed]
    assert plan.metrics.min_clearance_m >= 50
    held = sum(w.hold_s for s in plan.sorties for w in s.waypoints)
    assert (held > 0) == (pattern.kind in ("hover", "points"))


def test_a_mapping_survey_says_where_to_take_pictures() -> None:
    pattern = MappingSurvey(front_overlap=0.75, side_overlap=0.65, crosshatch=True)
    plan = plan_search(demo_request(4, pattern=pattern, agl_m=100), demo_terrain(), "p")
    single = plan_search(
        demo_request(4, pattern=pattern.model_copy(update={"crosshatch": False}), agl_m=100),
        demo_terrain(),
        "p",
    )
    across_m = 2 * 100 * math.tan(math.radians(31))
    assert plan.metrics.lane_spacing_m == pytest.approx(across_m * 0.35, rel=0.01)
    assert {s.trigger_m for s in plan.sorties} == {round(across_m * 720 / 1280 * 0.25, 1)}
    assert plan.metrics.lane_length_m > 1.8 * single.metrics.lane_length_m


def test_a_creeping_line_crosses_the_long_axis() -> None:
    long = ring((-1000, -150), (1000, -150), (1000, 150), (-1000, 150))
    request = demo_request(1, area=long, pattern={"kind": "creeping_line"})
    plan = plan_search(request, demo_terrain(), "p")
    assert plan.metrics.lane_heading_deg % 180 == pytest.approx(0, abs=1)
    assert plan.metrics.lane_count == math.ceil(2000 / plan.metrics.lane_spacing_m)


def test_a_pattern_without_its_place_or_area_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an area"):
        demo_request(1, area=[])
    with pytest.raises(PlanError, match=r"pattern\.wind"):
        plan_search(
            demo_request(1, area=[], pattern=FirePerimeter(line=demo_area()[:3])),
            demo_terrain(),
            "p",
        )
    with pytest.raises(ValueError, match="radius_m"):
        Orbit(centre=GeoPoint(lat_deg=25, lon_deg=102), radius_m=1)


def test_crosswind_and_sun_rules_turn_the_lanes() -> None:
    wind = Wind(from_deg=200, speed_ms=7)
    crosswind = plan_search(
        demo_request(2, wind=wind, heading_rule="crosswind"), demo_terrain(), "p"
    )
    assert crosswind.metrics.lane_heading_deg == pytest.approx(110)
    sun = plan_search(
        demo_request(2, heading_rule="off_sun", sun_azimuth_deg=95.0), demo_terrain(), "p"
    )
    assert abs((sun.metrics.lane_heading_deg - 95 + 90) % 180 - 90) >= 30


def test_head_wind_costs_time_and_battery() -> None:
    calm = plan_search(demo_request(2, heading_deg=0.0), demo_terrain(), "p")
    windy = plan_search(
        demo_request(2, heading_deg=0.0, wind=Wind(from_deg=0, speed_ms=3)), demo_terrain(), "p"
    )
    total = [sum(s.energy_fraction for s in p.sorties) for p in (calm, windy)]
    assert total[1] > total[0] * 1.05


def test_a_search_begins_where_it_is_asked_to() -> None:
    corners = demo_area()
    for corner in (corners[0], corners[2]):
        plan = plan_search(demo_request(1, entry=corner), demo_terrain(), "p")
        begins = next(w for w in plan.sorties[0].waypoints if w.kind is WaypointKind.LANE_START)
        near = [
            math.dist((begins.lat_deg, begins.lon_deg), (other.lat_deg, other.lon_deg))
            for other in corners
        ]
        assert near.index(min(near)) == corners.index(corner)
