"""The fence of a sortie holds it, keeps every exclusion, and fits on board; else it is refused."""

import math
import random
from typing import Any, cast

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from field_api.contract.messages import LinkState, RallyPoint, UploadSortie, VehicleState
from fleet.fencing import FenceError, SortieFence, sortie_fence, standing_outside
from mission_plans.allocation.return_layers import return_altitude_m
from mission_plans.formats.mission_items import MissionItem
from mission_plans.ground.geodesy import destination, distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import Fence, GeoPoint, SortiePlan, Waypoint, WaypointKind
from sim.vehicle.fence_items import fence_problem
from tests.fleet.flight_line import FCP, search_plan

TERRAIN = demo_terrain()
SORTIE = search_plan().sorties[0]
STANDING = VehicleState(
    vehicle_id="XS-U2",
    t_ms=1,
    link=LinkState.LIVE,
    lat_deg=FCP.lat_deg,
    lon_deg=FCP.lon_deg,
    altitude_amsl_m=SORTIE.launch_amsl_m,
)
INSIDE, OUTSIDE, CIRCLE_OUTSIDE = 5001, 5002, 5004


def made(
    *fences: Fence, sortie: SortiePlan = SORTIE, state: VehicleState = STANDING, **order: Any
) -> SortieFence:
    order = {"vehicle_id": "XS-U2", "sortie": sortie, "checks": [], "fences": fences} | order
    altitude_m = return_altitude_m(sortie, TERRAIN)
    return sortie_fence(UploadSortie.model_validate(order), TERRAIN, altitude_m, state)


def circle(kind: str, bearing_deg: float, away_m: float, radius_m: float, **more: Any) -> Fence:
    centre = destination(FCP, bearing_deg, away_m)
    fields = {"id": "c", "kind": kind, "name": "圆", "centre": centre, "radius_m": radius_m}
    return Fence.model_validate(fields | more)


def star(kind: str, centre: GeoPoint, corners: int, radius_m: float, seed: int) -> Fence:
    """An outline with spikes, and so many corners."""
    rng = random.Random(seed)
    ring = [
        destination(centre, 360 * n / corners, radius_m * rng.uniform(0.6, 1.0))
        for n in range(corners)
    ]
    return Fence.model_validate({"id": "s", "kind": kind, "name": "多边形", "polygon": ring})


def square(kind: str, half_m: float, centre: GeoPoint = FCP, **more: Any) -> Fence:
    ring = [destination(centre, bearing, half_m * math.sqrt(2)) for bearing in (45, 135, 225, 315)]
    return Fence.model_validate({"id": "q", "kind": kind, "name": "方", "polygon": ring} | more)


def rings(fence: SortieFence) -> list[list[MissionItem]]:
    """The polygons, by the corner counts they carry."""
    found: list[list[MissionItem]] = []
    index = 0
    while index < len(fence.areas):
        size = (
            1 if fence.areas[index].command == CIRCLE_OUTSIDE else round(fence.areas[index].param1)
        )
        ring = list(fence.areas[index : index + size])
        if ring[0].command != CIRCLE_OUTSIDE:
            found.append(ring)
        index += size
    return found


def polygon(ring: list[MissionItem]) -> shapely.Polygon:
    return shapely.Polygon([(item.y / 1e7, item.x / 1e7) for item in ring])


def at(place: GeoPoint) -> VehicleState:
    return STANDING.model_copy(update={"lat_deg": place.lat_deg, "lon_deg": place.lon_deg})


def is_sound(fence: SortieFence) -> None:
    """ArduCopter takes it, and every ring is whole and not closed by hand."""
    assert len(fence.areas) <= 70
    assert fence_problem(cast(Any, fence.areas)) is None
    assert [item.seq for item in fence.areas] == list(range(len(fence.areas)))
    for ring in rings(fence):
        assert len(ring) == round(ring[0].param1) >= 3
        assert {(item.command, item.param1) for item in ring} == {(ring[0].command, len(ring))}
        assert (ring[0].x, ring[0].y) != (ring[-1].x, ring[-1].y)
        assert polygon(ring).is_valid
    assert [ring[0].command for ring in rings(fence)].count(INSIDE) == 1, "never circles alone"


# --- properties -----------------------------------------------------------------------------------

