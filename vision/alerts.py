"""The alerts of one node: a drone passes the same smoke twice, two drones see it at once, a track
breaks and begins anew. What is one alert says the contract's rule.
"""

from dataclasses import replace

from field_api.contract.alert_merging import WINDOW_MS, Sighting, alert_of

__all__ = ["AlertLedger"]

_Track = tuple[str, int]
"""Stream and track."""


class AlertLedger:
    """What has been reported; shared by a node's streams (call from one thread, or hold a lock)."""

    def __init__(self) -> None:
        self._alerts: dict[str, dict[_Track, Sighting]] = {}
        """By the alert's id its sightings, the first one first, each with when it was seen last."""

    def is_new(self, sighting: Sighting) -> bool:
        """Whether a sighting deserves an alert of its own, which is then remembered.

        If not, it keeps the earlier alert alive.
        """
        self._forget(sighting.first_seen_ms)
        sightings = {alert_id: [*seen.values()] for alert_id, seen in self._alerts.items()}
        known = alert_of(
            sighting,
            (seen[0] for seen in sightings.values()),
            {alert_id: seen[1:] for alert_id, seen in sightings.items()},
        )
        track = (sighting.stream_id, sighting.track_id)
        if known is None:
            self._alerts[sighting.id] = {track: sighting}
            return True
        self._alerts[known].setdefault(track, sighting)
        self.seen_again(*track, sighting.last_seen_ms)
        return False

    def seen_again(self, stream_id: str, track_id: int, t_ms: int) -> None:
        """Keep the alert of a track alive; its place need not be computed anew."""
        track = (stream_id, track_id)
        for seen in self._alerts.values():
            if track in seen:
                newest_ms = max(seen[track].last_seen_ms, t_ms)
                seen[track] = replace(seen[track], last_seen_ms=newest_ms)

    def _forget(self, now_ms: int) -> None:
        self._alerts = {
            alert_id: seen
            for alert_id, seen in self._alerts.items()
            if now_ms - max(s.last_seen_ms for s in seen.values()) <= WINDOW_MS
        }
