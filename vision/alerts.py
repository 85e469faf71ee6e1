"""The alerts of one node: a drone passes the same smoke twice, two drones see it at once, a track
breaks and begins anew. What is one alert says the contract's rule.
"""

from dataclasses import dataclass, replace

from field_api.contract.alert_merging import WINDOW_MS, Sighting, alert_of

__all__ = ["AlertLedger"]


@dataclass
class _Alert:
    sighting: Sighting
    """The first one, with the time of the newest."""
    tracks: set[tuple[str, int]]
    """Stream and track of every sighting."""


class AlertLedger:
    """What has been reported; shared by a node's streams (call from one thread, or hold a lock)."""

    def __init__(self) -> None:
        self._alerts: dict[str, _Alert] = {}

    def is_new(self, sighting: Sighting) -> bool:
        """Whether a sighting deserves an alert of its own, which is then remembered.

        If not, it keeps the earlier alert alive.
        """
        self._forget(sighting.first_seen_ms)
        track = (sighting.stream_id, sighting.track_id)
        known = alert_of(sighting, (alert.sighting for alert in self._alerts.values()))
        if known is None:
            self._alerts[sighting.id] = _Alert(sighting, {track})
            return True
        self._alerts[known].tracks.add(track)
        self.seen_again(*track, sighting.last_seen_ms)
        return False

    def seen_again(self, stream_id: str, track_id: int, t_ms: int) -> None:
        """Keep the alert of a track alive; its place need not be computed anew."""
        for alert in self._alerts.values():
            if (stream_id, track_id) in alert.tracks:
                newest_ms = max(alert.sighting.last_seen_ms, t_ms)
                alert.sighting = replace(alert.sighting, last_seen_ms=newest_ms)

    def _forget(self, now_ms: int) -> None:
        self._alerts = {
            alert_id: alert
            for alert_id, alert in self._alerts.items()
            if now_ms - alert.sighting.last_seen_ms <= WINDOW_MS
        }
