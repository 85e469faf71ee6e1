"""Parameters over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.operation import Operation
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.flights.messages import CommandView
from field_api.features.parameters.messages import (
    ParameterDifferenceView,
    SavedParametersView,
    SavedParametersWhole,
    WholeParameters,
)
from field_api.features.parameters.operations import FETCH, LOAD, READ, SAVE, SET
from field_api.features.parameters.permissions import PARAMETER_VIEW
from field_api.features.parameters.records import (
    get_parameters,
    get_saved,
    saved_views,
    saved_whole,
    whole,
)
from field_api.features.parameters.tables import SavedParameters
from mission_plans.formats.parameter_file import differences, write_parameters

__all__ = ["router"]

router = Routes(tags=["parameters"])

ViewerDep = Annotated[Principal, Depends(require(PARAMETER_VIEW))]
VehiclePart = Annotated[str, Path(max_length=60)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
BY_VEHICLE = "/vehicles/{vehicle_id}"

_ORDERS: tuple[tuple[Operation[Any], str, str], ...] = (
    (FETCH, "fetch", "fetchParameters"),
    (READ, "read", "readParameter"),
    (SET, "set", "setParameters"),
)
for order, name, operation_id in _ORDERS:
    serve_operation(
        router,
        order,
        f"{BY_VEHICLE}/parameters/{name}",
        operation_id=operation_id,
        returns=CommandView,
        target="vehicle_id",
        created=True,
        status_code=202,
    )
for keeping, name, operation_id in (
    (SAVE, "parameter-sets", "saveParameters"),
    (LOAD, "parameter-files", "loadParameterFile"),
):
    serve_operation(
        router,
        keeping,
        f"{BY_VEHICLE}/{name}",
        operation_id=operation_id,
        returns=SavedParametersView,
        target="vehicle_id",
        created=True,
    )


@router.get(f"{BY_VEHICLE}/parameters", operation_id="getParameters")
def get_all(vehicle_id: VehiclePart, who: ViewerDep, ctx: Context) -> WholeParameters:
    """Return what an aircraft told last, and when."""
    with ctx.store.read(who.viewer) as session:
        return whole(get_parameters(session, vehicle_id))


@router.get(
    f"{BY_VEHICLE}/parameters/file",
    operation_id="getParameterFile",
    response_class=Response,
    responses=_FILE,
)
def get_file(vehicle_id: VehiclePart, who: ViewerDep, ctx: Context) -> Response:
    """Return what an aircraft told last as a file that every ground station reads."""
    with ctx.store.read(who.viewer) as session:
        row = get_parameters(session, vehicle_id)
        values = {value.name: value.value for value in row.values}
    return _file(f"{vehicle_id}.parm", values, vehicle_id)


@router.get(f"{BY_VEHICLE}/parameters/differences", operation_id="getParameterDifferences")
def get_differences(
    vehicle_id: VehiclePart, set_id: Annotated[RecordId, Query()], who: ViewerDep, ctx: Context
) -> list[ParameterDifferenceView]:
    """Return on what an aircraft and a kept set do not agree, by name."""
    with ctx.store.read(who.viewer) as session:
        row = get_parameters(session, vehicle_id)
        here = {value.name: value.value for value in row.values}
        there = get_saved(session, set_id).values
    return [
        ParameterDifferenceView(name=each.name, here=each.first, there=each.second)
        for each in differences(here, there)
    ]


@router.get("/parameter-sets", operation_id="listParameterSets")
def list_sets(
    who: ViewerDep, ctx: Context, vehicle_id: Annotated[str | None, Query(max_length=60)] = None
) -> list[SavedParametersView]:
    """List kept sets, newest first."""
    query = select(SavedParameters).order_by(
        col(SavedParameters.saved_ms).desc(), col(SavedParameters.id).desc()
    )
    if vehicle_id is not None:
        query = query.where(SavedParameters.vehicle_id == vehicle_id)
    with ctx.store.read(who.viewer) as session:
        return saved_views(session, session.exec(query.limit(200)).all())


@router.get("/parameter-sets/{set_id}", operation_id="getParameterSet")
def get_set(set_id: RecordId, who: ViewerDep, ctx: Context) -> SavedParametersWhole:
    """Return a kept set."""
    with ctx.store.read(who.viewer) as session:
        return saved_whole(get_saved(session, set_id))


@router.get(
    "/parameter-sets/{set_id}/file",
    operation_id="getParameterSetFile",
    response_class=Response,
    responses=_FILE,
)
def get_set_file(set_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return a kept set as a file."""
    with ctx.store.read(who.viewer) as session:
        row = get_saved(session, set_id)
        return _file(f"{row.vehicle_id}-{set_id[-6:]}.parm", row.values, row.vehicle_id)


def _file(name: str, values: dict[str, float], title: str) -> Response:
    # Names in headers are Latin-1; an aircraft's may be anything.
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return Response(
        write_parameters(values, title),
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{safe}"'},
    )
