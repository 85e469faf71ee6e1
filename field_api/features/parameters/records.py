"""Reading parameters, and keeping what nodes tell of them."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from field_api.contract.messages import ParameterReport, ParametersChanged, ParameterTold
from field_api.core.audit.trail import name_of
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.features.parameters.messages import (
    ParametersView,
    SavedParametersView,
    SavedParametersWhole,
    WholeParameters,
)
from field_api.features.parameters.tables import SavedParameters, VehicleParameters
from field_api.features.roster.tables import Vehicle

__all__ = [
    "get_parameters",
    "get_saved",
    "parameters_views",
    "saved_views",
    "saved_whole",
    "take_changed",
    "take_report",
    "whole",
]


def _head(row: VehicleParameters) -> dict[str, Any]:
    fields = row.model_dump(exclude={"values", "marks"})
    return fields | {"vehicle_id": row.id, "count": len(row.values)}


def parameters_views(_session: Session, rows: Sequence[VehicleParameters]) -> list[ParametersView]:
    """Return what is told of aircraft's parameters: that there are new ones, not all of them."""
    return [ParametersView.model_validate(_head(row)) for row in rows]


def whole(row: VehicleParameters) -> WholeParameters:
    """Return all of an aircraft's parameters."""
    return WholeParameters.model_validate(_head(row) | {"values": row.values, "marks": row.marks})


def _saved_head(row: SavedParameters) -> dict[str, Any]:
    return row.model_dump(exclude={"values", "request_sha256"}) | {"count": len(row.values)}


def saved_views(_session: Session, rows: Sequence[SavedParameters]) -> list[SavedParametersView]:
    """Return kept sets without their values."""
    return [SavedParametersView.model_validate(_saved_head(row)) for row in rows]


def saved_whole(row: SavedParameters) -> SavedParametersWhole:
    """Return a kept set."""
    return SavedParametersWhole.model_validate(_saved_head(row) | {"values": row.values})


def get_parameters(session: Session, vehicle_id: str) -> VehicleParameters:
    """Return what an aircraft told last.

    Raises:
        ApiError: 404, there is no such aircraft, or it has told none.
    """
    if session.get(Vehicle, vehicle_id) is None:
        raise refuse(404, "unknown_vehicle", id=vehicle_id)
    row = session.get(VehicleParameters, vehicle_id)
    if row is None:
        raise refuse(404, "parameters_unread", vehicle=vehicle_id)
    return row


def get_saved(session: Session, set_id: str) -> SavedParameters:
    """Return a kept set.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(SavedParameters, set_id)
    if row is None:
        raise refuse(404, "unknown_parameter_set")
    return row


def take_report(_ctx: Services, change: Change, _node_id: str, message: ParameterReport) -> None:
    """Keep what an aircraft told; an older whole set does not replace a newer one."""
    session, vehicle_id = change.session, message.vehicle_id
    vehicle = session.get(Vehicle, vehicle_id)
    row = session.get(VehicleParameters, vehicle_id)
    old = row is not None and message.read_ms < row.read_ms
    if vehicle is None or old or (row is None and message.partial):
        change.record("parameters.ignored", vehicle_id, vehicle=vehicle_id)
        return
    if row is None:
        row = VehicleParameters(
            id=vehicle_id, area=vehicle.area, read_ms=0, changed_ms=0, values=[], marks=[]
        )
        _fill(row, message)
        change.create(row)
    else:
        change.put(row)
        _fill(row, message)
    change.record(
        "parameters.told",
        vehicle_id,
        refs={"read_ms": str(message.read_ms), "missing": str(message.missing)},
        vehicle=vehicle_id,
        count=len(message.values),
    )


def _fill(row: VehicleParameters, message: ParameterReport) -> None:
    row.changed_ms = message.t_ms
    if message.partial:
        row.values = _with(row.values, message.values)
        return
    row.read_ms, row.missing, row.hardware = message.read_ms, message.missing, message.hardware
    row.values, row.marks = _with([], message.values), list(message.marks)


def _with(known: list[ParameterTold], newer: list[ParameterTold]) -> list[ParameterTold]:
    by_name = {value.name: value for value in (*known, *newer)}
    return [by_name[name] for name in sorted(by_name)]


def take_changed(_ctx: Services, change: Change, _node_id: str, message: ParametersChanged) -> None:
    """Put every change on the trail with its old and new value, in the name of who ordered it."""
    vehicle_id = message.vehicle_id
    actor = Actor(message.author, name_of(change.session, message.author), "command post")
    for each in message.changes:
        change.record(
            "parameter.changed",
            vehicle_id,
            refs={
                "command_id": message.command_id,
                "name": each.name,
                "old": repr(each.old),
                "new": repr(each.new),
                "in_flight": str(message.in_flight).lower(),
            },
            actor=actor,
            vehicle=vehicle_id,
            name=each.name,
            old=f"{each.old:.9g}",
            new=f"{each.new:.9g}",
            reason=message.reason,
        )
    row = change.session.get(VehicleParameters, vehicle_id)
    if row is not None:
        change.put(row)
        told = [ParameterTold(name=c.name, value=c.new, kind=c.kind) for c in message.changes]
        row.values, row.changed_ms = _with(row.values, told), message.t_ms
