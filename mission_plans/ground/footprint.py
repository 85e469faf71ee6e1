"""What a camera really sees of sloping ground along a flown track.

A frame's useful part is cast onto the terrain, corner by corner: a hill at the edge narrows the
swath, a valley widens it and coarsens the picture. Rows that look much farther than the image's
centre are not counted, since lane spacing and pixel size are chosen for the centre row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.ground.camera import focal_length_px, vfov_deg
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.values.plan import CameraSpec

__all__ = ["Pose", "Views", "useful_rows_deg", "views_along"]

FARTHEST_RATIO = 1.25
"""Rows are useful up to this many times the centre row's distance."""

FLATTEST_DEG = 15.0
"""Below this depression nothing useful is seen of the ground."""

MARCH_STEPS = 48
REACH_RATIO = 3.0
"""Rays are followed to this many times the distance over flat ground."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where cameras were and where they looked; arrays of one length, metres and degrees."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    altitude_amsl_m: NDArray[np.float64]
    yaw_deg: NDArray[np.float64]
    """Azimuth of the optical axis, clockwise from north."""
    pitch_deg: NDArray[np.float64]
    """Elevation of the optical axis; -90 straight down."""

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True)
class Views:
    """The useful part of frames on the ground."""

    corners: NDArray[np.float64]
    """[frame, corner, x or y]: near left, near right, far right, far left; metres."""
    width_m: NDArray[np.float64]
    """Ground seen across the centre row."""
    gsd_m: NDArray[np.float64]
    """Coarsest ground sampling distance along the centre row, metres a pixel across the view."""
    slant_m: NDArray[np.float64]
    """Mean distance of the centre row's ground along the optical axis."""


def useful_rows_deg(camera: CameraSpec, pitch_deg: float | None = None) -> tuple[float, float]:
    """Return (steepest, flattest) elevation of the rows that count, degrees, both negative."""
    pitch = camera.pitch_deg if pitch_deg is None else pitch_deg
    half = vfov_deg(camera) / 2
    centre = max(FLATTEST_DEG, -pitch)
    # The flattest row whose distance to flat ground is within the ratio; nadir keeps both halves.
    sine = math.sin(math.radians(centre)) / FARTHEST_RATIO
    flattest = -max(FLATTEST_DEG, math.degrees(math.asin(sine)))
    return pitch - half, min(pitch + half, max(flattest, pitch))


def _directions(
    camera: CameraSpec, yaw_deg: NDArray[np.float64], pitch_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return unit rays [frame, ray, xyz]: near l, near r, far r, far l, centre l, centre r."""
    count = len(yaw_deg)
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    forward = np.stack(
        [np.cos(pitch) * np.sin(yaw), np.cos(pitch) * np.cos(yaw), np.sin(pitch)], axis=1
    )
    right = np.stack([np.cos(yaw), -np.sin(yaw), np.zeros(count)], axis=1)
    up = np.cross(right, forward)
    half_h = math.tan(math.radians(camera.hfov_deg) / 2)
    rows = np.empty((count, 2))
    for pitch_value in np.unique(pitch_deg):
        near_deg, far_deg = useful_rows_deg(camera, float(pitch_value))
        chosen = pitch_deg == pitch_value
        rows[chosen, 0] = math.tan(math.radians(near_deg - float(pitch_value)))
        rows[chosen, 1] = math.tan(math.radians(far_deg - float(pitch_value)))
    rays = np.stack(
        [
            forward + up * vertical[:, None] + right * (side * half_h)
            for vertical, side in (
                (rows[:, 0], -1),
                (rows[:, 0], 1),
                (rows[:, 1], 1),
                (rows[:, 1], -1),
                (np.zeros(count), -1),
                (np.zeros(count), 1),
            )
        ],
        axis=1,
    )
    return rays / np.linalg.norm(rays, axis=2, keepdims=True)


def views_along(pose: Pose, camera: CameraSpec, patch: TerrainPatch) -> Views:
    """Return what frames taken at `pose` see of the ground.

    Rays that meet no ground within three times their distance over flat ground end there.
    """
    if not len(pose):
        return Views(np.zeros((0, 4, 2)), np.zeros(0), np.zeros(0), np.zeros(0))
    rays = _directions(camera, pose.yaw_deg, pose.pitch_deg)
    agl = np.maximum(1.0, pose.altitude_amsl_m - patch.elevation_m(pose.x, pose.y))
    down = np.maximum(math.sin(math.radians(FLATTEST_DEG)), -rays[:, :, 2])
    reach = REACH_RATIO * agl[:, None] / down
    # Steps are denser near the camera, where a metre matters more.
    part = np.linspace(0.0, 1.0, MARCH_STEPS) ** 1.5
    t = reach[:, :, None] * part
    height = (
        pose.altitude_amsl_m[:, None, None]
        + rays[:, :, 2:3] * t
        - patch.elevation_m(
            pose.x[:, None, None] + rays[:, :, 0:1] * t, pose.y[:, None, None] + rays[:, :, 1:2] * t
        )
    )
    under = height <= 0
    hit = np.where(under.any(axis=2), under.argmax(axis=2), MARCH_STEPS - 1)
    before = np.maximum(hit - 1, 0)
    t1 = np.take_along_axis(t, hit[:, :, None], 2)[:, :, 0]
    t0 = np.take_along_axis(t, before[:, :, None], 2)[:, :, 0]
    h1 = np.take_along_axis(height, hit[:, :, None], 2)[:, :, 0]
    h0 = np.take_along_axis(height, before[:, :, None], 2)[:, :, 0]
    crossing = np.clip(h0 / np.where(h0 - h1 > 1e-9, h0 - h1, 1.0), 0.0, 1.0)
    distance = np.where(h1 <= 0, t0 + (t1 - t0) * crossing, t1)
    x = pose.x[:, None] + rays[:, :, 0] * distance
    y = pose.y[:, None] + rays[:, :, 1] * distance
    # Towards the edges of the row the axis is nearer than the ground.
    slants = distance[:, 4:] * math.cos(math.radians(camera.hfov_deg) / 2)
    return Views(
        corners=np.stack([x[:, :4], y[:, :4]], axis=2),
        width_m=np.hypot(x[:, 5] - x[:, 4], y[:, 5] - y[:, 4]),
        gsd_m=slants.max(axis=1) / focal_length_px(camera),
        slant_m=slants.mean(axis=1),
    )


def join(views: Sequence[Views]) -> Views:
    """Return several tracks' views as one."""
    return Views(
        corners=np.concatenate([v.corners for v in views]) if views else np.zeros((0, 4, 2)),
        width_m=np.concatenate([v.width_m for v in views]) if views else np.zeros(0),
        gsd_m=np.concatenate([v.gsd_m for v in views]) if views else np.zeros(0),
        slant_m=np.concatenate([v.slant_m for v in views]) if views else np.zeros(0),
    )
