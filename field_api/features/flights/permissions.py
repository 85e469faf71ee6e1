"""Who may see flights and give orders to aircraft."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["ANOMALY_REPORT", "FLIGHT_COMMAND", "SORTIE_VIEW", "VEHICLE_VIEW"]

SORTIE_VIEW = Permission.of("sortie.view", *STAFF)
VEHICLE_VIEW = Permission.of("vehicle.view", *STAFF, Role.GUEST)
FLIGHT_COMMAND = Permission.of("flight.command", Role.COMMANDER, Role.PILOT)
ANOMALY_REPORT = Permission.of("anomaly.report", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT)
