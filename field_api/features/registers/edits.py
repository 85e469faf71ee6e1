"""Editing an entry without a connection: column by column, and nobody's value is lost.

An edit says of each column what its author saw and what they wrote. Columns that nobody has
changed meanwhile take the new value; of the others both values are kept as a conflict, which is
shown to everybody who sees the entry until a person decides.
"""

from collections.abc import Callable
from typing import Any, cast

from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.registers.columns import Column
from field_api.core.registers.register import Register, attributes_of, values_of
from field_api.core.registers.values import attributes, checked_values, stored_values
from field_api.core.services import Services
from field_api.features.registers.messages import DecideConflict, EditEntry, EntryConflictView
from field_api.features.registers.operations import (
    apply_values,
    area_for,
    record_act,
)
from field_api.features.registers.permissions import REGISTER_VIEW, REGISTER_WRITE
from field_api.features.registers.queries import register_for
from field_api.features.registers.tables import ConflictState, EntryConflict

__all__ = ["CONFLICTS", "EDIT", "conflicts_of", "decide_conflict"]


def _views(_session: Session, rows: Any) -> list[EntryConflictView]:
    return [EntryConflictView.model_validate(row) for row in rows]


CONFLICTS = RecordKind(
    topic="register_conflict",
    table=EntryConflict,
    view_type=EntryConflictView,
    views=_views,
    reads=REGISTER_VIEW,
    incident_column=None,
    sync=Sync.AREA,
    shown=lambda: col(EntryConflict.state) == ConflictState.OPEN,
    noun="conflict",
)


def _edit(call: Call[EditEntry]) -> Record:
    """Put the columns that nobody else has changed, keep both values of the others."""
    change, body, who = call.change, call.body, call.who
    register = register_for(call.ctx.features, body.register_name, who, write=True)
    row: Record = change.get(register.table, call.target)
    area_for(who, None, row)
    _refuse_half_an_edit(body)
    was = stored_values(register, checked_values(register, body.was, creating=False))
    given = stored_values(register, checked_values(register, body.now, creating=False))
    here = attributes(register, row)
    changed: dict[str, Any] = {}
    for column in register.columns:
        if column.name not in body.now:
            continue
        pick = _picker(column)
        if pick(given) == pick(here):
            continue
        if pick(was) == pick(here):
            changed |= {name: given[name] for name in attributes_of(column)}
        else:
            _keep_both(call, register, row, column)
    if changed:
        change.put(row)
        apply_values(change, register, row, changed)
        record_act(change, "register.changed", register, row, columns=", ".join(sorted(changed)))
    return row


def _picker(column: Column) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    names = attributes_of(column)
    return lambda values: tuple(values[name] for name in names)


def _refuse_half_an_edit(body: EditEntry) -> None:
    if "area" in body.now:
        raise refuse(422, "area_not_in_edits", field="body.now.area")
    for name in body.now:
        if name not in body.was:
            raise refuse(422, "edit_without_was", field=f"body.was.{name[:40]}", column=name[:40])


def _keep_both(call: Call[EditEntry], register: Register[Any], row: Record, column: Column) -> None:
    change, body = call.change, call.body
    conflict = change.create(
        EntryConflict(
            id=new_id(),
            area=row.area,
            register_name=register.name,
            entry_id=row.id,
            column=column.name,
            was=body.was[column.name],
            here=values_of([column], row)[column.name],
            given=body.now[column.name],
            author=call.who.actor.name,
            made_ms=body.t_ms,
            received_ms=change.t_ms,
            state=ConflictState.OPEN,
        ),
        fresh_id=True,
    )
    record_act(
        change,
        "register.conflict",
        register,
        row,
        columns=column.name,
        refs={"conflict_id": conflict.id},
    )


EDIT = Operation(
    name="register.edit",
    permission=REGISTER_WRITE,
    body=EditEntry,
    run=_edit,
    targeted=True,
)


def conflicts_of(
    session: Session, register: Register[Any], entry_id: str, *, limit: int
) -> list[EntryConflictView]:
    """Return an entry's conflicts, newest first."""
    query = (
        select(EntryConflict)
        .where(EntryConflict.register_name == register.name, EntryConflict.entry_id == entry_id)
        .order_by(col(EntryConflict.received_ms).desc(), col(EntryConflict.id).desc())
    )
    return _views(session, session.exec(query.limit(limit)).all())


def decide_conflict(
    ctx: Services,
    who: Principal,
    register: Register[Any],
    entry_id: str,
    conflict_id: str,
    body: DecideConflict,
) -> EntryConflictView:
    """Decide which of the two values stands; the same decision again changes nothing.

    Raises:
        ApiError: 404; 409 `conflict_decided` or `version_conflict`; 422 the value no longer fits;
            403 another's area.
    """
    to = ConflictState.TAKEN if body.take else ConflictState.KEPT
    with ctx.store.change(who) as change:
        conflict = change.get(EntryConflict, conflict_id)
        if (conflict.register_name, conflict.entry_id) != (register.name, entry_id):
            raise refuse(404, "unknown_conflict", id=conflict_id)
        row: Record = change.get(register.table, entry_id)
        area_for(who, None, row)
        if conflict.state is to:
            return cast(EntryConflictView, CONFLICTS.view(change.session, conflict))
        if conflict.state is not ConflictState.OPEN:
            raise refuse(409, "conflict_decided", by=conflict.decided_by or "")
        if body.take:
            _take(change, register, row, conflict, body.version)
        change.put(conflict)
        conflict.state = to
        conflict.decided_by, conflict.decided_ms = who.actor.name, change.t_ms
        record_act(
            change,
            f"register.conflict_{to.value}",
            register,
            row,
            columns=conflict.column,
            refs={"conflict_id": conflict.id},
        )
        change.session.flush()
        return cast(EntryConflictView, CONFLICTS.view(change.session, conflict))


def _take(
    change: Change, register: Register[Any], row: Record, conflict: EntryConflict, version: int
) -> None:
    given = checked_values(register, {conflict.column: conflict.given}, creating=False)
    change.put(row, seen_version=version)
    apply_values(change, register, row, stored_values(register, given))
    record_act(change, "register.changed", register, row, columns=conflict.column)
