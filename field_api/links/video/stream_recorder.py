"""The recording of one stream: a thread that cuts packets, writes files and tells the index."""

import queue
import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from field_api.contract.ids import new_id
from field_api.contract.messages import FrameBoxes
from field_api.contract.video_packet import VideoPacket
from field_api.core.busy import DatabaseBusyError
from field_api.core.services import Services
from field_api.features.footage.beside import FileFacts, Moment
from field_api.features.footage.cutting import Begin, FootageCutter, Piece, Step
from field_api.features.footage.index import FootageIndex, Whole
from field_api.features.footage.tables import GapCause
from field_api.features.footage.tidying import FootageRoom
from field_api.features.footage.writing import FileWriter

__all__ = ["StreamRecorder"]

log = structlog.get_logger(__name__)

MOST_WAITING = 2000
"""Packets and lines that may wait for the disk: over a minute of pictures."""
MOMENT_EVERY_MS = 100
"""Of an aircraft's states so many are kept; between two of them it is reckoned."""
LOOK_AGAIN_S = 5.0
CLOSE_S = 10.0

_Format = tuple[int, int]
_Item = VideoPacket | FrameBoxes | Moment | _Format | None


class StreamRecorder:
    """`take`, `beside` and `format` never wait; `close` does."""

    def __init__(self, ctx: Services, stream_id: str) -> None:
        """Begin; asks the database whose stream it is."""
        self._ctx = ctx
        self._index = ctx.part(FootageIndex)
        self._room = ctx.part(FootageRoom)
        self.stream_id = stream_id
        self.vehicle_id, self._area = self._index.whose(stream_id)
        self._items: queue.Queue[_Item] = queue.Queue(MOST_WAITING)
        self._need_key = False
        self._moment_ms = 0
        self._where: Moment | None = None
        self._cutter = FootageCutter()
        self._writer: FileWriter | None = None
        self._problem: GapCause | None = None
        self._gap_ms: tuple[int, int] | None = None
        self._look_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"footage {stream_id}", daemon=True)
        self._thread.start()

    # --- given by others ------------------------------------------------------------------------

    def format(self, width: int, height: int) -> None:
        """Take what the publisher says of its pictures."""
        self._put((width, height))

    def take(self, packet: VideoPacket) -> None:
        """Take the next packet; one for which there is no room is left out up to a key frame."""
        if self._need_key and not packet.keyframe:
            return
        self._need_key = not self._put(packet)

    def beside(self, value: FrameBoxes | Moment) -> None:
        """Take what belongs to the pictures."""
        if isinstance(value, Moment):
            if abs(value.t_ms - self._moment_ms) < MOMENT_EVERY_MS:
                return
            self._moment_ms = value.t_ms
        self._put(value)

    def silent(self) -> None:
        """End the file: no packets come."""
        self._put(None)

    def close(self) -> None:
        """Write what is left, end the file and the thread."""
        self._stop.set()
        self._put(None)
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            log.error("footage_not_closed", stream=self.stream_id)

    def _put(self, item: _Item) -> bool:
        try:
            self._items.put_nowait(item)
        except queue.Full:
            if not self._need_key:
                log.error("footage_behind", stream=self.stream_id)
            return False
        return True

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while not (self._stop.is_set() and self._items.empty()):
            try:
                item = self._items.get(timeout=1.0)
                self._do(item)
            except queue.Empty:
                continue
            except Exception:
                # Whatever it is, the next minute may be recorded.
                log.exception("footage_failed", stream=self.stream_id)
                self._stop_for(GapCause.FAILED)
        try:
            self._write(self._cutter.end())
            self._tell_gap()
        except Exception:
            log.exception("footage_failed", stream=self.stream_id)

    def _do(self, item: _Item) -> None:
        if isinstance(item, VideoPacket):
            if self._problem is None or self._may_again(item):
                self._write(self._cutter.take(item))
        elif isinstance(item, FrameBoxes | Moment):
            if isinstance(item, Moment):
                self._where = item
            if self._writer is not None:
                self._guarded(lambda writer: writer.tell(item))
        elif item is None:
            self._write(self._cutter.end())
        else:
            self._write(self._cutter.format(*item))

    def _write(self, steps: list[Step]) -> None:
        for step in steps:
            if isinstance(step, Begin):
                problem = self._room.problem()
                if problem is not None:
                    self._stop_for(problem)
                    self._miss(step.t_ms, step.t_ms)
                    return
                self._begin(step)
            elif isinstance(step, Piece):
                if self._writer is None:
                    continue
                if self._guarded(lambda writer, step=step: writer.add(step)):
                    self._room.took(len(step.data))
                    if self._ctx.disk.low:
                        self._stop_for(GapCause.DISK_LOW)
                        return
            else:
                self._end()

    def _begin(self, step: Begin) -> None:
        facts = FileFacts(
            id=new_id(),
            stream_id=self.stream_id,
            vehicle_id=self.vehicle_id,
            area=self._area,
            began_ms=step.t_ms,
            first_pts_90k=step.pts_90k,
            codec=step.codec,
            width=step.width,
            height=step.height,
        )
        try:
            writer = FileWriter(self._index.root, facts, step)
        except OSError as error:
            log.error("footage_not_written", stream=self.stream_id, error=str(error))
            self._stop_for(GapCause.FAILED)
            self._miss(step.t_ms, step.t_ms)
            return
        self._writer = writer
        self._told(lambda: self._index.began(facts, writer.place, self._where))

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            sha256 = writer.close()
        except OSError as error:
            log.error("footage_not_written", stream=self.stream_id, error=str(error))
            return  # It stays open in the index: `repair` says what is there of it.
        whole = Whole(
            ended_ms=writer.ended_ms,
            pictures=writer.pictures,
            size_bytes=writer.size_bytes + writer.beside_bytes,
            sha256=sha256,
            where=self._where,
        )
        self._told(lambda: self._index.ended(writer.facts, writer.place, whole))

    def _guarded(self, do: Callable[[FileWriter], None]) -> bool:
        """Write; where the disk doesn't take it, end the file with what it has."""
        assert self._writer is not None
        try:
            do(self._writer)
        except OSError as error:
            log.error("footage_not_written", stream=self.stream_id, error=str(error))
            self._stop_for(GapCause.DISK_LOW if self._ctx.disk.low else GapCause.FAILED)
            return False
        return True

    def _told(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except (SQLAlchemyError, DatabaseBusyError) as error:
            # The file is there; `adopt` and `repair` put the index right.
            log.warning("footage_index_busy", stream=self.stream_id, error=str(error)[:200])

    # --- not recording --------------------------------------------------------------------------

    def _stop_for(self, problem: GapCause) -> None:
        if self._problem is None:
            log.error("footage_stopped", stream=self.stream_id, why=str(problem))
        self._problem = problem
        self._look_s = time.monotonic() + LOOK_AGAIN_S
        self._cutter.end()
        if self._writer is not None:
            until_ms = self._writer.ended_ms
            self._miss(until_ms, until_ms)
        self._end()

    def _may_again(self, packet: VideoPacket) -> bool:
        """Whether what stopped it is over; looked at every few seconds, and at a key frame."""
        self._miss(packet.t_ms, packet.t_ms)
        if not packet.keyframe or time.monotonic() < self._look_s:
            return False
        self._look_s = time.monotonic() + LOOK_AGAIN_S
        if self._room.problem() is not None:
            return False
        log.info("footage_goes_on", stream=self.stream_id)
        self._tell_gap()
        self._problem = None
        return True

    def _miss(self, from_ms: int, to_ms: int) -> None:
        began_ms = self._gap_ms[0] if self._gap_ms else from_ms
        self._gap_ms = (began_ms, max(to_ms, began_ms))

    def _tell_gap(self) -> None:
        if self._problem is None or self._gap_ms is None:
            return
        problem, (began_ms, ended_ms) = self._problem, self._gap_ms
        self._gap_ms = None
        self._told(lambda: self._index.gap(self.stream_id, problem, began_ms, ended_ms))
