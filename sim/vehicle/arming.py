"""Why the vehicle will not arm now."""

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
    if pilot.fence.enabled and estimator.position_ok:
        if pilot.fence_error is not None:
            return "Fence is not complete"
        if pilot.broken_fences():
            return "vehicle outside fence"
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
