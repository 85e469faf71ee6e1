"""Footage over HTTP: what there is, its files for players, stills, and what is taken out."""

from typing import Annotated

from fastapi import Depends, Query, Response
from fastapi.responses import FileResponse
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import StreamId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives
from field_api.core.pages import Before, before_id
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, require
from field_api.core.wire import Milliseconds
from field_api.features.footage.exports import MEDIA_TYPES, export_path, manifest_path, take_out
from field_api.features.footage.finding import Asked, file_at, find, get_file, read_file
from field_api.features.footage.keeping import keep
from field_api.features.footage.messages import (
    FootageBeside,
    FootageExportView,
    FootageGone,
    FootageIndexView,
    FootageKept,
    FootageManifest,
    FootagePieceView,
    FootageView,
    KeepFootage,
    TakeFootageOut,
)
from field_api.features.footage.permissions import FOOTAGE_EXPORT, VIDEO_VIEW
from field_api.features.footage.reading import beside_bytes
from field_api.features.footage.stills import StillError, still
from field_api.features.footage.tables import FootageExport, FootageGap

__all__ = ["router"]

router = Routes(prefix="/footage", tags=["footage"])

ViewerDep = Annotated[Principal, Depends(require(VIDEO_VIEW))]
ExporterDep = Annotated[Principal, Depends(require(FOOTAGE_EXPORT))]
Page = Annotated[int, Query(ge=1, le=2000)]
FOREVER = "private, max-age=31536000, immutable"


@router.get("", operation_id="listFootage")
def list_footage(
    who: ViewerDep,
    ctx: Context,
    from_ms: Annotated[Milliseconds, Query()],
    to_ms: Annotated[Milliseconds, Query()],
    incident_id: Annotated[RecordId | None, Query()] = None,
    vehicle_id: Annotated[str | None, Query(max_length=40)] = None,
    stream_id: Annotated[StreamId | None, Query()] = None,
    limit: Page = 1000,
) -> FootageView:
    """Say where there is footage of an incident, aircraft or stream, and where there is none."""
    if incident_id is None and vehicle_id is None and stream_id is None:
        raise refuse(422, "footage_of_what", field="incident_id")
    asked = Asked(from_ms, to_ms, limit, stream_id, vehicle_id, incident_id)
    return find(ctx, who.viewer, asked)


