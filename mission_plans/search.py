"""From an area and a fleet to a search plan."""

import itertools
import math
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from mission_plans.allocation import TURN_S, Allocation, Slot, allocate
from mission_plans.camera import footprint_width_m, lane_spacing_m
from mission_plans.checks import (
    check_airspace,
    check_clearance,
    check_coverage,
    check_endurance,
    check_separation,
)
from mission_plans.coverage import Lane, best_heading_deg, cover, covered_fraction
from mission_plans.energy import CLIMB_FACTOR, energy_fraction
from mission_plans.local_frame import LocalFrame
from mission_plans.plan import (
    AircraftSpec,
    Fence,
    GeoPoint,
    PlanMetrics,
    PlanRequest,
    SearchPlan,
    SortiePlan,
    Waypoint,
    WaypointKind,
)
from mission_plans.routing import BlockedError, Router
from mission_plans.terrain import NoTerrainError, Terrain
from mission_plans.vertical import TrackPoint, fly_over_terrain

__all__ = ["PlanError", "plan_area_search"]

MOST_REVISIONS = 6
"""Rounds of sharing lanes anew when finished sorties exceed the reserve."""

MIN_AREA_M2 = 400.0
MAX_AREA_M2 = 60e6
NO_FLY_BUFFER_M = 10.0
"""Lanes and transits keep this far from no-fly zones."""

HOLE_BUFFER_M = 1.0
"""Lanes end this far from a hole, so that a rounded waypoint is never inside it."""

TRANSIT_LAYER_M = 32.0
"""Transits of different aircraft are stacked this far apart while the height limit allows it."""

LANDING_S = 20.0
"""Hovering and the slow last metres of a landing."""


class PlanError(ValueError):
    """The request can't be planned; names the field and what is allowed, in both languages."""

    def __init__(self, code: str, field: str, text_zh: str, text_en: str) -> None:
        super().__init__(f"{field}: {text_en}")
        self.code = code
        self.field = field
        self.text_zh = text_zh
        self.text_en = text_en


def plan_area_search(request: PlanRequest, terrain: Terrain, plan_id: str) -> SearchPlan:
    """Plan parallel-track coverage of an area by several aircraft.

    The same request, terrain and id give the same plan.

    Raises:
        PlanError: the area is not a simple polygon, too small or too large, unreachable, or over
            ground without data.
    """
    frame = LocalFrame(_middle(request.area))
    area = _polygon(request.area, request.holes, frame)
    shapes = [_fence_shape(fence, frame) for fence in request.fences]
    obstacles = _obstacles(request, shapes, area, frame)
    if obstacles is not None:
        area = area.difference(obstacles)
        if area.area < MIN_AREA_M2:
            raise PlanError(
                "area_forbidden",
                "area",
                "搜索区全部位于禁飞区内",
                "the whole area is inside no-fly zones",
            )
    try:
        return _plan(request, terrain, plan_id, frame, area, shapes, Router(_shrunk(obstacles)))
    except NoTerrainError as error:
        at = f"{error.point.lat_deg:.5f}, {error.point.lon_deg:.5f}"
        raise PlanError(
            "no_terrain", "area", f"{at} 处没有高程数据", f"no ground elevation at {at}"
        ) from error
    except BlockedError as error:
        raise PlanError(
            "unreachable",
            "area",
            "起降点与搜索区之间没有可飞的通路",
            f"no allowed way between launch point and area: {error}",
        ) from error


