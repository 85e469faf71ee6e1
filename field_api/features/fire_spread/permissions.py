"""Who sees and reports wind, and who has a fire's spread estimated."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["SPREAD_MAKE", "SPREAD_VIEW", "WIND_REPORT", "WIND_VIEW"]

WIND_VIEW = Permission.of("wind.view", *STAFF, Role.GUEST)
WIND_REPORT = Permission.of(
    "wind.report", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT, Role.INSPECTOR
)
SPREAD_VIEW = Permission.of("fire_spread.view", *STAFF, Role.GUEST)
SPREAD_MAKE = Permission.of("fire_spread.make", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT)
