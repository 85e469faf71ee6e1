"""Resumable uploads (tus 1.0): the protocol's decisions with database and files around them."""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

import structlog
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from field_api.contract.ids import new_id
from field_api.core.access import Principal
from field_api.core.blobs import tus
from field_api.core.blobs.attachment import Attachment
from field_api.core.blobs.files import BlobFiles, HashMismatchError, PartLostError
from field_api.core.blobs.tables import Media, Upload, add_media, attach
from field_api.core.blobs.tus_values import Append, Limits, Refusal, UploadState
from field_api.core.change import Change
from field_api.core.services import Services

__all__ = ["KEEP_MS", "UploadDesk"]

log = structlog.get_logger(__name__)

KEEP_MS = 7 * 24 * 3_600_000
"""An upload that nobody goes on with is forgotten after a week: a handheld may be away so long."""
MOST_PER_PERSON = 500


class UploadDesk:
    """Uploads of this process; two requests never write one upload at the same time."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def limits(self) -> Limits:
        """What is taken."""
        return Limits(max_length_bytes=self._ctx.settings.max_upload_bytes, keep_ms=KEEP_MS)

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
        return UploadState(row.offset_bytes, row.length_bytes, row.expires_ms, row.raw_metadata)

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
        with writer:
            try:
                async for chunk in body:
                    refusal = check.feed(chunk)
                    if refusal is not None:
                        break
                    await run_in_threadpool(writer.write, chunk)
                else:
                    refusal = check.finish()
                kept = check.received_bytes
            except ClientDisconnect:
                kept = check.interrupted_bytes()
            if refusal is not None:
                await run_in_threadpool(writer.undo)
                return refusal
            await run_in_threadpool(writer.keep, kept)
        after, _ = tus.appended(state, kept)
        await run_in_threadpool(self._acknowledge, upload_id, after.offset_bytes)
        if after.complete:
            return await run_in_threadpool(self._finish, who, upload_id, after)
        return after

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
                row.expires_ms = self._ctx.clock() + KEEP_MS

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
        """Forget uploads that expired, those that are done for a day, and bytes of neither."""
        now_ms = self._ctx.clock()
        with self._ctx.store.housekeep() as session:
            done = col(Upload.offset_bytes) >= col(Upload.length_bytes)
            day_ms = KEEP_MS - 24 * 3_600_000
            over = (col(Upload.expires_ms) < now_ms) | (
                done & (col(Upload.expires_ms) < now_ms + day_ms)
            )
            for row in session.exec(select(Upload).where(over).limit(500)):
                session.delete(row)
            session.flush()
            kept = set(session.exec(select(Upload.id)))
        swept = self._files.sweep(kept)
        if swept:
            log.info("parts_swept", count=len(swept))
