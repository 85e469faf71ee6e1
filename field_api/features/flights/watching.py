"""When an aircraft's video was live and under analysis: it decides what counts as seen.

Kept as spans on disk, so that a restart does not make flown ground unseen.
"""

import threading
from dataclasses import dataclass

from sqlmodel import Session, col, select

from field_api.contract.messages import StreamState
from field_api.core.bus import Value
from field_api.core.services import Services
from field_api.features.flights.tables import WatchedSpan

__all__ = ["WATCH_MS", "Watching", "hear"]

WATCH_MS = 4000
"""Video counts as watched this long before and after a sign of it."""


@dataclass(slots=True)
class _Span:
    from_ms: int
    to_ms: int
    dirty: bool = True


class Watching:
    """The present span of each aircraft; older ones are on disk. May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._spans: dict[str, _Span] = {}
        self._ended: list[tuple[str, _Span]] = []

    def note(self, message: StreamState) -> None:
        """Take a sign that a stream is live and analysed."""
        vehicle_id = message.vehicle_id
        if vehicle_id is None or message.state != "live" or not message.detector_frames_per_s:
            return
        with self._lock:
            span = self._spans.get(vehicle_id)
            if span is None or message.t_ms - span.to_ms > 2 * WATCH_MS:
                if span is not None and self._ctx.leading.leads:
                    self._ended.append((vehicle_id, span))
                self._spans[vehicle_id] = _Span(message.t_ms, message.t_ms)
            elif message.t_ms > span.to_ms:
                span.to_ms, span.dirty = message.t_ms, True

    def watched(self, session: Session, vehicle_id: str, times_ms: list[int]) -> list[bool]:
        """Return for each moment whether the aircraft's video was watched."""
        first, last = min(times_ms), max(times_ms)
        stored = session.exec(
            select(WatchedSpan.from_ms, WatchedSpan.to_ms).where(
                WatchedSpan.vehicle_id == vehicle_id,
                col(WatchedSpan.from_ms) <= last + WATCH_MS,
                col(WatchedSpan.to_ms) >= first - WATCH_MS,
            )
        )
        spans = [(from_ms, to_ms) for from_ms, to_ms in stored]
        with self._lock:
            present = self._spans.get(vehicle_id)
            if present is not None:
                spans.append((present.from_ms, present.to_ms))
            spans += [(s.from_ms, s.to_ms) for name, s in self._ended if name == vehicle_id]
        return [
            any(from_ms - WATCH_MS <= t_ms <= to_ms + WATCH_MS for from_ms, to_ms in spans)
            for t_ms in times_ms
        ]

    def write(self) -> None:
        """Put on disk what is new: called every second or two in the worker that leads."""
        if not self._ctx.leading.leads:
            return
        with self._lock:
            changed = self._ended + [(name, s) for name, s in self._spans.items() if s.dirty]
            self._ended = []
            rows = [(name, span.from_ms, span.to_ms) for name, span in changed]
            for _, span in changed:
                span.dirty = False
        if not rows:
            return
        with self._ctx.store.housekeep() as session:
            for vehicle_id, from_ms, to_ms in rows:
                known = session.get(WatchedSpan, (vehicle_id, from_ms))
                if known is None:
                    session.add(WatchedSpan(vehicle_id=vehicle_id, from_ms=from_ms, to_ms=to_ms))
                else:
                    known.to_ms = max(known.to_ms, to_ms)

    def close(self) -> None:
        """Write what is not yet on disk."""
        self.write()


def hear(ctx: Services, value: Value) -> None:
    """Take the streams' states from the bus."""
    if isinstance(value.data, StreamState):
        ctx.part(Watching).note(value.data)