places = st.tuples(st.floats(0, 360), st.floats(1_200, 2_400))
routes = st.lists(st.tuples(st.floats(0, 360), st.floats(0, 800)), min_size=1, max_size=40)
keep_in = st.sampled_from(["none", "circle", "square", "many corners"])
stars = st.lists(
    st.tuples(places, st.integers(3, 60), st.floats(40, 300), st.integers(0, 99)), max_size=5
)
discs = st.lists(st.tuples(places, st.floats(20, 300)), max_size=6)


def sortie_along(route: list[tuple[float, float]]) -> SortiePlan:
    waypoints = [
        Waypoint(
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            altitude_amsl_m=2_300.0,
            kind=WaypointKind.LANE,
        )
        for place in (destination(FCP, bearing, away) for bearing, away in route)
    ]
    return SORTIE.model_copy(update={"waypoints": waypoints})


@settings(max_examples=60)
@given(route=routes, inside=keep_in, barred=stars, discs=discs)
def test_a_fence_holds_the_sortie_and_keeps_out_of_everything_barred(
    route: list[tuple[float, float]], inside: str, barred: list[Any], discs: list[Any]
) -> None:
    sortie = sortie_along(route)
    includes = {
        "none": [],
        "circle": [circle("include", 0, 0, 3_000)],
        "square": [square("include", 3_000)],
        "many corners": [star("include", FCP, 90, 3_000, 1)],
    }[inside]
    out = [
        star("exclude", destination(FCP, bearing, away), corners, radius, seed)
        for (bearing, away), corners, radius, seed in barred
    ]
    out += [circle("exclude", bearing, away, radius) for (bearing, away), radius in discs]
    fence = made(*includes, *out, sortie=sortie)

    is_sound(fence)
    (ring,) = [ring for ring in rings(fence) if ring[0].command == INSIDE]
    held = polygon(ring)
    for place in (FCP, *sortie.waypoints):
        assert (
            standing_outside(fence, at(GeoPoint(lat_deg=place.lat_deg, lon_deg=place.lon_deg)))
            == []
        )
        assert held.contains(shapely.Point(place.lon_deg, place.lat_deg))
    for one in includes:
        if one.polygon:
            allowed = shapely.Polygon([(p.lon_deg, p.lat_deg) for p in one.polygon])
            assert allowed.buffer(2e-7).covers(held), "never larger"
    for one in out:
        for place in _within(one):
            assert standing_outside(fence, at(place)), "never smaller"


def _within(fence: Fence) -> list[GeoPoint]:
    """Places just inside an area's edge."""
    if fence.centre is not None and fence.radius_m is not None:
        return [destination(fence.centre, 30 * n, fence.radius_m - 0.1) for n in range(12)]
    shape = shapely.Polygon([(p.lon_deg, p.lat_deg) for p in fence.polygon]).buffer(-2e-7)
    corners = shapely.get_coordinates(shape)
    return [GeoPoint(lat_deg=float(lat), lon_deg=float(lon)) for lon, lat in corners]


# --- single facts ---------------------------------------------------------------------------------


def test_a_circle_to_stay_in_becomes_a_polygon_inside_it() -> None:
    fence = made(circle("include", 0, 0, 900))
    (ring,) = rings(fence)
    assert {item.command for item in fence.areas} == {INSIDE}
    for item in ring:
        corner = GeoPoint(lat_deg=item.x / 1e7, lon_deg=item.y / 1e7)
        assert distance_m(FCP, corner) <= 900.1


def test_what_lies_outside_the_area_to_stay_in_is_left_out() -> None:
    near, far = circle("exclude", 180, 400, 50), circle("exclude", 180, 9_000, 500)
    areas = made(square("include", 1_000), near, far).areas
    assert [item.param1 for item in areas if item.command == CIRCLE_OUTSIDE] == [50.0]


def test_of_a_districts_airspace_what_is_near_the_sortie_goes_on_board() -> None:
    far = [circle("exclude", 3.0 * n, 2_000, 40) for n in range(120)]
    near = circle("exclude", 180, 150, 40)
    fence = made(square("include", 5_000), *far, near)
    is_sound(fence)
    assert [i.param1 for i in fence.areas if i.command == CIRCLE_OUTSIDE] == [40.0]
    assert all(standing_outside(fence, at(zone.centre)) for zone in (*far, near) if zone.centre)


