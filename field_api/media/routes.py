"""Pictures in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from field_api.accounts.rules import Permission
from field_api.errors import ApiError
from field_api.media.files import HashMismatchError
from field_api.media.models import Media, MediaView
from field_api.media.rules import MEDIA_TYPES, sniff
from field_api.services import Context, Principal, Services, ViewerDep, require
from field_api.wire import Sha256

__all__ = ["router"]

router = APIRouter(prefix="/media", tags=["media"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES
        },
    }
}


def _register(ctx: Services, who: Principal, sha256: str, kind: str, size: int) -> MediaView:
    with ctx.store.change(who.actor) as change:
        row = change.session.get(Media, sha256)
        if row is None:
            row = Media(
                sha256=sha256,
                media_type=kind,
                size_bytes=size,
                stored_ms=change.t_ms,
                stored_by=who.actor.id,
            )
            change.session.add(row)
            change.record(
                "media.stored", sha256, f"上传照片 {sha256[:12]}", f"Picture {sha256[:12]} stored"
            )
        return MediaView.model_validate(row)


@router.put("/{sha256}", operation_id="putMedia", openapi_extra=_BODY)
async def put_media(
    sha256: Sha256,
    request: Request,
    who: Annotated[Principal, Depends(require(Permission.MEDIA_WRITE))],
    ctx: Context,
) -> MediaView:
    """Store a JPEG or PNG under its SHA-256; sending it again is harmless."""
    limit = ctx.settings.max_media_bytes
    claimed = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if claimed not in MEDIA_TYPES:
        raise ApiError(
            415,
            "media_type",
            f"只接受 {'、'.join(MEDIA_TYPES)}",
            f"Only {' and '.join(MEDIA_TYPES)} are taken",
            field="content-type",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ApiError(
                413, "too_large", f"文件不得超过 {limit} 字节", f"At most {limit} bytes are taken"
            )
    data = bytes(body)
    kind = sniff(data)
    if kind is None or kind != claimed:
        raise ApiError(
            415,
            "media_type",
            f"内容不是 {claimed}",
            f"The content is not {claimed}",
            field="content-type",
        )
    try:
        await run_in_threadpool(ctx.media.put, sha256, data)
    except HashMismatchError:
        raise ApiError(
            409,
            "hash_mismatch",
            "内容与哈希不符,请重新上传",
            "The content does not match the hash; send it again",
            field="sha256",
        ) from None
    return await run_in_threadpool(_register, ctx, who, sha256, kind, len(data))


@router.get(
    "/{sha256}",
    operation_id="getMedia",
    response_class=FileResponse,
    responses={
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES
            }
        }
    },
)
def get_media(sha256: Sha256, _who: ViewerDep, ctx: Context) -> Response:
    """Return a picture; it never changes, so it may be cached for good."""
    with ctx.store.read() as session:
        row = session.get(Media, sha256)
    if row is None or not ctx.media.exists(sha256):
        raise ApiError(404, "unknown_media", "没有这张照片", "There is no such picture")
    return FileResponse(
        ctx.media.path(sha256),
        media_type=row.media_type,
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )
