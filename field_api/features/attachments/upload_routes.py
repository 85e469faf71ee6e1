"""The routes of tus 1.0 (https://tus.io/protocols/resumable-upload)."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from field_api.core.access import Principal
from field_api.core.addresses import whole_address
from field_api.core.blobs import tus
from field_api.core.blobs.attachment import parse_attachment
from field_api.core.blobs.tus_values import Answer, Refusal, UploadState
from field_api.core.errors import ErrorDetail, error_response
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, exempt, require
from field_api.features.attachments.permissions import MEDIA_WRITE
from field_api.features.attachments.uploads import UploadDesk

__all__ = ["router"]

router = Routes(prefix="/uploads", tags=["uploads"])

WriterDep = Annotated[Principal, Depends(require(MEDIA_WRITE))]
UploadId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


def _response(answer: Answer | Refusal) -> Response:
    if isinstance(answer, Refusal):
        detail = ErrorDetail(code=answer.code, text_zh=answer.text_zh, text_en=answer.text_en)
        response = error_response(answer.status, detail)
        response.headers.update(answer.headers)
        return response
    return Response(status_code=answer.status, headers=dict(answer.headers))


def _headers(request: Request) -> Mapping[str, str]:
    return dict(request.headers)


@router.options(
    "",
    operation_id="uploadOptions",
    status_code=204,
    dependencies=[Depends(exempt("says what the protocol offers, as tus asks"))],
)
async def options(ctx: Context) -> Response:
    """Say what this server takes."""
    return _response(tus.options(ctx.part(UploadDesk).limits))


@router.post("", operation_id="createUpload", status_code=201, response_class=Response)
async def create(request: Request, who: WriterDep, ctx: Context) -> Response:
    """Begin an upload; its metadata name the file's `sha256` and `filetype`."""
    desk = ctx.part(UploadDesk)
    found = tus.create(_headers(request), desk.limits, ctx.clock())
    if isinstance(found, Refusal):
        return _response(found)
    said = parse_attachment(found.metadata)
    if isinstance(said, Refusal):
        return _response(said)
    begun = await run_in_threadpool(desk.begin, who, found.state, said)
    if isinstance(begun, Refusal):
        return _response(begun)
    upload_id, state = begun
    if found.chunk is not None and state.offset_bytes == 0:
        async with desk.lock(upload_id):
            after = await desk.take(who, upload_id, state, found.chunk, request.stream())
        if isinstance(after, Refusal):
            # The upload stands: the client goes on from where it is.
            after = await _state(ctx, who, upload_id) or state
        state = after
    return _response(tus.created(state, _address(ctx, request, upload_id)))


def _address(ctx: Services, request: Request, upload_id: str) -> str:
    """Return where an upload goes on: at the site whose page asks, which it may always reach.

    The whole address: one of the clients (aiotus) does not take one that begins with a slash.
    """
    path = f"{request.url.path.rstrip('/')}/{upload_id}"
    site = request.headers.get("origin")
    return f"{site}{path}" if site else whole_address(ctx.settings, request, path)


async def _state(ctx: Services, who: Principal, upload_id: str) -> UploadState | None:
    return await run_in_threadpool(ctx.part(UploadDesk).find, who, upload_id)


@router.head("/{upload_id}", operation_id="uploadOffset", response_class=Response)
async def head(upload_id: UploadId, request: Request, who: WriterDep, ctx: Context) -> Response:
    """Say how far an upload has come."""
    state = await _state(ctx, who, upload_id)
    return _response(tus.head(state, _headers(request), ctx.clock()))


@router.patch("/{upload_id}", operation_id="appendUpload", status_code=204)
async def append(upload_id: UploadId, request: Request, who: WriterDep, ctx: Context) -> Response:
    """Take the next bytes of an upload."""
    desk = ctx.part(UploadDesk)
    async with desk.lock(upload_id):
        state = await _state(ctx, who, upload_id)
        leave = tus.append(state, _headers(request), ctx.clock())
        if isinstance(leave, Refusal):
            return _response(leave)
        assert state is not None
        after = await desk.take(who, upload_id, state, leave, request.stream())
        if isinstance(after, Refusal):
            return _response(after)
        _, answer = tus.appended(after, 0)
        return _response(answer)


@router.delete("/{upload_id}", operation_id="dropUpload", status_code=204)
async def drop(upload_id: UploadId, request: Request, who: WriterDep, ctx: Context) -> Response:
    """Forget an upload."""
    desk = ctx.part(UploadDesk)
    async with desk.lock(upload_id):
        answer = tus.terminate(await _state(ctx, who, upload_id), _headers(request), ctx.clock())
        if isinstance(answer, Answer):
            await run_in_threadpool(desk.drop, upload_id)
        return _response(answer)
