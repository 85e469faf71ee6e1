"""The fence of one sortie: from the plan's airspace to what its aircraft is given.

An aircraft gets one area to stay in, the areas to keep out of that lie in it, a height that it must
not pass, and places to come home to. Where the plan says no area to stay in, one is made round the
sortie. ArduCopter 4.0 does not enforce circles alone, so the area to stay in is always a polygon.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from field_api.contract.messages import SortieOrder, VehicleState
from fleet.fence_shapes import KEEP_M, Zone, as_areas, simplest_that_fits, zone_of
from fleet.guards import Finding
from fleet.mavlink import dialect
from fleet.protocol.fence_items import fence_items, rally_items
from mission_plans.formats.mission_items import MissionItem
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import Terrain
from mission_plans.values.base import Value
from mission_plans.values.plan import Fence, GeoPoint, SortiePlan

__all__ = ["FenceError", "SortieFence", "sortie_fence", "standing_outside"]

OWN_MARGIN_M = 200.0
"""Round a sortie whose plan has no area to stay in; an aircraft may stand 150 m from its launch
point."""
CEILING_MARGIN_M = 15.0
"""Above everything that is flown on purpose: for wind, overshoot and ArduCopter's own margin."""
HOME_LOWER_M = 50.0
"""An aircraft's own height on the ground is believed so far below the terrain model's."""
MOST_RALLY_POINTS = 46
OUTSIDE_ZH = "飞机停在围栏外,无法解锁;请移到围栏内再上传"
OUTSIDE_EN = "it stands outside its fence and would refuse to arm: move it inside, upload again"


class FenceError(ValueError):
    """This sortie can't be flown inside a fence of this airspace."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"围栏:{zh} / fence: {en}")


class SortieFence(Value):
    """What goes on board."""

    areas: tuple[MissionItem, ...]
    rally: tuple[MissionItem, ...] = ()
    ceiling_m: float
    """Height above home that the aircraft must not pass, whole metres."""

    @property
    def homes(self) -> tuple[GeoPoint, ...]:
        """The rally points' places."""
        return tuple(_place(item) for item in self.rally)


def sortie_fence(
    order: SortieOrder,
    terrain: Terrain,
    return_altitude_m: float,
    state: VehicleState,
) -> SortieFence:
    """Return the fence of a sortie.

    Args:
        order: the sortie with its airspace.
        terrain: ground model.
        return_altitude_m: height above launch at which the aircraft comes home.
        state: the aircraft on the ground, for where and how high it takes itself to be.

    Raises:
        FenceError: sortie or aircraft are not inside the airspace, or an aircraft can't hold it.
        NoTerrainError: the ground under the sortie is unknown.
    """
    sortie = order.sortie
    frame = LocalFrame(sortie.launch)
    route = _route(sortie, frame)
    homes = _metres([rally.place for rally in order.rally], frame)
    around = _around([*route, *homes])
    keep_in = _keep_in(order, frame, route) or Zone("", around, inclusion=True)
    zones = [keep_in, *_keep_out(order, frame, keep_in.shape)]
    for zone in zones[1:]:
        _refuse_a_leg(zone, route)
    _refuse_a_home(homes, zones)
    flown = [LineString(route), *map(shapely.Point, homes)]
    simple = simplest_that_fits(zones, flown)
    if simple is None:
        # A whole district's airspace is too much for an aircraft: what is near the sortie is not.
        near = replace(keep_in, shape=_one_piece(keep_in.shape.intersection(around), keep_in.shape))
        zones = [near, *(zone for zone in zones[1:] if zone.distance_m(near.shape) <= 0)]
        simple = simplest_that_fits(zones, flown)
    if simple is None:
        raise FenceError(
            f"任务空域有 {len(zones)} 个区域,简化后仍超出飞机的存储",
            f"the airspace has {len(zones)} areas, more than an aircraft holds even simplified",
        )
    try:
        areas = fence_items(as_areas(simple, frame))
        rally = rally_items([(point.place, point.altitude_relative_m) for point in order.rally])
    except ValueError as error:
        raise FenceError("空域数据不可用", str(error)) from error
    ceiling_m = _ceiling_m(order, terrain, return_altitude_m, state.altitude_amsl_m, keep_in)
    fence = SortieFence(areas=tuple(areas), rally=tuple(rally), ceiling_m=ceiling_m)
    if standing_outside(fence, state):
        raise FenceError(OUTSIDE_ZH, OUTSIDE_EN)
    return fence


def standing_outside(fence: SortieFence | None, state: VehicleState) -> list[Finding]:
    """Return the finding where an aircraft stands outside its fence, and could not be armed."""
    if fence is None or state.lat_deg is None or state.lon_deg is None:
        return []
    place = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
    return [] if _holds(fence, place) else [Finding("fence", OUTSIDE_ZH, OUTSIDE_EN, "O9")]


def _holds(fence: SortieFence, place: GeoPoint) -> bool:
    point = shapely.Point(place.lon_deg, place.lat_deg)
    index = 0
    while index < len(fence.areas):
        item = fence.areas[index]
        if item.command == dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION:
            if distance_m(place, _place(item)) <= item.param1:
                return False
            index += 1
            continue
        ring = [_place(corner) for corner in fence.areas[index : index + round(item.param1)]]
        inside = Polygon([(corner.lon_deg, corner.lat_deg) for corner in ring]).covers(point)
        if inside != (item.command == dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION):
            return False
        index += len(ring)
    return True


def _place(item: MissionItem) -> GeoPoint:
    return GeoPoint(lat_deg=item.x / 1e7, lon_deg=item.y / 1e7)


