"""When two sightings are one alert (story C4). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from field_api.incidents.rules import distance_m

__all__ = ["PERSON_M", "SMOKE_M", "WINDOW_MS", "Sighting", "alert_of"]

WINDOW_MS = 30_000
"""A sighting this long after an alert's newest one is a new alert."""
SMOKE_M = 50.0
"""One fire is one alert."""
PERSON_M = 15.0
"""People walk in groups: farther apart they are different people."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What tells sightings apart."""

    id: str
    label: str
    stream_id: str
    track_id: int
    first_seen_ms: int
    last_seen_ms: int
    lat_deg: float | None
    lon_deg: float | None


def _same(new: Sighting, alert: Sighting) -> bool:
    if new.label != alert.label:
        return False
    apart_ms = max(new.first_seen_ms - alert.last_seen_ms, alert.first_seen_ms - new.last_seen_ms)
    if apart_ms > WINDOW_MS:
        return False
    if new.stream_id == alert.stream_id and new.track_id == alert.track_id:
        return True
    together = new.stream_id == alert.stream_id and apart_ms < 0
    if new.label == "person" and together:
        # Two tracks in one picture at one time are two people, however near.
        return False
    if None in (new.lat_deg, new.lon_deg, alert.lat_deg, alert.lon_deg):
        return False
    assert new.lat_deg is not None
    assert new.lon_deg is not None
    assert alert.lat_deg is not None
    assert alert.lon_deg is not None
    limit_m = SMOKE_M if new.label == "smoke" else PERSON_M
    return distance_m(new.lat_deg, new.lon_deg, alert.lat_deg, alert.lon_deg) <= limit_m


def alert_of(new: Sighting, alerts: Iterable[Sighting]) -> str | None:
    """Return the id of the alert that `new` is another sighting of, None for a new alert."""
    return next((alert.id for alert in alerts if _same(new, alert)), None)
