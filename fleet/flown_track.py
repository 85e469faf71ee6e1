"""The track of a sortie as flown, for the record: one position a second, in durable pieces."""

from field_api.contract.ids import new_id
from field_api.contract.messages import FlownSample, FlownTrack, SortieState, VehicleState

__all__ = ["FlownTrackLog"]

SAMPLE_MS = 1000
PIECE_MS = 15_000
"""A piece is handed over this often, so that the map fills while the aircraft flies."""

_FLYING = (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING)


class FlownTrackLog:
    """Collects one aircraft's positions while it flies a sortie. Time is the state's own."""

    def __init__(self) -> None:
        self._sortie_id: str | None = None
        self._samples: list[FlownSample] = []
        self._last_ms = -SAMPLE_MS

    def observe(self, state: VehicleState) -> list[FlownTrack]:
        """Take a snapshot; return the pieces that are complete with it."""
        flying = state.sortie_id if state.sortie_state in _FLYING else None
        done: list[FlownTrack] = []
        if flying != self._sortie_id:
            done += self._handed_over(state.vehicle_id)
            self._sortie_id = flying
            self._last_ms = -SAMPLE_MS
        if flying is None:
            return done
        sample = _sample(state)
        if sample is not None and sample.t_ms - self._last_ms >= SAMPLE_MS:
            self._samples.append(sample)
            self._last_ms = sample.t_ms
        if self._samples and state.t_ms - self._samples[0].t_ms >= PIECE_MS:
            done += self._handed_over(state.vehicle_id)
        return done

    def _handed_over(self, vehicle_id: str) -> list[FlownTrack]:
        samples, self._samples = self._samples, []
        if not samples or self._sortie_id is None:
            return []
        return [
            FlownTrack(
                id=new_id(),
                t_ms=samples[-1].t_ms,
                sortie_id=self._sortie_id,
                vehicle_id=vehicle_id,
                samples=samples,
            )
        ]


def _sample(state: VehicleState) -> FlownSample | None:
    if state.lat_deg is None or state.lon_deg is None or state.altitude_amsl_m is None:
        return None
    return FlownSample(
        t_ms=state.t_ms,
        lat_deg=round(state.lat_deg, 7),
        lon_deg=round(state.lon_deg, 7),
        altitude_amsl_m=round(state.altitude_amsl_m, 1),
        heading_deg=round(state.heading_deg or 0.0, 1),
    )