def _metres(points: Sequence[GeoPoint], frame: LocalFrame) -> list[tuple[float, float]]:
    east, north = frame.to_metres([p.lat_deg for p in points], [p.lon_deg for p in points])
    return [(float(x), float(y)) for x, y in zip(east, north, strict=True)]


def _route(sortie: SortiePlan, frame: LocalFrame) -> list[tuple[float, float]]:
    """Return launch, waypoints, and launch again, metres."""
    waypoints = [GeoPoint(lat_deg=w.lat_deg, lon_deg=w.lon_deg) for w in sortie.waypoints]
    return _metres([sortie.launch, *waypoints, sortie.launch], frame)


def _around(points: list[tuple[float, float]]) -> Polygon:
    """Return an area round what is flown; convex, so that it holds every straight way home."""
    return MultiPoint(points).convex_hull.buffer(OWN_MARGIN_M, quad_segs=2)


def _one_piece(shape: BaseGeometry, otherwise: Polygon) -> Polygon:
    return shape if isinstance(shape, Polygon) else otherwise


def _keep_in(
    order: SortieOrder, frame: LocalFrame, route: list[tuple[float, float]]
) -> Zone | None:
    """Return the first area to stay in that holds the whole sortie; None where the plan has none.

    The plan's areas to stay in are alternatives, as its own check has it; ArduCopter would keep an
    aircraft inside all of them at once.
    """
    zones = [_zone(fence, frame) for fence in order.fences if fence.kind == "include"]
    holding = next((zone for zone in zones if zone.allows(LineString(route))), None)
    if zones and holding is None:
        _refuse_a_leg(zones[0], route)
    return holding


def _keep_out(order: SortieOrder, frame: LocalFrame, keep_in: Polygon) -> list[Zone]:
    """Return the areas to keep out of; those that the area to stay in leaves out are not needed."""
    zones = [
        _zone(fence, frame)
        for fence in order.fences
        if fence.kind == "exclude" or (fence.kind == "controlled" and fence.approval_id is None)
    ]
    return [zone for zone in zones if zone.distance_m(keep_in) <= 0]


def _zone(fence: Fence, frame: LocalFrame) -> Zone:
    zone = zone_of(fence, frame)
    if zone is None:
        raise FenceError(
            f"{fence.name} 既不是简单多边形也不是圆",
            f"{fence.name} is neither a simple polygon nor a circle",
        )
    return zone


def _refuse_a_leg(zone: Zone, route: list[tuple[float, float]]) -> None:
    """Say where a sortie leaves an area to stay in, or enters one to keep out of."""
    for number, (start, end) in enumerate(itertools.pairwise(route), 1):
        if zone.allows(LineString([start, end])):
            continue
        if number == len(route) - 1:
            leg_zh, leg_en = "返航航段", "the way home"
        else:
            leg_zh, leg_en = f"第 {number} 个航点的航段", f"the leg to waypoint {number}"
        if zone.inclusion:
            raise FenceError(
                f"{leg_zh}超出任务空域 {zone.name},或距边界不足 {KEEP_M:.0f} 米,飞机会中途返航",
                f"{leg_en} leaves {zone.name} or comes closer than {KEEP_M:.0f} m to its edge: "
                "the aircraft would turn back",
            )
        raise FenceError(
            f"{leg_zh}进入禁飞区 {zone.name},或距边界不足 {KEEP_M:.0f} 米,飞机会中途返航",
            f"{leg_en} enters {zone.name} or comes closer than {KEEP_M:.0f} m to it: "
            "the aircraft would turn back",
        )


def _refuse_a_home(homes: Sequence[tuple[float, float]], zones: Sequence[Zone]) -> None:
    if len(homes) > MOST_RALLY_POINTS:
        raise FenceError(
            f"备降点 {len(homes)} 个,最多 {MOST_RALLY_POINTS} 个",
            f"{len(homes)} rally points; an aircraft holds {MOST_RALLY_POINTS}",
        )
    for number, place in enumerate(homes, 1):
        if not all(zone.allows(shapely.Point(place)) for zone in zones):
            raise FenceError(
                f"备降点 {number} 不在围栏内", f"rally point {number} is not inside the fence"
            )


def _ceiling_m(
    order: SortieOrder,
    terrain: Terrain,
    return_altitude_m: float,
    standing_amsl_m: float | None,
    keep_in: Zone,
) -> float:
    """Return the height above home not to be passed.

    What the plan allows above the highest ground it flies over, and never less than the sortie's
    own waypoints, its way home and its rally points with a margin: the aircraft would turn back
    from its own mission, or come home too low.
    """
    sortie = order.sortie
    # Waypoints are heights above the sea. Where the aircraft takes itself to be lower than the
    # terrain model does, they are higher above its home.
    lower_m = 0.0 if standing_amsl_m is None else sortie.launch_amsl_m - standing_amsl_m
    lower_m = min(HOME_LOWER_M, max(0.0, lower_m))
    highest_m = max(w.altitude_amsl_m for w in sortie.waypoints) - sortie.launch_amsl_m + lower_m
    rally_m = max((point.altitude_relative_m for point in order.rally), default=0.0)
    ceiling_m = max(highest_m, return_altitude_m, rally_m) + CEILING_MARGIN_M
    limits_m = [order.max_agl_m, keep_in.max_agl_m]
    allowed_m = min((limit for limit in limits_m if limit is not None), default=None)
    if allowed_m is not None:
        ground = terrain.elevation_m(
            np.array([w.lat_deg for w in sortie.waypoints]),
            np.array([w.lon_deg for w in sortie.waypoints]),
        )
        above_home_m = float(ground.max()) + allowed_m - sortie.launch_amsl_m + lower_m
        ceiling_m = max(ceiling_m, above_home_m)
    return float(math.ceil(ceiling_m))
