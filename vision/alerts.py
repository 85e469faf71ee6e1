"""One fire is one alert: remembers what has been reported and keeps quiet about it.

A drone passes the same smoke on every lane, two drones see it at once, a track breaks and begins
anew. A sighting near a reported place, or of the same kind in the same stream where no place is
known, belongs to the earlier alert and keeps it alive.
"""

from dataclasses import dataclass

from mission_plans.geodesy import bearing_deg, distance_m
from mission_plans.plan import GeoPoint

__all__ = ["AlertLedger", "AlertRule", "Place"]

BEARING_TOLERANCE_DEG = 12.0


@dataclass(frozen=True)
class AlertRule:
    """How near and how recent a sighting must be to belong to an earlier alert."""

    radius_m: float
    memory_ms: int
    """Since the last sighting, not since the alert."""


# A wide circle round a person would let one false alert hide the missing person beside it.
DEFAULT_RULES = {
    "person": AlertRule(radius_m=20.0, memory_ms=120_000),
    "smoke": AlertRule(radius_m=100.0, memory_ms=1_800_000),
}


@dataclass(frozen=True)
class Place:
    """What is known of where a sighting is."""

    stream_id: str
    camera: GeoPoint | None = None
    point: GeoPoint | None = None
    bearing_deg: float | None = None
    sigma_m: float = 0.0
    """Major axis of the point's error ellipse; widens the radius."""


@dataclass
class _Reported:
    label: str
    place: Place
    last_seen_ms: int


class AlertLedger:
    """The alerts of one node; shared by its streams (call from one thread, or hold a lock)."""

    def __init__(self, rules: dict[str, AlertRule] | None = None) -> None:
        self._rules = rules or DEFAULT_RULES
        self._reported: list[_Reported] = []

    def is_new(self, label: str, place: Place, t_ms: int) -> bool:
        """Whether a sighting deserves an alert of its own; if not, the earlier one is refreshed."""
        self._reported = [
            r for r in self._reported if t_ms - r.last_seen_ms <= self._rules[r.label].memory_ms
        ]
        for reported in self._reported:
            if reported.label == label and self._same(reported, place):
                reported.last_seen_ms = max(reported.last_seen_ms, t_ms)
                return False
        return True

    def report(self, label: str, place: Place, t_ms: int) -> None:
        """Remember an alert that was made."""
        self._reported.append(_Reported(label, place, t_ms))

    def _same(self, reported: _Reported, place: Place) -> bool:
        before = reported.place
        if before.point and place.point:
            reach_m = self._rules[reported.label].radius_m + max(before.sigma_m, place.sigma_m)
            return distance_m(before.point, place.point) <= reach_m
        if before.point and place.bearing_deg is not None and place.camera:
            azimuth_deg = bearing_deg(place.camera, before.point)
            return _apart_deg(azimuth_deg, place.bearing_deg) <= BEARING_TOLERANCE_DEG
        if place.point:
            # The first place for something known by direction or picture only is worth an alert.
            return False
        if before.bearing_deg is not None and place.bearing_deg is not None:
            return before.stream_id == place.stream_id and (
                _apart_deg(before.bearing_deg, place.bearing_deg) <= BEARING_TOLERANCE_DEG
            )
        return before.stream_id == place.stream_id


def _apart_deg(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)
