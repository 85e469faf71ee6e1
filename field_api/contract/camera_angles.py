"""How a camera stands against its aircraft, from how both stand against the horizon."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["relative_angles"]


def _turn(yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Return the rotation from forward-right-down of a body to north-east-down."""
    y, p, r = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(p), 0, np.sin(p)], [0, 1, 0], [-np.sin(p), 0, np.cos(p)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(r), -np.sin(r)], [0, np.sin(r), np.cos(r)]])
    return about_z @ about_y @ about_x


def relative_angles(
    pitch_deg: float, roll_deg: float, gimbal_pitch_deg: float, gimbal_yaw_deg: float
) -> tuple[float, float, float]:
    """Return a camera's azimuth, elevation and roll against its aircraft (ST 0601 items 18 to 20).

    The gimbal keeps the picture level.

    Args:
        pitch_deg: of the aircraft, nose up positive.
        roll_deg: of the aircraft, right wing down positive.
        gimbal_pitch_deg: of the camera against the horizon, -90 straight down.
        gimbal_yaw_deg: of the camera against the nose, clockwise.
    """
    relative = _turn(0.0, pitch_deg, roll_deg).T @ _turn(gimbal_yaw_deg, gimbal_pitch_deg, 0.0)
    azimuth = math.degrees(math.atan2(relative[1, 0], relative[0, 0])) % 360
    elevation = math.degrees(math.asin(max(-1.0, min(1.0, -float(relative[2, 0])))))
    roll = math.degrees(math.atan2(relative[2, 1], relative[2, 2])) % 360
    return azimuth, elevation, roll
