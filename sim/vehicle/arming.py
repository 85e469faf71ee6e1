"""Why the vehicle will not arm now."""

from sim.vehicle.fence import CIRCLE, POLYGON
from sim.vehicle.modes import Mode
from sim.vehicle.pilot import Pilot

__all__ = ["prearm_problem", "refusal"]

_AUTO_ALLOW_ARMING = 1


def prearm_problem(pilot: Pilot) -> str | None:
    """The first failed pre-arm check for the current mode, in ArduCopter's words, or None."""
    p = pilot.params
    if p["ARMING_CHECK"] == 0:
        return None
    estimator = pilot.estimator
    if not estimator.prearm_ok:
        return "AHRS: waiting for home" if not estimator.origin_set else "EKF attitude is bad"
    if pilot.mode is Mode.AUTO and len(pilot.mission) <= 1:
        return "Mode requires mission"
    if pilot.mode.requires_position and not estimator.position_ok:
        return "Need Position Estimate"
    if pilot.rc_lost:
        return "Radio failsafe on"
    if p["BATT_ARM_VOLT"] > 0 and pilot.battery.voltage_v < p["BATT_ARM_VOLT"]:
        return "Battery 1 below minimum arming voltage"
    if pilot.battery_low:
        return "Battery 1 low voltage failsafe"
    if pilot.gcs_lost:
        return "GCS failsafe on"
    return _fence_problem(pilot) if pilot.fence.enabled else None


def _fence_problem(pilot: Pilot) -> str | None:
    p = pilot.params
    types = int(p["FENCE_TYPE"])
    if types & (CIRCLE | POLYGON) and not pilot.estimator.position_ok:
        return "Fence enabled, need position estimate"
    if p["FENCE_RADIUS"] < 0:
        return "Invalid FENCE_RADIUS value"
    if p["FENCE_RADIUS"] < p["FENCE_MARGIN"]:
        return "FENCE_MARGIN is less than FENCE_RADIUS"
    if p["FENCE_ALT_MAX"] < 0:
        return "Invalid FENCE_ALT_MAX value"
    if pilot.fence.breaches:
        return "vehicle outside fence"
    if p["FENCE_MARGIN"] < 0:
        return "Invalid FENCE_MARGIN value"
    if p["FENCE_ALT_MAX"] < p["FENCE_ALT_MIN"]:
        return "FENCE_ALT_MAX < FENCE_ALT_MIN"
    if p["FENCE_ALT_MAX"] - p["FENCE_ALT_MIN"] <= 2 * p["FENCE_MARGIN"]:
        return "FENCE_MARGIN too big"
    return None


def refusal(pilot: Pilot) -> str | None:
    """Why an arm command is refused, or None where it is not."""
    problem = prearm_problem(pilot)
    if problem is not None:
        return problem
    if not pilot.mode.armable:
        allowed = pilot.mode is Mode.AUTO and int(pilot.params["AUTO_OPTIONS"]) & _AUTO_ALLOW_ARMING
        if not allowed:
            return f"{pilot.mode.label} mode not armable"
    return None
