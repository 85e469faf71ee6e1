"""What a flight really searched, held against what was planned.

Reckoned from where the aircraft were, not from the plan: frames are cast from the recorded
positions onto the terrain, and count as flown when the aircraft was low enough for its pixels to be
as fine as planned, and as seen when its video was watched at that moment.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.planned_views import planned_views
from mission_plans.allocation.situation import BAND_M, Situation
from mission_plans.ground.footprint import Pose, views_along
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.seen_ground import SeenGround
from mission_plans.ground.terrain import Terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.values.plan import AircraftSpec, GeoPoint, SearchPlan

__all__ = ["FlownCoverage", "FlownPose", "Gap", "flown_coverage", "flown_pose_track"]

SMALLEST_GAP_M2 = 400.0
HEIGHT_MARGIN_M = 15.0
"""Flying this far above the planned band still counts."""

LONGEST_STEP_S = 3.0
"""Between positions farther apart in time nothing is assumed."""

FRAME_EVERY_M = 8.0
GAP_MARGIN_M = 5.0
SIMPLIFY_M = 3.0


@dataclass(frozen=True, slots=True)
class FlownPose:
    """One recorded position of an aircraft."""

    vehicle_id: str
    t_ms: int
    lat_deg: float
    lon_deg: float
    altitude_amsl_m: float
    heading_deg: float
    """Where the camera looks, clockwise from north."""
    seen: bool = True
    """Somebody or something watched the video at that moment."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Ground of the area that nobody has seen."""

    outline: list[GeoPoint]
    """Without its closing point."""
    area_m2: float


@dataclass(frozen=True, slots=True)
class FlownCoverage:
    """Shares of the area, and what is left of it."""

    planned_fraction: float
    flown_fraction: float
    seen_fraction: float
    gaps: list[Gap]
    """Of what was seen, largest first."""
    seen_outlines: list[list[GeoPoint]]
    """Rings round the seen ground, for the map; holes come after their outline."""


def flown_coverage(plan: SearchPlan, terrain: Terrain, poses: Sequence[FlownPose]) -> FlownCoverage:
    """Return what recorded flights have covered of a plan's area.

    Args:
        plan: its request says area, cameras and height.
        terrain: the ground.
        poses: of all its sorties, any order.

    Raises:
        ValueError: the plan's pattern searches no area.
    """
    situation = Situation.of(plan.request, terrain)
    if situation.area is None:
        raise ValueError(f"a {plan.request.pattern.kind} search has no area to compare with")
    planned = SeenGround(situation.area)
    planned.mark(planned_views(plan.sorties, situation).views)
    flown, seen = SeenGround(situation.area), SeenGround(situation.area)
    for spec in plan.request.aircraft:
        for ground, kept in ((flown, poses), (seen, [p for p in poses if p.seen])):
            track = flown_pose_track(
                kept, spec, situation.frame, situation.patch, plan.request.agl_m
            )
            ground.mark(views_along(track, spec.camera, situation.patch))
    gaps = [_gap(part, situation) for part in seen.gaps(SMALLEST_GAP_M2)]
    return FlownCoverage(
        planned_fraction=planned.fraction,
        flown_fraction=flown.fraction,
        seen_fraction=seen.fraction,
        gaps=gaps,
        seen_outlines=_rings(seen.seen(), situation),
    )


def flown_pose_track(
    poses: Sequence[FlownPose],
    aircraft: AircraftSpec,
    frame: LocalFrame,
    patch: TerrainPatch,
    agl_m: float,
) -> Pose:
    """Return one aircraft's poses every few metres of what it flew low enough to search.

    Args:
        poses: recorded, of any aircraft.
        aircraft: whose track and camera.
        frame: local metres.
        patch: the ground.
        agl_m: height the search was planned for; much higher flight does not count.
    """
    own = sorted((p for p in poses if p.vehicle_id == aircraft.vehicle_id), key=lambda p: p.t_ms)
    track = _track(own, frame, aircraft.camera.pitch_deg)
    agl = track.altitude_amsl_m - patch.elevation_m(track.x, track.y)
    low = agl <= agl_m + BAND_M + HEIGHT_MARGIN_M
    return Pose(
        track.x[low],
        track.y[low],
        track.altitude_amsl_m[low],
        track.yaw_deg[low],
        track.pitch_deg[low],
    )


def _track(own: Sequence[FlownPose], frame: LocalFrame, pitch_deg: float) -> Pose:
    """Return poses every few metres along what was flown; gaps in the record stay gaps."""
    x, y = frame.to_metres([p.lat_deg for p in own], [p.lon_deg for p in own])
    rows: list[tuple[float, float, float, float]] = []
    for i, (a, b) in enumerate(itertools.pairwise(own)):
        whole = (b.t_ms - a.t_ms) / 1000 <= LONGEST_STEP_S
        dx, dy = float(x[i + 1] - x[i]), float(y[i + 1] - y[i])
        count = max(1, int(np.hypot(dx, dy) // FRAME_EVERY_M)) if whole else 1
        rows += [
            (
                float(x[i]) + dx * k / count,
                float(y[i]) + dy * k / count,
                a.altitude_amsl_m + (b.altitude_amsl_m - a.altitude_amsl_m) * k / count,
                a.heading_deg,
            )
            for k in range(count)
        ]
    if own:
        last = own[-1]
        rows.append((float(x[-1]), float(y[-1]), last.altitude_amsl_m, last.heading_deg))
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 4)
    return Pose(table[:, 0], table[:, 1], table[:, 2], table[:, 3], np.full(len(table), pitch_deg))


def _gap(part: shapely.Polygon, situation: Situation) -> Gap:
    # Raster steps are smoothed away, and neighbours overlap a little.
    smooth = part.buffer(GAP_MARGIN_M, join_style="mitre").simplify(SIMPLIFY_M)
    outer = smooth.exterior if isinstance(smooth, shapely.Polygon) else part.exterior
    return Gap(_ring(outer, situation), part.area)


def _rings(shape: BaseGeometry, situation: Situation) -> list[list[GeoPoint]]:
    rings: list[list[GeoPoint]] = []
    for part in shapely.get_parts(shape.simplify(SIMPLIFY_M)):
        if isinstance(part, shapely.Polygon):
            rings += [_ring(ring, situation) for ring in (part.exterior, *part.interiors)]
    return rings


def _ring(ring: BaseGeometry, situation: Situation) -> list[GeoPoint]:
    points = shapely.get_coordinates(ring)[:-1]
    lat, lon = situation.frame.to_degrees(points[:, 0], points[:, 1])
    return [
        GeoPoint(lat_deg=round(float(a), 7), lon_deg=round(float(o), 7))
        for a, o in zip(lat, lon, strict=True)
    ]
