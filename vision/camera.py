"""The pinhole camera: which way in the world a pixel looks.

Directions are north-east-down unit vectors; image places are fractions of width and height from the
top left corner, as in the contract.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from field_api.contract.messages import CameraPose

__all__ = [
    "Attitude",
    "camera_axes",
    "compose_attitude",
    "depression_deg",
    "image_of",
    "pixel_direction",
]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Attitude:
    """Azimuth (from true north, clockwise), elevation (up positive) and roll (right side down)."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Body to north-east-down matrix, turning by yaw, then pitch, then roll (aerospace order)."""
    y, p, r = (math.radians(v) for v in (yaw_deg, pitch_deg, roll_deg))
    cy, sy, cp, sp, cr, sr = (
        math.cos(y),
        math.sin(y),
        math.cos(p),
        math.sin(p),
        math.cos(r),
        math.sin(r),
    )
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def compose_attitude(platform: Attitude, sensor: Attitude) -> Attitude:
    """The camera's attitude in the world, from the platform's and the camera's relative to it."""
    m = rotation(platform.yaw_deg, platform.pitch_deg, platform.roll_deg) @ rotation(
        sensor.yaw_deg, sensor.pitch_deg, sensor.roll_deg
    )
    pitch_deg = math.degrees(math.asin(max(-1.0, min(1.0, -m[2, 0]))))
    if math.hypot(m[0, 0], m[1, 0]) < 1e-9:
        # Straight down or up: yaw and roll turn about one axis, so all of it is called yaw.
        return Attitude(math.degrees(math.atan2(-m[0, 1], m[1, 1])) % 360, pitch_deg, 0.0)
    return Attitude(
        math.degrees(math.atan2(m[1, 0], m[0, 0])) % 360,
        pitch_deg,
        math.degrees(math.atan2(m[2, 1], m[2, 2])),
    )


def camera_axes(pose: CameraPose) -> NDArray[np.float64]:
    """Columns: the camera's forward, right and down axes in north-east-down."""
    return rotation(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)


def pixel_direction(pose: CameraPose, x: float, y: float, aspect: float) -> Vector:
    """Unit vector from the camera through an image place; `aspect` is width / height."""
    half_width = math.tan(math.radians(pose.hfov_deg) / 2)
    ray = np.array([1.0, (2 * x - 1) * half_width, (2 * y - 1) * half_width / aspect])
    direction = camera_axes(pose) @ ray
    return direction / np.linalg.norm(direction)


def image_of(pose: CameraPose, offset_ned_m: Vector, aspect: float) -> tuple[float, float] | None:
    """Where a point `offset_ned_m` from the camera is seen; None behind the camera."""
    forward, right, down = (float(v) for v in camera_axes(pose).T @ offset_ned_m)
    if forward <= 1e-6:
        return None
    half_width = math.tan(math.radians(pose.hfov_deg) / 2)
    return (
        0.5 + right / forward / half_width / 2,
        0.5 + down / forward / half_width * aspect / 2,
    )


def depression_deg(direction: Vector) -> float:
    """Angle of a direction below the horizon."""
    return math.degrees(math.asin(max(-1.0, min(1.0, float(direction[2])))))
