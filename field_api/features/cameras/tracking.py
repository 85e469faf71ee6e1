"""Keeping in the picture what the detector follows: a place wished anew whenever it has moved."""

import threading
from dataclasses import dataclass

import structlog
from sqlmodel import col, select

from field_api.contract.messages import AimPlace, CameraAim, FrameBoxes
from field_api.core.bus import Value
from field_api.core.events import TailEvent
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.cameras.aiming import aim_at_pixel
from field_api.features.cameras.tables import CameraHold
from field_api.features.flights.heard import newest_state
from field_api.features.maps.base import MapBase
from field_api.features.roster.tables import Vehicle
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Tracking"]

log = structlog.get_logger(__name__)

EVERY_MS = 1_000
"""Between two wishes: a gimbal needs time to get there."""
MOVED_M = 4.0
LOST_MS = 10_000
ASPECT = 16 / 9


@dataclass(slots=True)
class _Track:
    vehicle_id: str
    track_id: int
    hfov_deg: float
    seen_ms: int
    wished_ms: int = 0
    place: GeoPoint | None = None


class Tracking:
    """The tracks that cameras follow. May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        """Begin with what was followed before."""
        self._ctx = ctx
        self._lock = threading.Lock()
        self._tracks: dict[str, _Track] = {}
        self._read()

    def changed(self, events: list[TailEvent]) -> None:
        """Keep up with what people want followed."""
        if any(event.topic == "camera" for event in events):
            self._read()

    def hear(self, value: Value) -> None:
        """Take what the detector saw."""
        frame = value.data
        if not isinstance(frame, FrameBoxes):
            return
        with self._lock:
            track = self._tracks.get(frame.stream_id)
        if track is None:
            return
        box = next((b for b in frame.boxes if b.track_id == track.track_id), None)
        if box is None:
            return
        now_ms = self._ctx.clock()
        track.seen_ms = now_ms
        if now_ms - track.wished_ms < EVERY_MS:
            return
        track.wished_ms = now_ms
        if not self._ctx.leading.leads:
            return
        # People stand at the foot of their box; smoke comes from there too.
        self._follow(track, box.x + box.w / 2, box.y + box.h, now_ms)

    def give_up_lost(self) -> None:
        """End what has not been seen for long; the camera stays where it looks."""
        now_ms = self._ctx.clock()
        with self._lock:
            lost = [t for t in self._tracks.values() if now_ms - t.seen_ms > LOST_MS]
        for track in lost:
            with self._ctx.store.change(SYSTEM) as change:
                row = change.session.get(CameraHold, track.vehicle_id)
                if row is None or row.track_id != track.track_id:
                    continue
                change.put(row)
                row.track_stream = row.track_id = None
                change.record(
                    "camera.track_lost",
                    row.id,
                    refs={"vehicle_id": row.id, "track_id": str(track.track_id)},
                    vehicle=row.id,
                )

    # --- inside -----------------------------------------------------------------------------

    def _follow(self, track: _Track, x: float, y: float, now_ms: int) -> None:
        state = newest_state(self._ctx, track.vehicle_id)
        node_id = self._ctx.presence.node_for(track.vehicle_id)
        if state is None or node_id is None:
            return
        terrain = self._ctx.part(MapBase).terrain()
        target = aim_at_pixel(state, terrain, track.hfov_deg, ASPECT, min(1.0, x), min(1.0, y))
        if not isinstance(target, AimPlace):
            return
        if track.place is not None and distance_m(track.place, target.place) < MOVED_M:
            return
        track.place = target.place
        self._ctx.wishes.wish(
            node_id, CameraAim(vehicle_id=track.vehicle_id, t_ms=now_ms, target=target)
        )

    def _read(self) -> None:
        now_ms = self._ctx.clock()
        with self._ctx.store.read() as session:
            rows = session.exec(
                select(CameraHold, Vehicle)
                .join(Vehicle, col(Vehicle.id) == col(CameraHold.id))
                .where(col(CameraHold.track_id).is_not(None))
            ).all()
        wanted = {
            hold.track_stream: (hold.id, hold.track_id, vehicle.spec.camera.hfov_deg)
            for hold, vehicle in rows
            if hold.track_stream is not None and hold.track_id is not None
        }
        with self._lock:
            kept = {
                stream: track
                for stream, track in self._tracks.items()
                if stream in wanted and wanted[stream][:2] == (track.vehicle_id, track.track_id)
            }
            for stream, (vehicle_id, track_id, hfov_deg) in wanted.items():
                if stream not in kept:
                    kept[stream] = _Track(vehicle_id, track_id, hfov_deg, now_ms)
            self._tracks = kept
