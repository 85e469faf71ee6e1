"""Resumable uploads (tus 1.0): the protocol's decisions with database and files around them."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from field_api.contract.ids import new_id
from field_api.core.access import Principal
from field_api.core.blobs import tus
from field_api.core.blobs.attachment import Attachment
from field_api.core.blobs.files import BlobFiles, HashMismatchError, PartLostError, PartWriter
from field_api.core.blobs.tables import Media, Upload, add_media, attach
from field_api.core.blobs.tus_values import Append, Limits, Refusal, UploadState
from field_api.core.change import Change
from field_api.core.services import Services
from field_api.features.attachments.room import MediaRoom

__all__ = ["UploadDesk"]

log = structlog.get_logger(__name__)

DAY_MS = 24 * 3_600_000
CHECKPOINT_S = 2.0
"""How often bytes are made safe and acknowledged while a chunk comes. Some clients send the whole
file as one chunk: without it, a server that was killed made them begin at byte 0."""
MOST_PER_PERSON = 500


class UploadDesk:
    """Uploads of this process; two requests never write one upload at the same time."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def limits(self) -> Limits:
        """What is taken."""
        return Limits(max_length_bytes=self._ctx.settings.max_upload_bytes, keep_ms=self._keep_ms)

    @property
    def _keep_ms(self) -> int:
        return int(self._ctx.settings.keep_uploads_days * DAY_MS)

    @property
    def _files(self) -> BlobFiles:
        return self._ctx.blobs

    def lock(self, upload_id: str) -> asyncio.Lock:
        """Return the lock that writing an upload holds."""
        found = self._locks.get(upload_id)
        if found is None:
            found = self._locks[upload_id] = asyncio.Lock()
        return found

    def find(self, who: Principal, upload_id: str) -> UploadState | None:
        """Return how far one's own upload has come, None for no such upload."""
        with self._ctx.store.read() as session:
            row = session.get(Upload, upload_id)
        if row is None or row.user_id != who.user_id:
            return None
        state = UploadState(row.offset_bytes, row.length_bytes, row.expires_ms, row.raw_metadata)
        if state.complete:
            return state
        on_disk = self._files.size_bytes(upload_id)
        if on_disk is None and self._files.exists(row.sha256):
            # The server was killed after it had filed the bytes and before it said so.
            whole = replace(state, offset_bytes=state.length_bytes)
            finished = self._finish(who, upload_id, whole)
            return finished if isinstance(finished, UploadState) else state
        # Fewer than were acknowledged are there after a restored backup.
        return replace(state, offset_bytes=min(state.offset_bytes, on_disk or 0))

    def begin(
        self, who: Principal, state: UploadState, said: Attachment
    ) -> tuple[str, UploadState] | Refusal:
        """Keep a new upload; of a file that is here already nothing needs to be sent."""
        upload_id = new_id()
        with self._ctx.store.change(who) as change:
            open_uploads = change.session.exec(
                select(Upload.id).where(Upload.user_id == who.user_id).limit(MOST_PER_PERSON)
            ).all()
            if len(open_uploads) >= MOST_PER_PERSON:
                return Refusal(
                    429,
                    "too_many_uploads",
                    f"未完成的上传已有 {MOST_PER_PERSON} 个,请先完成",
                    f"{MOST_PER_PERSON} uploads are unfinished: finish those first",
                    {"Tus-Resumable": "1.0.0", "Retry-After": "60"},
                )
            here = change.session.get(Media, said.sha256)
            whole = here is not None and self._files.exists(said.sha256)
            if not whole:
                self._ctx.part(MediaRoom).check(who, state.length_bytes)
                change.after_commit(lambda: self._ctx.part(MediaRoom).took(who, state.length_bytes))
            offset = state.length_bytes if whole else 0
            row = Upload(
                id=upload_id,
                user_id=who.user_id,
                sha256=said.sha256,
                media_type=said.media_type,
                length_bytes=state.length_bytes,
                offset_bytes=offset,
                expires_ms=state.expires_ms,
                raw_metadata=state.metadata,
                topic=said.topic or "",
                record_id=said.record_id or "",
                role=said.role or "",
                t_ms=said.t_ms,
                lat_deg=said.lat_deg,
                lon_deg=said.lon_deg,
                device_id=said.device_id or "",
            )
            if not whole:
                self._files.start(upload_id)
            change.session.add(row)
            if whole:
                self._attach(change, row)
            change.record("upload.begun", upload_id, short=said.sha256[:12])
        return upload_id, UploadState(offset, state.length_bytes, state.expires_ms, state.metadata)

    async def take(
        self,
        who: Principal,
        upload_id: str,
        state: UploadState,
        leave: Append,
        body: AsyncIterator[bytes],
    ) -> UploadState | Refusal:
        """Write one chunk; of one that breaks off what can be vouched for is kept."""
        check = tus.ChunkCheck(leave)
        refusal: Refusal | None = None
        try:
            writer = await run_in_threadpool(self._files.writer, upload_id, state.offset_bytes)
        except PartLostError as error:
            # Fewer bytes are here than were acknowledged, e.g. after a restored backup.
            size = await run_in_threadpool(self._settle, upload_id, error.size_bytes)
            return Refusal(
                409,
                "upload_offset_differs",
                f"服务器只有 {size} 字节;请从该处继续",
                f"the server has {size} bytes; go on from there",
                {"Tus-Resumable": "1.0.0", "Upload-Offset": str(size)},
            )
        safe, safe_s = 0, time.monotonic()
        with writer:
            try:
                async for chunk in body:
                    refusal = check.feed(chunk)
                    if refusal is not None:
                        break
                    await run_in_threadpool(writer.write, chunk)
                    if time.monotonic() - safe_s >= CHECKPOINT_S and check.interrupted_bytes():
                        await run_in_threadpool(self._checkpoint, upload_id, writer)
                        safe, safe_s = check.received_bytes, time.monotonic()
                else:
                    refusal = check.finish()
                kept = check.received_bytes
            except ClientDisconnect:
                kept = check.interrupted_bytes()
            if refusal is not None:
                await run_in_threadpool(writer.undo)
                return refusal
            await run_in_threadpool(writer.keep, kept - safe)
        after, _ = tus.appended(state, kept)
        if after.complete:
            # Acknowledged with the record of the file: who is told that all is here goes away.
            return await run_in_threadpool(self._finish, who, upload_id, after)
        await run_in_threadpool(self._acknowledge, upload_id, after.offset_bytes)
        return after

    def _checkpoint(self, upload_id: str, writer: PartWriter) -> None:
        self._acknowledge(upload_id, writer.checkpoint())

    def _settle(self, upload_id: str, size_bytes: int) -> int:
        if self._files.size_bytes(upload_id) is None:
            self._files.start(upload_id)
        self._acknowledge(upload_id, size_bytes)
        return size_bytes

    def _acknowledge(self, upload_id: str, offset_bytes: int) -> None:
        with self._ctx.store.housekeep() as session:
            row = session.get(Upload, upload_id)
            if row is not None:
                row.offset_bytes = offset_bytes
                row.expires_ms = self._ctx.clock() + self._keep_ms

    def _finish(self, who: Principal, upload_id: str, state: UploadState) -> UploadState | Refusal:
        with self._ctx.store.read() as session:
            row = session.get_one(Upload, upload_id)
        try:
            self._files.finish(upload_id, row.sha256)
        except HashMismatchError:
            self._files.drop(upload_id)
            self._settle(upload_id, 0)
            return Refusal(
                460,
                "hash_mismatch",
                "内容与 sha256 不符,已丢弃;请重新上传",
                "the bytes are not those that sha256 names; they were dropped, send them again",
                {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
            )
        with self._ctx.store.change(who) as change:
            if add_media(change, row.sha256, row.media_type, row.length_bytes, who.actor):
                change.record("media.stored", row.sha256, short=row.sha256[:12])
            else:
                change.record("media.repeated", row.sha256, short=row.sha256[:12])
            self._attach(change, row)
            stored = change.session.get_one(Upload, upload_id)
            stored.offset_bytes = state.offset_bytes
            stored.expires_ms = change.t_ms + self._keep_ms
        return state

    def _attach(self, change: Change, row: Upload) -> None:
        if row.topic and row.record_id:
            attach(
                change,
                row.sha256,
                row.topic,
                row.record_id,
                role=row.role,
                t_ms=row.t_ms,
                lat_deg=row.lat_deg,
                lon_deg=row.lon_deg,
                device_id=row.device_id,
            )

    def drop(self, upload_id: str) -> None:
        """Forget an upload and its bytes."""
        with self._ctx.store.housekeep() as session:
            row = session.get(Upload, upload_id)
            if row is not None:
                session.delete(row)
        self._files.drop(upload_id)

    def tidy(self) -> None:
        """Forget uploads that expired, those that are done for a day, and bytes of neither.

        This is what a start does first.
        """
        now_ms = self._ctx.clock()
        with self._ctx.store.housekeep() as session:
            done = col(Upload.offset_bytes) >= col(Upload.length_bytes)
            over = (col(Upload.expires_ms) < now_ms) | (
                done & (col(Upload.expires_ms) < now_ms + self._keep_ms - DAY_MS)
            )
            for row in session.exec(select(Upload).where(over).limit(500)):
                session.delete(row)
            session.flush()
            kept = set(session.exec(select(Upload.id)))
        # By the time of the disk, not of the records; another worker may just be writing one.
        before_ms = time.time_ns() // 1_000_000 - int(self._ctx.settings.keep_strays_s * 1000)
        swept = self._files.sweep(kept, before_ms=before_ms)
        if swept:
            log.info("parts_swept", count=len(swept))
