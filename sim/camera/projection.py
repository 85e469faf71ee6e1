"""From metres of the world to pixels, for a pinhole camera on a level gimbal."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Lens", "Viewpoint"]


@dataclass(frozen=True, slots=True)
class Lens:
    """Picture size and field of view; square pixels, centre in the middle."""

    width_px: int = 1280
    height_px: int = 720
    hfov_deg: float = 62.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.width_px / 2 / math.tan(math.radians(self.hfov_deg) / 2)

    @property
    def vfov_deg(self) -> float:
        """Vertical field of view."""
        return math.degrees(2 * math.atan(self.height_px / 2 / self.focal_px))


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where the camera is (metres of the world's frame, z above sea) and where it looks."""

    x: float
    y: float
    z: float
    yaw_deg: float
    """Azimuth of the optical axis, clockwise from north."""
    pitch_deg: float
    """Elevation of the optical axis; -90 straight down."""
    roll_deg: float = 0.0

    def axes(self) -> NDArray[np.float64]:
        """Return rows: right, down and forward of the picture, in east, north, up."""
        yaw, pitch, roll = np.radians([self.yaw_deg, self.pitch_deg, self.roll_deg])
        forward = np.array(
            [np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), np.sin(pitch)]
        )
        right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
        down = np.cross(forward, right)
        return np.stack(
            [
                right * np.cos(roll) + down * np.sin(roll),
                down * np.cos(roll) - right * np.sin(roll),
                forward,
            ]
        )

    def project(
        self, points: ArrayLike, lens: Lens
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return pixels (N, 2) and depths (N,) of points (N, 3); depth <= 0 is behind."""
        offset = np.asarray(points, dtype=np.float64) - (self.x, self.y, self.z)
        seen = offset @ self.axes().T
        depth = seen[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        pixels = seen[:, :2] / safe[:, None] * lens.focal_px
        centre = np.array([lens.width_px / 2, lens.height_px / 2])
        return pixels + centre, depth
