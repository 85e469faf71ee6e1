"""What the node knows of one stream: its clock, its poses, its health."""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from field_api.contract.capture_clock import CaptureClock
from field_api.contract.klv import KlvError, parse_uas
from field_api.contract.messages import CameraPose, CaptureBasis, StreamState, StreamTrouble
from vision.config import StreamConfig
from vision.decoding import DecodedFrame
from vision.mailbox import NewestFrames
from vision.pose import PoseTrack, pose_of
from vision.relay import StreamFormat
from vision.source_events import AccessUnit

__all__ = ["Stream"]

log = structlog.get_logger(__name__)

RATE_WINDOW_MS = 3000
STALLED_MS = 2000
DETAIL_CHARACTERS = 200

Publish = Callable[[AccessUnit, int, StreamFormat], None]


class Stream:
    """Receives a reader's events in its thread; read by the workers and the event loop."""

    def __init__(
        self,
        config: StreamConfig,
        mailbox: NewestFrames | None,
        publish: Publish,
        clock_offset_ms: Callable[[], int],
    ) -> None:
        """`mailbox` is None for a stream that is only relayed; `publish` must not block."""
        self.config = config
        self._mailbox = mailbox
        self._publish = publish
        self._clock_offset_ms = clock_offset_ms
        self._lock = threading.Lock()
        self._clock = CaptureClock()
        self._poses = PoseTrack()
        self._units: deque[tuple[int, int]] = deque()
        self._looks: deque[int] = deque()
        self._latency_ms: float | None = None
        self._size: tuple[int, int] | None = None
        self._codec: str | None = None
        self._newest_pts: int | None = None
        self._before_size: list[AccessUnit] = []
        self._restarted = False
        self._bad_metadata = 0
        self._ended = False
        self._reason = ""
        self._unsupported = False
        self._unseen_ms: int | None = None
        self._whole_ms: int | None = None
        self._capture_by: CaptureBasis | None = None

    # --- events of the reader ---------------------------------------------------------------

    def opened(self) -> None:
        """A new timeline: old poses and clock say nothing about it."""
        with self._lock:
            self._clock = CaptureClock()
            self._poses.clear()
            self._newest_pts = None
            self._restarted = True
            self._ended = False
            self._reason, self._unsupported = "", False
        log.info("stream_opened", stream_id=self.config.stream_id)

    def access_unit(self, unit: AccessUnit, codec: str | None) -> None:
        """Count and relay; units before the first decoded picture wait for its size."""
        with self._lock:
            self._newest_pts = unit.pts_90k
            if self._clock.arrived(unit.pts_90k, unit.arrived_ms):
                # Poses are filed under the old clock's times, tracks would jump.
                self._poses.clear()
                self._restarted = True
            self._units.append((unit.arrived_ms, len(unit.data)))
            while self._units[0][0] < unit.arrived_ms - RATE_WINDOW_MS:
                self._units.popleft()
            self._codec = codec or self._codec
            if self._codec is None:
                return  # The middle of a stream, or a form that can't be shown.
            if self._size is None:
                if unit.keyframe:
                    self._before_size.clear()
                if unit.keyframe or self._before_size:
                    self._before_size.append(unit)
                return
            waiting, self._before_size = [*self._before_size, unit], []
            form = StreamFormat(self._codec, *self._size)
        for one in waiting:
            self._publish(one, self.capture_ms(one.pts_90k, one.arrived_ms), form)

    def clock_told(self, pts_90k: int, camera_ms: int) -> None:
        """Keep what the camera's sender reports say of its clock."""
        with self._lock:
            self._clock.reported(pts_90k, camera_ms)

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        """Keep the pose and the clock of a KLV packet."""
        try:
            parsed = parse_uas(data)
        except KlvError as error:
            self._bad_metadata += 1
            if self._bad_metadata == 1:
                log.warning("metadata_broken", stream_id=self.config.stream_id, reason=str(error))
            return
        pose = pose_of(parsed)
        with self._lock:
            at = pts_90k if pts_90k is not None else self._newest_pts
            if at is None:
                return
            if parsed.time_us is not None:
                self._clock.stamped(at, parsed.time_us // 1000)
            if pose is not None:
                self._poses.add(at, pose)

    def frame(self, frame: DecodedFrame) -> None:
        """Offer a picture to the workers."""
        with self._lock:
            self._size = (frame.image.width, frame.image.height)
            self._whole_ms = frame.arrived_ms
        if self._mailbox is not None:
            self._mailbox.put(self.config.stream_id, frame)

    def unseen(self, arrived_ms: int) -> None:
        """A damaged picture came."""
        with self._lock:
            self._unseen_ms = arrived_ms

    def closed(self, reason: str, ended: bool, unsupported: bool = False) -> None:
        """The source is gone for now, or for good."""
        with self._lock:
            self._ended = ended
            self._reason, self._unsupported = reason[:DETAIL_CHARACTERS], unsupported
            # What was shown last says nothing of the next opening.
            self._codec = None
        log.info("stream_closed", stream_id=self.config.stream_id, reason=reason, ended=ended)

    # --- for the workers and the event loop -------------------------------------------------

    def pose_at(self, pts_90k: int) -> CameraPose | None:
        """The camera's pose at a picture's instant."""
        with self._lock:
            return self._poses.at(pts_90k)

    def capture_ms(self, pts_90k: int, arrived_ms: int) -> int:
        """UTC of a picture's capture, as well as it is known, on the command post's clock."""
        with self._lock:
            stamped, self._capture_by = self._clock.capture(pts_90k, arrived_ms)
        return max(0, stamped + self._clock_offset_ms())

    def take_restarted(self) -> bool:
        """Whether a new timeline began since the last call."""
        with self._lock:
            restarted, self._restarted = self._restarted, False
            return restarted

    def looked(self, behind_ms: int) -> None:
        """A worker finished a look that ended `behind_ms` after the picture came."""
        with self._lock:
            now_ms = self._units[-1][0] if self._units else 0
            self._looks.append(now_ms)
            while self._looks and self._looks[0] < now_ms - RATE_WINDOW_MS:
                self._looks.popleft()
            before = self._latency_ms
            self._latency_ms = behind_ms if before is None else 0.8 * before + 0.2 * behind_ms

    def state(self, now_ms: int) -> StreamState:
        """Health for the command post."""
        with self._lock:
            recent = [u for u in self._units if u[0] >= now_ms - RATE_WINDOW_MS]
            if self._ended:
                state = "ended"
            elif not self._units:
                state = "waiting"
            else:
                state = "live" if now_ms - self._units[-1][0] <= STALLED_MS else "stalled"
            trouble = self._trouble(state, now_ms)
            seconds = RATE_WINDOW_MS / 1000
            looks = sum(t >= now_ms - RATE_WINDOW_MS for t in self._looks)
            return StreamState(
                stream_id=self.config.stream_id,
                vehicle_id=self.config.vehicle_id,
                t_ms=max(0, now_ms + self._clock_offset_ms()),
                state=state,
                trouble=trouble,
                detail=self._reason if trouble in ("no_answer", "unsupported") else "",
                width_px=self._size[0] if self._size else None,
                height_px=self._size[1] if self._size else None,
                frames_per_s=round(len(recent) / seconds, 2),
                kbit_per_s=round(sum(u[1] for u in recent) * 8 / 1000 / seconds, 1),
                detector_frames_per_s=round(looks / seconds, 2) if self._mailbox else None,
                detector_latency_ms=round(self._latency_ms, 1)
                if self._latency_ms is not None
                else None,
                capture_by=self._capture_by,
            )

    def _trouble(self, state: str, now_ms: int) -> StreamTrouble | None:
        """Why there is no picture, or nobody looks at it."""
        if state == "ended":
            return None
        if self._unsupported:
            return "unsupported"
        if state != "live":
            return "no_answer"
        damaged_ms, whole_ms = self._unseen_ms, self._whole_ms
        if (
            damaged_ms is not None
            and damaged_ms >= now_ms - RATE_WINDOW_MS
            and (whole_ms is None or whole_ms < now_ms - STALLED_MS)
        ):
            return "damaged"
        return "not_shown" if self._codec is None else None
