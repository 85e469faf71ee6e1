"""Plan and map files over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.file_bodies import gives, takes
from field_api.core.routing import API, Routes
from field_api.core.services import Context, require
from field_api.features.plan_files.exports import (
    MISSIONS,
    Export,
    drawing_file,
    drawings_of,
    incident_file,
    incident_things,
    mission_archive,
    offered,
    plan_file,
    read_plan,
)
from field_api.features.plan_files.messages import Drawing, ExportView, FileView, MapFormat
from field_api.features.plan_files.reading import file_view
from field_api.features.plans.permissions import PLAN_MAKE, PLAN_VIEW
from field_api.features.plotting.permissions import DRAWING_VIEW

__all__ = ["router"]

router = Routes(tags=["plan files"])

ViewerDep = Annotated[Principal, Depends(require(PLAN_VIEW))]
DrawingDep = Annotated[Principal, Depends(require(DRAWING_VIEW))]
MakerDep = Annotated[Principal, Depends(require(PLAN_MAKE))]

_MEDIA_TYPES = {
    "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz",
    "geojson": "application/geo+json",
    "gpx": "application/gpx+xml",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
_FILES = gives(*(kind for kind in _MEDIA_TYPES.values() if kind != "application/zip"))


@router.post(
    "/plan-files",
    operation_id="readPlanFile",
    openapi_extra=takes("application/octet-stream"),
)
async def read(
    request: Request, _: MakerDep, name: Annotated[str, Query(min_length=1, max_length=300)]
) -> FileView:
    """Return what a file holds and what of it is left out and why; nothing is stored."""
    return await run_in_threadpool(file_view, name, await request.body())


@router.post(
    "/plan-files/drawing.{ending}",
    operation_id="exportDrawing",
    response_class=Response,
    responses=_FILES,
)
def export_drawing(ending: MapFormat, body: Drawing, _: MakerDep) -> Response:
    """Return areas that are drawn and not planned yet as a file."""
    return _answer(drawing_file(body, ending))


@router.get("/plans/{plan_id}/exports", operation_id="listPlanExports")
def list_plan_exports(plan_id: RecordId, who: ViewerDep, ctx: Context) -> list[ExportView]:
    """List the files that a plan can be had as, each with what it can't carry."""
    plan = read_plan(ctx, who.viewer, plan_id)
    start = f"{API}/plans/{plan_id}"
    return [
        *(
            offered(
                f"{start}/export.{form}",
                f"plan.{form}",
                lambda form=form: plan_file(ctx, plan, form),
            )
            for form in MapFormat
        ),
        offered(f"{start}/{MISSIONS}", MISSIONS, lambda: mission_archive(ctx, plan)),
    ]


@router.get(
    "/plans/{plan_id}/export.{ending}",
    operation_id="exportPlan",
    response_class=Response,
    responses=_FILES,
)
def export_plan(plan_id: RecordId, ending: MapFormat, who: ViewerDep, ctx: Context) -> Response:
    """Return a plan as a map file: areas, fences, sorties with return heights, failed checks."""
    return _answer(plan_file(ctx, read_plan(ctx, who.viewer, plan_id), ending))


@router.get(
    f"/plans/{{plan_id}}/{MISSIONS}",
    operation_id="exportMissions",
    response_class=Response,
    responses=gives("application/zip"),
)
def export_missions(plan_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return the missions of a plan's sorties for QGroundControl, Mission Planner and DJI."""
    return _answer(mission_archive(ctx, read_plan(ctx, who.viewer, plan_id)))


@router.get("/incidents/{incident_id}/exports", operation_id="listIncidentExports")
def list_incident_exports(incident_id: RecordId, who: ViewerDep, ctx: Context) -> list[ExportView]:
    """List the files that an incident's areas, flown tracks and alerts can be had as."""
    things, left_out = incident_things(ctx, who.viewer, incident_id)
    start = f"{API}/incidents/{incident_id}"
    return [
        offered(
            f"{start}/export.{form}",
            f"incident.{form}",
            lambda form=form: incident_file(incident_id, things, left_out, form),
        )
        for form in MapFormat
    ]


@router.get(
    "/incidents/{incident_id}/export.{ending}",
    operation_id="exportIncident",
    response_class=Response,
    responses=_FILES,
)
def export_incident(
    incident_id: RecordId, ending: MapFormat, who: ViewerDep, ctx: Context
) -> Response:
    """Return an incident's search areas, flown tracks, drawings and alerts as a map file."""
    things, left_out = incident_things(ctx, who.viewer, incident_id)
    return _answer(incident_file(incident_id, things, left_out, ending))


@router.get("/incidents/{incident_id}/drawing-exports", operation_id="listDrawingExports")
def list_drawing_exports(incident_id: RecordId, who: DrawingDep, ctx: Context) -> list[ExportView]:
    """List the files that an incident's drawings can be had as, each with what it can't carry."""
    things = drawings_of(ctx, who.viewer, incident_id)
    return [
        offered(
            f"{API}/incidents/{incident_id}/drawings.{form}",
            f"drawings.{form}",
            lambda form=form: incident_file(incident_id, things, [], form, name="drawings"),
        )
        for form in MapFormat
    ]


@router.get(
    "/incidents/{incident_id}/drawings.{ending}",
    operation_id="exportDrawings",
    response_class=Response,
    responses=_FILES,
)
def export_drawings(
    incident_id: RecordId, ending: MapFormat, who: DrawingDep, ctx: Context
) -> Response:
    """Return what is drawn on an incident's map as a map file."""
    things = drawings_of(ctx, who.viewer, incident_id)
    return _answer(incident_file(incident_id, things, [], ending, name="drawings"))


def _answer(made: Export) -> Response:
    return Response(
        made.written.data,
        media_type=_MEDIA_TYPES[made.name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )
