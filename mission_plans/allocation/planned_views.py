"""What the cameras of planned sorties will see: frames along every lane."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.situation import Situation
from mission_plans.ground.camera import footprint_width_m
from mission_plans.ground.footprint import Pose, Views, join, views_along
from mission_plans.values.plan import CameraSpec, SortiePlan, WaypointKind

__all__ = ["PlannedViews", "Sight", "lane_poses", "planned_views"]

FRAME_OVERLAP = 0.4
"""Frames are taken this much closer than they are long, over flat ground."""

LONGEST_STEP_M = 25.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides whether a flight's camera finds somebody."""

    camera: CameraSpec
    speed_ms: float
    """Ground speed along the lanes."""
    slant_m: NDArray[np.float64]
    """Of every frame: distance to the ground along the optical axis."""


@dataclass(frozen=True, slots=True)
class PlannedViews:
    """Every frame of a plan's lanes, with where it was taken."""

    views: Views
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    sights: tuple[Sight, ...] = ()
    """Of each flight."""


def frame_step_m(camera: CameraSpec, agl_m: float) -> float:
    """Return a distance between frames that leaves no ground between them."""
    across_m = footprint_width_m(camera, agl_m)
    along_m = across_m * camera.height_px / camera.width_px
    return max(2.0, min(LONGEST_STEP_M, along_m * (1 - FRAME_OVERLAP)))


def lane_poses(sortie: SortiePlan, situation: Situation, step_m: float, pitch_deg: float) -> Pose:
    """Return camera poses along the searched legs of a sortie, looking along the track."""
    points = sortie.waypoints
    x, y = situation.frame.to_metres([w.lat_deg for w in points], [w.lon_deg for w in points])
    z = np.array([w.altitude_amsl_m for w in points])
    searched = np.array(
        [w.kind in (WaypointKind.LANE_START, WaypointKind.LANE) for w in points[:-1]]
    )
    legs = np.flatnonzero(searched)
    dx, dy, dz = np.diff(x)[legs], np.diff(y)[legs], np.diff(z)[legs]
    counts = np.maximum(1, np.ceil(np.hypot(dx, dy) / step_m)).astype(np.intp) + 1
    leg = np.repeat(np.arange(len(legs)), counts)
    first = np.append(0, np.cumsum(counts))[:-1]
    part = (np.arange(len(leg)) - first[leg]) / np.maximum(1, counts[leg] - 1)
    at = legs[leg]
    return Pose(
        x=x[at] + dx[leg] * part,
        y=y[at] + dy[leg] * part,
        altitude_amsl_m=z[at] + dz[leg] * part,
        yaw_deg=np.degrees(np.arctan2(dx, dy))[leg],
        pitch_deg=np.full(len(leg), pitch_deg),
    )


def planned_views(sorties: Sequence[SortiePlan], situation: Situation) -> PlannedViews:
    """Return what all sorties see while searching."""
    cameras = {a.vehicle_id: a.camera for a in situation.request.aircraft}
    poses: list[tuple[Pose, CameraSpec, float]] = []
    for sortie in sorties:
        camera = cameras[sortie.vehicle_id]
        step_m = frame_step_m(camera, situation.request.agl_m)
        pose = lane_poses(sortie, situation, step_m, camera.pitch_deg)
        if len(pose):
            poses.append((pose, camera, sortie.cruise_ms))
    if not poses:
        return PlannedViews(join([]), np.zeros(0), np.zeros(0))
    x = np.concatenate([pose.x for pose, *_ in poses])
    y = np.concatenate([pose.y for pose, *_ in poses])
    seen = [views_along(pose, camera, situation.patch) for pose, camera, _ in poses]
    sights = tuple(
        Sight(camera, speed_ms, views.slant_m)
        for (_, camera, speed_ms), views in zip(poses, seen, strict=True)
    )
    return PlannedViews(join(seen), x, y, sights)