def _plan(
    request: PlanRequest,
    terrain: Terrain,
    plan_id: str,
    frame: LocalFrame,
    area: BaseGeometry,
    shapes: list[BaseGeometry],
    router: Router,
) -> SearchPlan:
    spacing_m = min(
        lane_spacing_m(a.camera, request.agl_m, request.overlap) for a in request.aircraft
    )
    swath_m = min(footprint_width_m(a.camera, request.agl_m) for a in request.aircraft)
    launches = [_metres(a.launch, frame) for a in request.aircraft]
    heading_deg = (
        request.heading_deg % 180
        if request.heading_deg is not None
        else best_heading_deg(area, spacing_m)
    )
    lanes = cover(area, spacing_m, heading_deg, launches[0])
    middle = area.representative_point()
    top_m = float(terrain.elevation_m(*_degrees(middle.x, middle.y, frame))) + request.agl_m
    slots = [
        _slot(index, aircraft, launches[index], top_m, terrain, request)
        for index, aircraft in enumerate(request.aircraft)
    ]
    allocation = allocate(lanes, slots, router)
    sorties = _sorties(request, terrain, plan_id, frame, allocation, router)
    for _ in range(MOST_REVISIONS):
        revised = _revised(slots, sorties, request)
        if revised == slots:
            break
        slots = revised
        allocation = allocate(lanes, slots, router)
        sorties = _sorties(request, terrain, plan_id, frame, allocation, router)
    flown = [lane for share in allocation.lanes for lane in share]
    covered = covered_fraction(area, flown, swath_m)
    heights, low_m, high_m = check_clearance(sorties, frame, terrain, request)
    checks = [
        check_coverage(covered),
        *heights,
        *check_endurance(sorties, request, allocation.complete),
        *check_airspace(sorties, request, shapes, frame),
        check_separation(sorties, frame),
    ]
    return SearchPlan(
        id=plan_id,
        request=request,
        sorties=sorties,
        metrics=PlanMetrics(
            area_m2=area.area,
            lane_count=len(lanes),
            lane_spacing_m=spacing_m,
            lane_heading_deg=heading_deg,
            lane_length_m=_swept_length_m(lanes, spacing_m),
            footprint_width_m=swath_m,
            longest_sortie_s=max((s.duration_s for s in sorties), default=0.0),
            coverage_fraction=covered,
            min_clearance_m=low_m,
            max_agl_m=high_m,
        ),
        checks=checks,
    )


def _middle(ring: list[GeoPoint]) -> GeoPoint:
    return GeoPoint(
        lat_deg=sum(p.lat_deg for p in ring) / len(ring),
        lon_deg=sum(p.lon_deg for p in ring) / len(ring),
    )


def _ring(ring: list[GeoPoint], frame: LocalFrame) -> list[tuple[float, float]]:
    x, y = frame.to_metres([p.lat_deg for p in ring], [p.lon_deg for p in ring])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _metres(point: GeoPoint, frame: LocalFrame) -> tuple[float, float]:
    x, y = frame.to_metres(point.lat_deg, point.lon_deg)
    return float(x), float(y)


def _degrees(x: float, y: float, frame: LocalFrame) -> tuple[float, float]:
    point = frame.point(x, y)
    return point.lat_deg, point.lon_deg


def _polygon(area: list[GeoPoint], holes: list[list[GeoPoint]], frame: LocalFrame) -> BaseGeometry:
    for index, hole in enumerate(holes):
        if len(hole) < 3:
            raise PlanError(
                "hole_invalid",
                f"holes[{index}]",
                "空洞至少需要三个点",
                "a hole needs three points or more",
            )
    outer = shapely.Polygon(_ring(area, frame))
    if not outer.is_valid:
        why = explain_validity(outer)
        raise PlanError(
            "area_invalid",
            "area",
            f"边界不能自相交({why})",
            f"the outline must not cross itself ({why})",
        )
    shape: BaseGeometry = outer
    for index, hole in enumerate(holes):
        cut = shapely.Polygon(_ring(hole, frame))
        if not cut.is_valid:
            raise PlanError(
                "hole_invalid",
                f"holes[{index}]",
                "空洞边界不能自相交",
                "the outline of a hole must not cross itself",
            )
        shape = shape.difference(cut)
    if not MIN_AREA_M2 <= shape.area <= MAX_AREA_M2:
        raise PlanError(
            "area_size",
            "area",
            f"面积 {shape.area / 1e4:.2f} 公顷;允许 {MIN_AREA_M2 / 1e4:.2f} 至 "
            f"{MAX_AREA_M2 / 1e4:.0f} 公顷",
            f"the area has {shape.area / 1e4:.2f} ha; allowed are {MIN_AREA_M2 / 1e4:.2f} to "
            f"{MAX_AREA_M2 / 1e4:.0f} ha",
        )
    return shape


