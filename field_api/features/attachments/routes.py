"""Files in and out: small pictures at once, anything else by resumable upload."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from field_api.core.access import Principal
from field_api.core.blobs.files import HashMismatchError
from field_api.core.blobs.picture import MEDIA_TYPES, sniff
from field_api.core.blobs.tables import Media, add_media
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives, takes
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, require
from field_api.core.wire import Sha256, View
from field_api.features.attachments.permissions import MEDIA_OWN, MEDIA_VIEW, MEDIA_WRITE
from field_api.features.attachments.reading import readable
from field_api.features.attachments.room import MediaRoom

__all__ = ["MediaView", "router"]

router = Routes(prefix="/media", tags=["media"])


class MediaView(View):
    """One stored file."""

    sha256: str
    media_type: str
    size_bytes: int
    stored_ms: int


def _store(ctx: Services, who: Principal, sha256: str, kind: str, data: bytes) -> MediaView:
    room = ctx.part(MediaRoom)
    if not ctx.blobs.exists(sha256):
        room.check(who, len(data))
    try:
        ctx.blobs.put(sha256, data)
    except HashMismatchError:
        raise refuse(409, "hash_mismatch", field="sha256") from None
    with ctx.store.change(who) as change:
        if add_media(change, sha256, kind, len(data), who.actor):
            change.record("media.stored", sha256, short=sha256[:12])
            change.after_commit(lambda: room.took(who, len(data)))
        return MediaView.model_validate(change.session.get_one(Media, sha256))


@router.put("/{sha256}", operation_id="putMedia", openapi_extra=takes(*MEDIA_TYPES))
async def put_media(
    sha256: Sha256,
    request: Request,
    who: Annotated[Principal, Depends(require(MEDIA_WRITE))],
    ctx: Context,
) -> MediaView:
    """Store a JPEG or PNG under its SHA-256; sending it again is harmless."""
    limit = ctx.settings.max_media_bytes
    allowed = ", ".join(MEDIA_TYPES)
    claimed = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if claimed not in MEDIA_TYPES:
        raise refuse(415, "media_type", field="content-type", allowed=allowed)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise refuse(413, "too_large", limit=limit)
    data = bytes(body)
    kind = sniff(data)
    if kind is None or kind != claimed:
        raise refuse(415, "media_differs", field="content-type", claimed=claimed)
    return await run_in_threadpool(_store, ctx, who, sha256, kind, data)


@router.get(
    "/{sha256}",
    operation_id="getMedia",
    response_class=FileResponse,
    responses=gives(*MEDIA_TYPES),
)
def get_media(
    sha256: Sha256,
    who: Annotated[Principal, Depends(require(MEDIA_VIEW, MEDIA_OWN))],
    ctx: Context,
) -> Response:
    """Return a stored file; it never changes, so it may be cached for good."""
    with ctx.store.read(who.viewer) as session:
        row = readable(session, who, sha256)
    if row is None or not ctx.blobs.exists(sha256):
        raise refuse(404, "unknown_media")
    return FileResponse(
        ctx.blobs.path(sha256),
        media_type=row.media_type,
        # What is not a picture of ours is never run by a browser, whatever it says it is.
        content_disposition_type="inline" if row.media_type in MEDIA_TYPES else "attachment",
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )
