"""Listing and fetching files of aircraft."""

from field_api.contract.messages import FetchFile, ListFiles
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.flights.orders import fleet_node, send_order
from field_api.features.flights.tables import CommandRecord
from field_api.features.flights.views import flying_incident
from field_api.features.onboard_files.messages import FetchFileOrder, ListFilesOrder
from field_api.features.onboard_files.permissions import FILES_READ
from field_api.features.roster.tables import Vehicle

__all__ = ["FETCH_FILE", "LIST_FILES"]


def _list(call: Call[ListFilesOrder]) -> CommandRecord:
    """Order a directory listed; it comes by `onboard_listing`."""
    return _ordered(call, ListFiles(vehicle_id=call.target, path=call.body.path))


def _fetch(call: Call[FetchFileOrder]) -> CommandRecord:
    """Order a file downloaded to the node; the answer says where it is."""
    body = call.body
    order = FetchFile(vehicle_id=call.target, path=body.path, in_flight=body.in_flight)
    return _ordered(call, order)


def _ordered(
    call: Call[ListFilesOrder] | Call[FetchFileOrder], order: ListFiles | FetchFile
) -> CommandRecord:
    change, vehicle_id, body = call.change, call.target, call.body
    vehicle = change.get(Vehicle, vehicle_id)
    known = change.known(CommandRecord, body, body.id, vehicle_id=vehicle_id)
    if known is not None:
        return known
    row = send_order(
        call.ctx,
        change,
        order,
        node_id=fleet_node(call.ctx, vehicle_id),
        author=call.who.actor.id,
        area=vehicle.area,
        command_id=body.id,
        incident_id=flying_incident(change.session, vehicle_id),
        request_sha256=digest(body),
    )
    change.record(
        "onboard_files.ordered",
        row.id,
        refs={"vehicle_id": vehicle_id},
        vehicle=vehicle_id,
        path=body.path,
    )
    return row


LIST_FILES = Operation(
    "onboard_files.list", FILES_READ, ListFilesOrder, _list, targeted=True, batch=False
)
FETCH_FILE = Operation(
    "onboard_files.fetch", FILES_READ, FetchFileOrder, _fetch, targeted=True, batch=False
)
