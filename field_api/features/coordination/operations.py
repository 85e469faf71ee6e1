"""Filling command groups by name, and saying that a neighbour was told."""

from sqlmodel import col, func, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.coordination.messages import EditGroup, SetUpGroup, TellNeighbour
from field_api.features.coordination.permissions import COORDINATION_WRITE
from field_api.features.coordination.records import neighbours_of
from field_api.features.coordination.tables import CommandGroup, Member, NeighbourNotice
from field_api.features.coordination.templates import template_of
from field_api.features.incidents.records import open_incident
from field_api.features.incidents.tables import Incident

__all__ = ["EDIT", "SET_UP", "TELL"]

FRESH_MS = 60_000
"""How far a desk's clock may be ahead."""


def _members(body: SetUpGroup | EditGroup) -> list[Member]:
    return [Member.model_validate(each.model_dump()) for each in body.members]


def _new(call: Call[SetUpGroup], incident: Incident) -> CommandGroup:
    """Return the group that is set up: the template's, or one of a name of its own."""
    body, change = call.body, call.change
    own = CommandGroup.incident_id == incident.id
    groups = template_of(incident.kind).groups
    found = next((at for at, each in enumerate(groups) if each.key == body.key), None)
    if body.key is not None and found is None:
        raise refuse(422, "no_such_group", field="key", key=body.key)
    if found is None and not body.name:
        raise refuse(422, "group_needs_name", field="name")
    key = body.key or body.id
    there = select(CommandGroup.id).where(own, CommandGroup.key == key).limit(1)
    if change.session.exec(there).first() is not None:
        raise refuse(409, "group_is_set_up", field="key")
    last = change.session.exec(select(func.max(col(CommandGroup.place))).where(own)).one()
    return CommandGroup(
        id=body.id,
        area=incident.area,
        incident_id=incident.id,
        key=key,
        place=found if found is not None else max(last or 0, len(groups)) + 1,
        name=groups[found].name if found is not None else body.name,
        name_en=groups[found].name_en if found is not None else body.name,
        duty=body.duty or (groups[found].duty if found is not None else ""),
        leader=body.leader,
        leader_unit=body.leader_unit,
        contact=body.contact,
        members=_members(body),
        changed_ms=change.t_ms,
        changed_by=call.who.actor.name,
        request_sha256=digest(body),
    )


def _said(change: Change, act: str, row: CommandGroup) -> CommandGroup:
    change.record(
        act,
        row.id,
        incident_id=row.incident_id,
        name=Both(row.name, row.name_en),
        leader=row.leader or both("words.no_leader"),
        count=len(row.members),
    )
    return row


def _set_up(call: Call[SetUpGroup]) -> CommandGroup:
    """Set up a group of an incident's command."""
    change, body = call.change, call.body
    known = change.known(CommandGroup, body, body.id, incident_id=call.target)
    if known is not None:
        return known
    row = change.create(_new(call, open_incident(change, call.target)))
    return _said(change, "command_group.set_up", row)


def _edit(call: Call[EditGroup]) -> CommandGroup:
    """Say who is in a group now; who was before is kept."""
    change, body = call.change, call.body
    row = change.get(CommandGroup, call.target)
    open_incident(change, row.incident_id)
    change.put(row, seen_version=body.version)
    row.leader, row.leader_unit, row.contact = body.leader, body.leader_unit, body.contact
    row.members = _members(body)
    row.changed_ms, row.changed_by = change.t_ms, call.who.actor.name
    return _said(change, "command_group.changed", row)


def _tell(call: Call[TellNeighbour]) -> NeighbourNotice:
    """Say that a neighbour was told: whom, when and how."""
    change, body = call.change, call.body
    known = change.known(NeighbourNotice, body, body.id, incident_id=call.target)
    if known is not None:
        return known
    incident = open_incident(change, call.target)
    near = next((n for n in neighbours_of(incident) if n.code == body.neighbour), None)
    if near is None:
        raise refuse(422, "no_such_neighbour", field="neighbour", code=body.neighbour)
    if body.told_ms > change.t_ms + FRESH_MS:
        raise refuse(422, "told_in_future", field="told_ms")
    row = change.create(
        NeighbourNotice(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            neighbour=near.code,
            name=near.name,
            distance_m=near.distance_m,
            told_ms=min(body.told_ms, change.t_ms),
            told_to=body.told_to,
            way=body.way,
            note=body.note,
            by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record(
        "neighbour.told",
        row.id,
        incident_id=incident.id,
        refs={"t_ms": str(row.told_ms)},
        name=Both(near.name, near.name_en),
        who=row.told_to,
        way=both(f"words.telling_way.{row.way.value}"),
        note=Both(f"。{row.note}", f". {row.note}") if row.note else "",
    )
    return row


SET_UP = Operation(
    "command_group.set_up", COORDINATION_WRITE, SetUpGroup, _set_up, targeted=True, batch=False
)
EDIT = Operation(
    "command_group.edit", COORDINATION_WRITE, EditGroup, _edit, targeted=True, batch=False
)
TELL = Operation(
    "neighbour.tell", COORDINATION_WRITE, TellNeighbour, _tell, targeted=True, batch=False
)
