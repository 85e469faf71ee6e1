"""Reading and setting parameters, and keeping sets of them."""

from typing import TypeVar

from field_api.contract.messages import (
    CommandBody,
    FetchParameters,
    ReadParameter,
    SetParameters,
)
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.flights.messages import OrderBody
from field_api.features.flights.orders import order_vehicle, ordered_before
from field_api.features.flights.tables import CommandRecord
from field_api.features.parameters.messages import (
    FetchOrder,
    LoadFile,
    ReadOrder,
    SaveSet,
    SetOrder,
)
from field_api.features.parameters.permissions import PARAMETER_CHANGE
from field_api.features.parameters.records import get_parameters
from field_api.features.parameters.tables import SavedParameters
from field_api.features.roster.tables import Vehicle
from mission_plans.formats.parameter_file import ParameterFileError, read_parameters

__all__ = ["FETCH", "LOAD", "READ", "SAVE", "SET"]

LEAST_REASON = 10
B = TypeVar("B", bound=OrderBody)


def _fetch(call: Call[FetchOrder]) -> CommandRecord:
    """Order all parameters read; they come by `vehicle_parameters`, progress by `vehicle_state`."""
    return _ordered(call, FetchParameters(vehicle_id=call.target, again=call.body.again))


def _read(call: Call[ReadOrder]) -> CommandRecord:
    """Order one parameter read anew."""
    return _ordered(call, ReadParameter(vehicle_id=call.target, name=call.body.name))


def _set(call: Call[SetOrder]) -> CommandRecord:
    """Order parameters set; every change that was confirmed comes onto the audit trail."""
    body = call.body
    if body.in_flight and len(body.reason) < LEAST_REASON:
        raise refuse(422, "parameter_reason_needed", field="reason", least=LEAST_REASON)
    order = SetParameters(
        vehicle_id=call.target,
        values=body.values,
        in_flight=body.in_flight,
        reason=body.reason,
    )
    wanted = ", ".join(f"{wish.name} = {wish.value:.9g}" for wish in body.values)
    return _ordered(call, order, wanted)


def _ordered(call: Call[B], order: CommandBody, wanted: str = "") -> CommandRecord:
    known = ordered_before(call)
    if known is not None:
        return known
    row = order_vehicle(call, order)
    call.change.record(
        "parameters.set_ordered" if wanted else "parameters.fetch_ordered",
        row.id,
        refs={"vehicle_id": row.vehicle_id},
        vehicle=row.vehicle_id,
        wanted=wanted,
    )
    return row


def _save(call: Call[SaveSet]) -> SavedParameters:
    """Keep what the aircraft told last under a name; refused where some of it is missing."""
    change, body = call.change, call.body
    change.get(Vehicle, call.target)
    known = change.known(SavedParameters, body, body.id, vehicle_id=call.target)
    if known is not None:
        return known
    row = get_parameters(change.session, call.target)
    if row.missing:
        raise refuse(409, "parameters_incomplete", missing=row.missing)
    values = {value.name: value.value for value in row.values}
    return _keep(call, change, body.id, body.name, values, row.changed_ms, digest(body))


def _load(call: Call[LoadFile]) -> SavedParameters:
    """Keep the parameters of a file under a name."""
    change, body = call.change, call.body
    change.get(Vehicle, call.target)
    known = change.known(SavedParameters, body, body.id, vehicle_id=call.target)
    if known is not None:
        return known
    try:
        values = read_parameters(body.text.encode())
    except ParameterFileError as error:
        raise refuse(422, "parameter_file", field="text", why=str(error)) from error
    if not values:
        raise refuse(422, "parameter_file", field="text", why="no line has a name and a value")
    return _keep(call, change, body.id, body.name, values, None, digest(body))


def _keep(
    call: Call[SaveSet] | Call[LoadFile],
    change: Change,
    set_id: str,
    name: str,
    values: dict[str, float],
    read_ms: int | None,
    sha256: str,
) -> SavedParameters:
    vehicle = change.get(Vehicle, call.target)
    row = change.create(
        SavedParameters(
            id=set_id,
            area=vehicle.area,
            vehicle_id=vehicle.id,
            name=name,
            from_file=read_ms is None,
            read_ms=read_ms,
            saved_ms=change.t_ms,
            saved_by=call.who.actor.name,
            values=values,
            request_sha256=sha256,
        )
    )
    change.record(
        "parameters.loaded" if read_ms is None else "parameters.saved",
        set_id,
        refs={"vehicle_id": vehicle.id},
        vehicle=vehicle.id,
        name=name,
        count=len(values),
    )
    return row


FETCH = Operation(
    "parameters.fetch", PARAMETER_CHANGE, FetchOrder, _fetch, targeted=True, batch=False
)
READ = Operation("parameters.read", PARAMETER_CHANGE, ReadOrder, _read, targeted=True, batch=False)
SET = Operation("parameters.set", PARAMETER_CHANGE, SetOrder, _set, targeted=True, batch=False)
SAVE = Operation("parameters.save", PARAMETER_CHANGE, SaveSet, _save, targeted=True, batch=False)
LOAD = Operation("parameters.load", PARAMETER_CHANGE, LoadFile, _load, targeted=True, batch=False)
