"""Listing and fetching files of aircraft."""

from typing import TypeVar

from field_api.contract.messages import FetchFile, ListFiles
from field_api.core.operation import Call, Operation
from field_api.features.flights.messages import OrderBody
from field_api.features.flights.orders import order_vehicle, ordered_before
from field_api.features.flights.tables import CommandRecord
from field_api.features.onboard_files.messages import FetchFileOrder, ListFilesOrder
from field_api.features.onboard_files.permissions import FILES_READ

__all__ = ["FETCH_FILE", "LIST_FILES"]

B = TypeVar("B", bound=OrderBody)


def _list(call: Call[ListFilesOrder]) -> CommandRecord:
    """Order a directory listed; it comes by `onboard_listing`."""
    return _ordered(call, ListFiles(vehicle_id=call.target, path=call.body.path))


def _fetch(call: Call[FetchFileOrder]) -> CommandRecord:
    """Order a file downloaded to the node; the answer says where it is."""
    body = call.body
    order = FetchFile(vehicle_id=call.target, path=body.path, in_flight=body.in_flight)
    return _ordered(call, order)


def _ordered(call: Call[B], order: ListFiles | FetchFile) -> CommandRecord:
    known = ordered_before(call)
    if known is not None:
        return known
    row = order_vehicle(call, order)
    call.change.record(
        "onboard_files.ordered",
        row.id,
        refs={"vehicle_id": row.vehicle_id},
        vehicle=row.vehicle_id,
        path=order.path,
    )
    return row


LIST_FILES = Operation(
    "onboard_files.list", FILES_READ, ListFilesOrder, _list, targeted=True, batch=False
)
FETCH_FILE = Operation(
    "onboard_files.fetch", FILES_READ, FetchFileOrder, _fetch, targeted=True, batch=False
)