def _fence_shape(fence: Fence, frame: LocalFrame) -> BaseGeometry:
    if fence.centre is not None and fence.radius_m is not None:
        return shapely.Point(_metres(fence.centre, frame)).buffer(fence.radius_m, quad_segs=16)
    shape = shapely.Polygon(_ring(fence.polygon, frame)) if len(fence.polygon) >= 3 else None
    if shape is None or not shape.is_valid:
        raise PlanError(
            "fence_invalid",
            f"fences[{fence.id}]",
            "围栏需要一个不自相交的多边形,或圆心与半径",
            "a fence needs a simple polygon, or centre and radius",
        )
    return shape


def _obstacles(
    request: PlanRequest, shapes: list[BaseGeometry], area: BaseGeometry, frame: LocalFrame
) -> BaseGeometry | None:
    """Return what may not be flown over: no-fly zones, unapproved airspace aside, and holes."""
    zones: list[BaseGeometry] = []
    for fence, shape in zip(request.fences, shapes, strict=True):
        # Unapproved airspace that the area itself overlaps is left to the check, which blocks
        # the plan and names the zone: silently searching round it would hide the gap.
        unapproved = fence.kind == "controlled" and fence.approval_id is None
        if fence.kind == "exclude" or (unapproved and not shape.intersects(area)):
            zones.append(shape.buffer(NO_FLY_BUFFER_M))
    zones += [
        shapely.Polygon(_ring(hole, frame)).buffer(HOLE_BUFFER_M, join_style="mitre")
        for hole in request.holes
    ]
    return shapely.union_all(zones) if zones else None


def _shrunk(obstacles: BaseGeometry | None) -> BaseGeometry | None:
    # Lanes end exactly on the buffered edge; half of the smallest buffer lets them start there.
    return None if obstacles is None else obstacles.buffer(-HOLE_BUFFER_M / 2)


def _slot(
    index: int,
    aircraft: AircraftSpec,
    launch: tuple[float, float],
    top_m: float,
    terrain: Terrain,
    request: PlanRequest,
) -> Slot:
    ground_m = float(terrain.elevation_m(aircraft.launch.lat_deg, aircraft.launch.lon_deg))
    hill_m = max(0.0, top_m - ground_m - request.agl_m)
    lift_m = request.agl_m + min(index * TRANSIT_LAYER_M, _headroom_m(request))
    # A first guess: take-off and landing straight up and down, hills climbed in cruise.
    overhead_s = (
        CLIMB_FACTOR * lift_m / aircraft.climb_ms
        + lift_m / aircraft.descent_ms
        + (CLIMB_FACTOR - 1) * hill_m / aircraft.climb_ms
        + LANDING_S
    )
    usable_s = aircraft.endurance_s * (1 - request.reserve_fraction)
    return Slot(
        vehicle=index,
        order=0,
        launch=launch,
        cruise_ms=aircraft.cruise_ms,
        capacity_s=max(0.0, usable_s - overhead_s),
    )


def _sorties(
    request: PlanRequest,
    terrain: Terrain,
    plan_id: str,
    frame: LocalFrame,
    allocation: Allocation,
    router: Router,
) -> list[SortiePlan]:
    return [
        _sortie(request, terrain, plan_id, frame, slot, list(share), router)
        for slot, share in zip(allocation.slots, allocation.lanes, strict=True)
    ]


def _revised(slots: list[Slot], sorties: list[SortiePlan], request: PlanRequest) -> list[Slot]:
    """Shorten the capacity of aircraft whose finished sorties turned out to need more energy."""
    revised: list[Slot] = []
    for slot in slots:
        aircraft = request.aircraft[slot.vehicle]
        own = [s.energy_fraction for s in sorties if s.vehicle_id == aircraft.vehicle_id]
        excess = max(own, default=0.0) - (1 - request.reserve_fraction)
        if excess > 0:
            shorter_s = slot.capacity_s - (excess + 0.005) * aircraft.endurance_s
            slot = replace(slot, capacity_s=max(0.0, shorter_s))
        revised.append(slot)
    return revised


def _headroom_m(request: PlanRequest) -> float:
    """Return how far transits may be raised above the search height."""
    return max(0.0, request.max_agl_m - request.agl_m - 10.0)