@router.get(
    "/files/{file_id}",
    operation_id="getFootage",
    response_class=FileResponse,
    responses=gives("video/mp4"),
)
def get_footage(file_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return a file; parts of it by Range. One that is being written is given as far as it is."""
    row = get_file(ctx, who.viewer, file_id)
    if row.ended_ms is None:
        data = read_file(ctx, row).data
        return Response(data, media_type="video/mp4", headers={"Cache-Control": "no-store"})
    path = ctx.settings.footage_dir / row.place
    if not path.exists():
        raise refuse(404, "unknown_footage", id=file_id)
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": FOREVER})


@router.get("/files/{file_id}/index", operation_id="getFootageIndex")
def get_index(file_id: RecordId, who: ViewerDep, ctx: Context) -> FootageIndexView:
    """Say where the fragments of a file lie and of when they are."""
    row = get_file(ctx, who.viewer, file_id)
    footage = read_file(ctx, row)
    return FootageIndexView(
        head_bytes=len(footage.head),
        whole=row.ended_ms is not None,
        pieces=[
            FootagePieceView(
                start=piece.start,
                size=piece.size,
                pts_90k=piece.pictures[0].pts_90k,
                t_ms=footage.capture_ms(piece.pictures[0].pts_90k),
                keyframe=piece.keyframe,
            )
            for piece in footage.fragments
        ],
    )


@router.get(
    "/files/{file_id}/keys",
    operation_id="getFootageKeys",
    response_class=Response,
    responses=gives("video/mp4"),
)
def get_keys(file_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return a file with its key frames only: for fast motion on any machine and line."""
    row = get_file(ctx, who.viewer, file_id)
    kept = FOREVER if row.ended_ms is not None else "no-store"
    keys = read_file(ctx, row).keys()
    return Response(keys, media_type="video/mp4", headers={"Cache-Control": kept})


@router.get("/files/{file_id}/beside", operation_id="getFootageBeside")
def get_beside(file_id: RecordId, who: ViewerDep, ctx: Context) -> FootageBeside:
    """Return the boxes of a file's pictures, and where the aircraft and its camera were."""
    row = get_file(ctx, who.viewer, file_id)
    found = beside_bytes(ctx.settings.footage_dir / row.place)
    return FootageBeside(boxes=found.boxes, moments=found.moments)


@router.get(
    "/still",
    operation_id="getFootageStill",
    response_class=Response,
    responses=gives("image/jpeg"),
)
def get_still(
    who: ViewerDep,
    ctx: Context,
    stream_id: Annotated[StreamId, Query()],
    t_ms: Annotated[Milliseconds, Query()],
) -> Response:
    """Return the picture of a moment as JPEG, to look at; `takeOut` makes one that is evidence."""
    row = file_at(ctx, who.viewer, stream_id, t_ms)
    try:
        data, taken_ms = still(read_file(ctx, row), t_ms)
    except StillError:
        raise refuse(404, "no_footage", field="t_ms") from None
    headers = {"Cache-Control": "no-store", "X-Captured-Ms": str(taken_ms)}
    return Response(data, media_type="image/jpeg", headers=headers)


@router.post("/keep", operation_id="keepFootage")
def keep_footage(body: KeepFootage, who: ExporterDep, ctx: Context) -> FootageKept:
    """Have footage kept whatever its age, or let it go again; a reason is asked for."""
    return keep(ctx, who, body)


@router.get("/deleted", operation_id="listDeletedFootage")
def list_deleted(
    who: ViewerDep, ctx: Context, before: Before = None, limit: Page = 100
) -> list[FootageGone]:
    """List what was deleted, or not recorded, newest first."""
    with ctx.store.read(who.viewer) as session:
        order = (FootageGap.told_ms, FootageGap.id)
        query = before_id(session, select(FootageGap), FootageGap, order, before, limit)
        return [FootageGone.model_validate(row) for row in session.exec(query)]


@router.post("/exports", operation_id="takeOutFootage", status_code=201)
def post_export(
    body: TakeFootageOut, who: ExporterDep, ctx: Context, response: Response
) -> FootageExportView:
    """Take a still or a clip out; the audit trail says so, a manifest lies beside it."""
    made, repeated = take_out(ctx, who, body)
    if repeated:
        response.status_code = 200
    return made


@router.get("/exports", operation_id="listFootageExports")
def list_exports(
    who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    before: Before = None,
    limit: Page = 100,
) -> list[FootageExportView]:
    """List what was taken out, newest first."""
    query = select(FootageExport)
    if incident_id is not None:
        query = query.where(col(FootageExport.incident_id) == incident_id)
    with ctx.store.read(who.viewer) as session:
        order = (FootageExport.made_ms, FootageExport.id)
        query = before_id(session, query, FootageExport, order, before, limit)
        return [FootageExportView.model_validate(row) for row in session.exec(query)]


def _export(ctx: Services, who: Principal, export_id: str) -> FootageExport:
    with ctx.store.read(who.viewer) as session:
        query = select(FootageExport).where(FootageExport.id == export_id).limit(1)
        row = session.exec(query).first()
    if row is None:
        raise refuse(404, "unknown_export", id=export_id)
    return row


@router.get(
    "/exports/{export_id}/file",
    operation_id="getFootageExport",
    response_class=FileResponse,
    responses=gives(*(kind for kind, _ in MEDIA_TYPES.values())),
)
def get_export(export_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return what was taken out."""
    row = _export(ctx, who, export_id)
    path = export_path(ctx.settings.footage_dir, row.id, row.kind)
    if not path.exists():
        raise refuse(404, "unknown_export", id=export_id)
    name = f"{row.stream_id}-{row.from_ms}.{path.suffix[1:]}"
    return FileResponse(path, media_type=MEDIA_TYPES[row.kind][0], filename=name)


@router.get("/exports/{export_id}/manifest", operation_id="getFootageManifest")
def get_manifest(export_id: RecordId, who: ViewerDep, ctx: Context) -> FootageManifest:
    """Return what lies beside something taken out: hashes, sources, times, author."""
    row = _export(ctx, who, export_id)
    path = manifest_path(ctx.settings.footage_dir, row.id)
    if not path.exists():
        raise refuse(404, "unknown_export", id=export_id)
    return FootageManifest.model_validate_json(path.read_bytes())
