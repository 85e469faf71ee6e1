"""Sorties and vehicle orders over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from field_api.accounts.rules import Permission
from field_api.contract.ids import RecordId
from field_api.contract.messages import LandVehicle, PauseVehicle, ResumeVehicle, ReturnVehicle
from field_api.errors import ApiError
from field_api.roster.models import Vehicle
from field_api.services import Context, Principal, ViewerDep, require
from field_api.sorties.departures import keep_on_ground
from field_api.sorties.models import CommandRecord, CommandView, SortieView, VehicleOrder
from field_api.sorties.records import (
    command_view,
    fleet_node,
    flying_incident,
    list_sorties,
    send_order,
)
from field_api.wire import digest

__all__ = ["router"]

router = APIRouter(tags=["sorties"])

_BODIES = {
    "pause": PauseVehicle,
    "resume": ResumeVehicle,
    "return": ReturnVehicle,
    "land": LandVehicle,
}
_ACTION_ZH = {"pause": "悬停", "resume": "继续任务", "return": "返航", "land": "就地降落"}


@router.get("/sorties", operation_id="listSorties")
def list_all(
    _who: ViewerDep, ctx: Context, incident_id: Annotated[RecordId | None, Query()] = None
) -> list[SortieView]:
    """List authorised sorties and their state."""
    with ctx.store.read() as session:
        return list_sorties(session, incident_id)


@router.get("/commands/{command_id}", operation_id="getCommand", tags=["vehicles"])
def get_command(command_id: RecordId, _who: ViewerDep, ctx: Context) -> CommandView:
    """Return what became of an order."""
    with ctx.store.read() as session:
        row = session.get(CommandRecord, command_id)
        if row is None:
            raise ApiError(404, "unknown_command", "没有这条命令", "There is no such order")
        return command_view(row)


@router.post(
    "/vehicles/{vehicle_id}/commands",
    operation_id="commandVehicle",
    status_code=202,
    tags=["vehicles"],
)
def command_vehicle(
    vehicle_id: Annotated[str, Path(max_length=40)],
    body: VehicleOrder,
    who: Annotated[Principal, Depends(require(Permission.FLIGHT_COMMAND))],
    ctx: Context,
    response: Response,
) -> CommandView:
    """Order a vehicle to hold, go on, come home or land; the answer comes by `command_result`."""
    with ctx.store.change(who.actor) as change:
        session = change.session
        if session.get(Vehicle, vehicle_id) is None:
            raise ApiError(
                404, "unknown_vehicle", f"没有飞机 {vehicle_id}", f"No vehicle {vehicle_id}"
            )
        known = session.get(CommandRecord, body.id)
        if known is not None:
            if known.request_sha256 != digest(body) or known.vehicle_id != vehicle_id:
                raise ApiError(
                    409, "id_taken", "此编号已用于另一命令", "Another order has this id", field="id"
                )
            response.status_code = 200
            return command_view(known)
        incident_id = flying_incident(session, vehicle_id)
        if body.action != "resume":
            keep_on_ground(change, vehicle_id)
        row = send_order(
            ctx,
            change,
            _BODIES[body.action](vehicle_id=vehicle_id),
            node_id=fleet_node(ctx, vehicle_id),
            author=who.actor.id,
            command_id=body.id,
            incident_id=incident_id,
            request_sha256=digest(body),
        )
        change.record(
            f"vehicle.{body.action}",
            row.id,
            f"命令 {vehicle_id} {_ACTION_ZH[body.action]}",
            f"{vehicle_id} ordered to {body.action}",
            incident_id=incident_id,
            refs={"vehicle_id": vehicle_id},
        )
        return command_view(row)