def _sortie(
    request: PlanRequest,
    terrain: Terrain,
    plan_id: str,
    frame: LocalFrame,
    slot: Slot,
    lanes: list[Lane],
    router: Router,
) -> SortiePlan:
    aircraft = request.aircraft[slot.vehicle]
    layer_m = min(slot.vehicle * TRANSIT_LAYER_M, _headroom_m(request))
    track = [TrackPoint(*slot.launch, WaypointKind.TAKEOFF, layer_m)]
    here = slot.launch
    for number, lane in enumerate(lanes):
        start = (lane.x0, lane.y0)
        raise_m = layer_m if number == 0 else 0.0
        if start != here:
            for point in router.way(here, start)[1][:-1]:
                track.append(TrackPoint(*point, WaypointKind.TRANSIT, raise_m))
        track.append(TrackPoint(*start, WaypointKind.LANE_START))
        last = number == len(lanes) - 1
        track.append(TrackPoint(lane.x1, lane.y1, WaypointKind.LANE_END, layer_m if last else 0.0))
        here = (lane.x1, lane.y1)
    for point in router.way(here, slot.launch)[1]:
        track.append(TrackPoint(*point, WaypointKind.RETURN, layer_m))
    waypoints = fly_over_terrain(
        _distinct(track), frame, terrain, aircraft, request.agl_m, request.min_clearance_m
    )
    launch_amsl_m = float(terrain.elevation_m(aircraft.launch.lat_deg, aircraft.launch.lon_deg))
    length_m, level_s, climb_s, descent_s = _times(waypoints, frame, aircraft, launch_amsl_m)
    level_s += TURN_S * len(lanes) + LANDING_S
    return SortiePlan(
        id=f"{plan_id}.{aircraft.vehicle_id}.{slot.order}",
        vehicle_id=aircraft.vehicle_id,
        order=slot.order,
        launch=aircraft.launch,
        launch_amsl_m=launch_amsl_m,
        cruise_ms=aircraft.cruise_ms,
        camera_pitch_deg=aircraft.camera.pitch_deg,
        waypoints=waypoints,
        length_m=length_m,
        duration_s=level_s + climb_s + descent_s,
        energy_fraction=energy_fraction(level_s, climb_s, descent_s, aircraft.endurance_s),
    )


def _distinct(track: list[TrackPoint]) -> list[TrackPoint]:
    kept = [track[0]]
    for point in track[1:]:
        if math.hypot(point.x - kept[-1].x, point.y - kept[-1].y) > 0.5:
            kept.append(point)
    if len(kept) == 1:
        kept.append(track[-1])
    return kept


def _times(
    waypoints: list[Waypoint], frame: LocalFrame, aircraft: AircraftSpec, launch_amsl_m: float
) -> tuple[float, float, float, float]:
    """Return length, and seconds in level flight, climbing and descending."""
    x, y = frame.to_metres([w.lat_deg for w in waypoints], [w.lon_deg for w in waypoints])
    z = [w.altitude_amsl_m for w in waypoints]
    climb_s = max(0.0, z[0] - launch_amsl_m) / aircraft.climb_ms
    descent_s = max(0.0, z[-1] - launch_amsl_m) / aircraft.descent_ms
    length_m = level_s = 0.0
    for i in range(len(z) - 1):
        leg_m = math.hypot(x[i + 1] - x[i], y[i + 1] - y[i])
        cruise_s = leg_m / aircraft.cruise_ms
        rise = z[i + 1] - z[i]
        length_m += leg_m
        if rise > 0:
            vertical_s = rise / aircraft.climb_ms
            climb_s += vertical_s
        else:
            vertical_s = -rise / aircraft.descent_ms
            descent_s += vertical_s
        # Climbing happens while flying along; only what cruise does not cover is level.
        level_s += max(0.0, cruise_s - vertical_s)
    return length_m, level_s, climb_s, descent_s


def _swept_length_m(lanes: list[Lane], spacing_m: float) -> float:
    """Return the length of all lanes and of the turns between neighbours."""
    total = sum(lane.length_m for lane in lanes)
    for a, b in itertools.pairwise(lanes):
        step = math.hypot(b.x0 - a.x1, b.y0 - a.y1)
        if step <= 3 * spacing_m:
            total += step
    return total
