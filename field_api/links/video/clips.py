"""The film of an alert: some seconds before and after it, kept beside its pictures.

An alert is told on the tail; the worker that its stream is published at waits for the seconds after
it, puts the packets together as they came and stores them. Where there is no video there is no
film, and the alert is as good without it.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict

import structlog
from starlette.concurrency import run_in_threadpool

from field_api.contract.video_packet import VideoPacket
from field_api.core.blobs.tables import add_media, attach
from field_api.core.events import TailEvent
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.detections.tables import CLIP, DetectionRecord, DetectionStatus
from field_api.links.video.clip_file import ClipError, mp4_of
from field_api.links.video.recent import RecentPackets

__all__ = ["Clips"]

log = structlog.get_logger(__name__)

MOST_KNOWN = 1000
LATE_S = 1.0
"""How long packets may be under way."""
SPARE_S = 4.0
"""An alert comes later than the picture that it is about; a group of pictures begins before."""


class Clips:
    """Films of new alerts. Lives on the event loop."""

    def __init__(self, ctx: Services) -> None:
        """Begin with nothing seen."""
        self._ctx = ctx
        self._each_ms = round(ctx.settings.evidence_clip_s * 1000)
        self.recent = RecentPackets(2 * self._each_ms + round((LATE_S + 2 * SPARE_S) * 1000))
        self._known: OrderedDict[str, None] = OrderedDict()
        self._alerts: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue()

    def changed(self, events: list[TailEvent]) -> None:
        """Notice new alerts."""
        if not self._each_ms:
            return
        for event in events:
            if event.topic != "detection" or event.op != "put" or event.record_id in self._known:
                continue
            body = json.loads(event.body or "{}")
            if body.get("status") == DetectionStatus.OPEN and body.get("clip") is None:
                self._known[event.record_id] = None
                self._alerts.put_nowait((event.record_id, body["stream_id"], body["t_ms"]))
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def keep(self) -> None:
        """Keep films until cancelled."""
        async with asyncio.TaskGroup() as films:
            while True:
                films.create_task(self._film(*await self._alerts.get()))

    async def _film(self, detection_id: str, stream_id: str, t_ms: int) -> None:
        await asyncio.sleep(self._each_ms / 1000 + LATE_S)
        packets = self.recent.span(stream_id, t_ms - self._each_ms, t_ms + self._each_ms)
        if not packets:
            return
        try:
            await run_in_threadpool(self._store, detection_id, packets)
        except Exception:
            # A film that can't be kept must stop neither the other films nor the post.
            log.exception("clip_not_kept", detection=detection_id)

    def _store(self, detection_id: str, packets: list[VideoPacket]) -> None:
        ctx = self._ctx
        if ctx.disk.low:
            log.warning("clip_not_kept", detection=detection_id, reason="the disk is nearly full")
            return
        try:
            film = mp4_of(packets)
        except ClipError as error:
            log.warning("clip_not_kept", detection=detection_id, reason=str(error))
            return
        sha256 = hashlib.sha256(film).hexdigest()
        ctx.blobs.put(sha256, film)
        with ctx.store.change(SYSTEM) as change:
            row = change.get(DetectionRecord, detection_id)
            add_media(change, sha256, "video/mp4", len(film), SYSTEM)
            attach(change, sha256, "detection", row.id, role=CLIP, t_ms=packets[0].t_ms)
            change.retell(row)
            change.record(
                "detection.clip_kept",
                row.id,
                refs={"sha256": sha256, "stream_id": row.stream_id},
                alert=row.id[-6:],
                seconds=round((packets[-1].t_ms - packets[0].t_ms) / 1000, 1),
            )
