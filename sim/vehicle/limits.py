"""How fast and how hard the vehicle may move, by its parameters."""

import math

from sim.vehicle.airframe import Limits
from sim.vehicle.guidance import Speeds
from sim.vehicle.parameters import Parameters

__all__ = ["airframe_limits", "speeds_of"]


def speeds_of(p: Parameters, horizontal_ms: float | None = None) -> Speeds:
    """WPNAV limits, with another horizontal speed where one was commanded."""
    accel = max(0.5, p["WPNAV_ACCEL"] / 100.0)
    corner = p["WPNAV_ACCEL_C"] / 100.0
    return Speeds(
        horizontal_ms=horizontal_ms or max(0.1, p["WPNAV_SPEED"] / 100.0),
        up_ms=max(0.1, p["WPNAV_SPEED_UP"] / 100.0),
        down_ms=max(0.1, p["WPNAV_SPEED_DN"] / 100.0),
        accel_ms2=accel,
        accel_corner_ms2=corner if corner > 0 else 2.0 * accel,
        accel_up_ms2=max(0.5, p["WPNAV_ACCEL_Z"] / 100.0),
        jerk_ms3=max(0.5, p["WPNAV_JERK"]),
        radius_m=max(0.05, p["WPNAV_RADIUS"] / 100.0),
    )


def airframe_limits(p: Parameters) -> Limits:
    """What the airframe does at most."""
    tilt = min(80.0, max(10.0, p["ANGLE_MAX"] / 100.0))
    return Limits(
        tilt_rad=math.radians(tilt),
        accel_ms2=max(2.0 * p["WPNAV_ACCEL"] / 100.0, 2.5),
        jerk_ms3=max(1.0, p["PSC_JERK_XY"]),
        accel_up_ms2=2.5,
        jerk_up_ms3=max(1.0, p["PSC_JERK_Z"]),
        yaw_rate_rads=math.radians(min(360.0, max(5.0, p["ATC_SLEW_YAW"] / 100.0))),
    )
