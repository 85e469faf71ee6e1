"""Drawings, fire lines and pointers over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Request
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.file_bodies import takes
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.incidents.records import get_incident
from field_api.features.plotting.files import read_drawings
from field_api.features.plotting.messages import (
    DrawingFileView,
    DrawingVersionView,
    DrawingView,
    FireLineView,
    PointerView,
)
from field_api.features.plotting.operations import DELETE, EDIT, IMPORT, MAKE, UNDO
from field_api.features.plotting.permissions import DRAWING_MAKE, DRAWING_VIEW
from field_api.features.plotting.pointing import END, POINT
from field_api.features.plotting.records import drawing_versions, drawing_views, fire_lines
from field_api.features.plotting.tables import Drawing, DrawingState

__all__ = ["router"]

router = Routes(tags=["plotting"])

ViewerDep = Annotated[Principal, Depends(require(DRAWING_VIEW))]


@router.get("/drawings", operation_id="listDrawings")
def list_drawings(
    who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId, Query()],
    deleted: Annotated[bool, Query()] = False,
    limit: Limit = 200,
    before: Before = None,
) -> list[DrawingView]:
    """List what is drawn on an incident's map, the last first; `deleted`: what was taken off it."""
    state = DrawingState.DELETED if deleted else DrawingState.DRAWN
    query = select(Drawing).where(Drawing.incident_id == incident_id, Drawing.state == state)
    order = (col(Drawing.made_ms), col(Drawing.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Drawing, order, before, limit)).all()
        return drawing_views(session, rows)


@router.get("/drawings/{drawing_id}/versions", operation_id="listDrawingVersions")
def list_versions(drawing_id: RecordId, who: ViewerDep, ctx: Context) -> list[DrawingVersionView]:
    """List what a drawing was, newest first, and who made it so."""
    with ctx.store.read(who.viewer) as session:
        if session.get(Drawing, drawing_id) is None:
            raise refuse(404, "unknown_drawing", id=drawing_id)
        return drawing_versions(session, drawing_id)


@router.get("/incidents/{incident_id}/fire-lines", operation_id="listFireLines")
def list_fire_lines(incident_id: RecordId, who: ViewerDep, ctx: Context) -> list[FireLineView]:
    """List an incident's fire lines, the last seen first: area, length, and growth between them."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        return fire_lines(session, incident_id)


@router.post(
    "/drawing-files",
    operation_id="readDrawingFile",
    openapi_extra=takes("application/octet-stream"),
)
async def read_file(
    request: Request,
    _: Annotated[Principal, Depends(require(DRAWING_MAKE))],
    name: Annotated[str, Query(min_length=1, max_length=300)],
) -> DrawingFileView:
    """Return what of a file can be drawn, and what is left out and why; nothing is stored."""
    return await run_in_threadpool(read_drawings, name, await request.body())


serve_operation(
    router, MAKE, "/drawings", operation_id="makeDrawing", returns=DrawingView, created=True
)
serve_operation(
    router,
    EDIT,
    "/drawings/{drawing_id}/edit",
    operation_id="editDrawing",
    returns=DrawingView,
    target="drawing_id",
)
serve_operation(
    router,
    DELETE,
    "/drawings/{drawing_id}/delete",
    operation_id="deleteDrawing",
    returns=DrawingView,
    target="drawing_id",
)
serve_operation(router, UNDO, "/drawings/undo", operation_id="undoDrawing", returns=DrawingView)
serve_operation(
    router,
    IMPORT,
    "/drawings/import",
    operation_id="importDrawings",
    returns=DrawingView,
    created=True,
)
serve_operation(
    router, POINT, "/pointers", operation_id="makePointer", returns=PointerView, created=True
)
serve_operation(
    router,
    END,
    "/pointers/{pointer_id}/end",
    operation_id="endPointer",
    returns=PointerView,
    target="pointer_id",
)