def test_controlled_airspace_is_barred_until_it_is_approved() -> None:
    zone = circle("controlled", 180, 200, 50)
    assert made(zone).areas[-1].command == CIRCLE_OUTSIDE
    approved = zone.model_copy(update={"approval_id": "AP-1"})
    assert {item.command for item in made(approved).areas} == {INSIDE}


def test_of_several_areas_to_stay_in_one_that_holds_the_sortie_is_taken() -> None:
    elsewhere = square("include", 300, destination(FCP, 180, 4_000))
    fence = made(elsewhere, square("include", 900))
    assert standing_outside(fence, STANDING) == []
    assert len(fence.areas) == 4


@pytest.mark.parametrize(
    ("fences", "zh", "en"),
    [
        ([square("include", 50)], "航点的航段超出任务空域 方", "leaves 方"),
        ([circle("exclude", 45, 250, 80)], "进入禁飞区 圆", "enters 圆"),
        ([circle("exclude", 180, 61, 60)], "第 1 个航点的航段进入", "closer than 2 m"),
        ([Fence(id="x", kind="exclude", name="线", polygon=[FCP, FCP])], "线 既不是", "neither"),
        ([circle("exclude", 180, 100 + n, 30) for n in range(60)], "61 个区域", "61 areas"),
    ],
)
def test_a_sortie_that_can_not_be_fenced_is_refused_in_both_languages(
    fences: list[Fence], zh: str, en: str
) -> None:
    with pytest.raises(FenceError) as refused:
        made(*fences)
    chinese, english = str(refused.value).split(" / ")
    assert zh in chinese
    assert en in english


def test_an_aircraft_outside_its_fence_is_told_before_it_refuses_to_arm() -> None:
    away = at(destination(FCP, 180, 800))
    with pytest.raises(FenceError, match="refuse to arm"):
        made(square("include", 600), state=away)
    (finding,) = standing_outside(made(square("include", 600)), away)
    assert (finding.id, finding.source) == ("fence", "O9")
    assert standing_outside(None, away) == []


def test_the_height_limit_is_above_everything_flown_on_purpose() -> None:
    top_m = max(w.altitude_amsl_m for w in SORTIE.waypoints) - SORTIE.launch_amsl_m
    assert made().ceiling_m == math.ceil(top_m + 15)
    ground_m = max(float(TERRAIN.elevation_m(w.lat_deg, w.lon_deg)) for w in SORTIE.waypoints)
    allowed_m = ground_m + 120 - SORTIE.launch_amsl_m
    assert made(max_agl_m=120.0).ceiling_m == math.ceil(allowed_m)
    lower = square("include", 900, max_agl_m=90.0)
    assert made(lower, max_agl_m=120.0).ceiling_m == math.ceil(allowed_m - 30)
    assert made(max_agl_m=10.0).ceiling_m == made().ceiling_m, "never below the sortie itself"
    high = sortie_fence(
        UploadSortie(vehicle_id="XS-U2", sortie=SORTIE, checks=[]), TERRAIN, 200.0, STANDING
    )
    assert high.ceiling_m == 215.0, "never below the way home"
    sunk = STANDING.model_copy(update={"altitude_amsl_m": SORTIE.launch_amsl_m - 12})
    assert made(state=sunk).ceiling_m == math.ceil(top_m + 27), "it takes itself to be lower"


def test_rally_points_are_inside_and_below_the_limit() -> None:
    rally = RallyPoint(place=destination(FCP, 180, 60), altitude_relative_m=130)
    fence = made(rally=[rally])
    assert [(item.command, item.z) for item in fence.rally] == [(5100, 130.0)]
    assert fence.ceiling_m == 145.0
    assert fence.homes[0].lat_deg == pytest.approx(rally.place.lat_deg, abs=1e-7)
    with pytest.raises(FenceError, match="rally point 1"):
        made(square("include", 400), rally=[rally.model_copy(update={"place": at_km(3)})])
    with pytest.raises(FenceError, match="47 rally points"):
        made(rally=[rally] * 47)


def at_km(km: float) -> GeoPoint:
    return destination(FCP, 180, km * 1_000)
