"""What aircraft say in words: their failsafes, and what people must hear of."""

from collections.abc import Sequence

from fleet.aircraft import Aircraft
from fleet.protocol.statustext import StatusText
from fleet.reports import Reports

__all__ = ["take_texts"]

WARNING_SEVERITY = 3
CAUTION_SEVERITY = 4


def take_texts(
    reports: Reports, vehicle_id: str, aircraft: Aircraft, texts: Sequence[StatusText]
) -> None:
    """Follow the aircraft's failsafes and tell what is news."""
    for text in texts:
        lower = text.text.lower()
        if "failsafe" in lower:
            # "GCS Failsafe Cleared" says nothing of a battery's.
            which = lower.partition("failsafe")[0].strip()
            if "clear" in lower:
                aircraft.failsafes.pop(which, None)
            else:
                aircraft.failsafes[which] = text.text
        if text.severity > CAUTION_SEVERITY:
            continue
        severity = "warning" if text.severity <= WARNING_SEVERITY else "caution"
        code = "failsafe" if "failsafe" in lower else "statustext"
        reports.event(vehicle_id, severity, code, text.text, text.text, "STATUSTEXT")
    if aircraft.failsafes and not aircraft.vehicle.telemetry.armed:
        aircraft.failsafes.clear()
