"""Records what is published here: packets as they come, into files by the minute.

Nothing is decoded and nothing encoded. Every stream has a thread of its own that cuts, writes and
tells the index, so that neither a slow disk nor a busy database holds up the relay; when it falls
too far behind, it goes on from the next key frame and the gap is told.
"""

import asyncio
import contextlib

import structlog
from starlette.concurrency import run_in_threadpool

from field_api.contract.messages import FrameBoxes, VehicleState
from field_api.core.bus import Value
from field_api.core.services import Services
from field_api.features.footage.beside import moment_of
from field_api.features.footage.index import FootageIndex
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.stream_recorder import StreamRecorder

__all__ = ["Recorder"]

log = structlog.get_logger(__name__)

SILENT_S = 2.0
"""Without a packet for so long the file is ended: what there is can be read as a whole."""
AGAIN_S = 5.0
BACKLOG_PACKETS = 1000
"""While the event loop is held up by something else, pictures wait: every one is recorded."""


class Recorder:
    """The recordings of the streams published at this worker."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._hub = ctx.part(VideoHub)
        self._streams: dict[str, StreamRecorder] = {}
        self._published: asyncio.Queue[str] = asyncio.Queue()
        if ctx.settings.video_record:
            self._hub.when_published(self._note)

    def _note(self, info: StreamInfo) -> None:
        self._published.put_nowait(info.stream_id)

    def hear(self, value: Value) -> None:
        """Take what belongs to the pictures from the bus, in the publisher's thread."""
        data = value.data
        if isinstance(data, FrameBoxes):
            stream = self._streams.get(data.stream_id)
            if stream is not None:
                stream.beside(data)
        elif isinstance(data, VehicleState):
            for stream in list(self._streams.values()):
                if stream.vehicle_id == data.vehicle_id:
                    stream.beside(moment_of(data))

    async def run(self) -> None:
        """Record until cancelled."""
        await run_in_threadpool(self._put_right)
        tasks: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                stream_id = await self._published.get()
                if stream_id not in tasks and self._hub.published_here(stream_id):
                    task = asyncio.create_task(self._record(stream_id))
                    tasks[stream_id] = task
                    task.add_done_callback(lambda task, one=stream_id: self._over(tasks, one, task))
        finally:
            running = list(tasks.values())
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _over(
        self, tasks: dict[str, asyncio.Task[None]], stream_id: str, task: asyncio.Task[None]
    ) -> None:
        del tasks[stream_id]
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("footage_failed", stream=stream_id, error=repr(error))
        # Published again while the last file was being closed, or it failed: from the beginning.
        asyncio.get_running_loop().call_later(
            AGAIN_S if error else 0.0, self._published.put_nowait, stream_id
        )

    def _put_right(self) -> None:
        index = self._ctx.part(FootageIndex)
        try:
            adopted, repaired = index.adopt(), index.repair()
        except Exception:
            # Recording what comes matters more than what was; the timer tries it again.
            log.exception("footage_not_repaired")
            return
        if adopted or repaired:
            log.info("footage_put_right", adopted=adopted, repaired=repaired)

    async def _record(self, stream_id: str) -> None:
        """Record a stream for as long as it is published here."""
        stream = await run_in_threadpool(StreamRecorder, self._ctx, stream_id)
        self._streams[stream_id] = stream
        viewer = self._hub.join(stream_id, backlog_packets=BACKLOG_PACKETS, counted=False)
        try:
            while True:
                try:
                    async with asyncio.timeout(SILENT_S):
                        await viewer.wake.wait()
                except TimeoutError:
                    stream.silent()
                if not self._hub.published_here(stream_id):
                    return
                if not viewer.wake.is_set():
                    continue
                viewer.wake.clear()
                if viewer.info is not None:
                    info, viewer.info = viewer.info, None
                    stream.format(info.width, info.height)
                for packet in iter(viewer.queue.take, None):
                    stream.take(packet)
        finally:
            self._hub.leave(stream_id, viewer)
            del self._streams[stream_id]
            # Not in the pool that requests use, and not cancelled with this task.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(asyncio.to_thread(stream.close))
