"""Making, changing and removing entries of a register."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.core.access import Principal, sees_row
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.history import RecordHistory
from field_api.core.records import Record
from field_api.core.registers.columns import ColumnKind
from field_api.core.registers.register import Register, RegisterRow
from field_api.core.registers.values import attributes, checked_values, stored_values
from field_api.core.services import Services
from field_api.core.texts import Both
from field_api.features.registers.rules import is_entry_id

__all__ = [
    "apply_values",
    "area_for",
    "blank_values",
    "change_entry",
    "create_entry",
    "differences",
    "key_of",
    "make_row",
    "record_act",
    "remove_entry",
    "view_of",
]


def create_entry(
    ctx: Services,
    who: Principal,
    register: Register[Any],
    entry_id: str | None,
    given: Mapping[str, object],
) -> tuple[RegisterRow, bool]:
    """Make an entry; the same request again answers what is there now.

    Returns:
        The entry, and whether it was there already.

    Raises:
        ApiError: 422 for a wrong value, 409 `id_taken` or `key_taken`, 403 for another's area.
    """
    if entry_id is not None and not is_entry_id(entry_id):
        raise refuse(422, "bad_entry_id", field="id", id=entry_id[:60])
    values = checked_values(register, given, creating=True)
    with ctx.store.change(who) as change:
        ident = entry_id or new_id()
        area = area_for(who, values.get("area") or None, None)
        row = make_row(register, ident, area, stored_values(register, values))
        known = change.session.get(register.table, ident)
        if known is not None:
            if not sees_row(who.viewer, known) or not _was_made_by(change.session, register, row):
                raise refuse(409, "id_taken", field="id")
            return view_of(register, change.session, known), True
        if register.check is not None:
            register.check(ident, None, attributes(register, row))
        _refuse_taken_key(change.session, register, row.id, attributes(register, row))
        change.create(row, fresh_id=entry_id is None)
        record_act(change, "register.created", register, row)
        change.session.flush()
        return view_of(register, change.session, row), False


def change_entry(
    ctx: Services,
    who: Principal,
    register: Register[Any],
    entry_id: str,
    version: int,
    given: Mapping[str, object],
) -> RegisterRow:
    """Change an entry; asking for what it already is changes nothing, whatever the version.

    Raises:
        ApiError: 404; 409 `version_conflict` or `key_taken`; 422; 403 for another's area.
    """
    values = checked_values(register, given, creating=False)
    with ctx.store.change(who) as change:
        row = change.get(register.table, entry_id)
        area = area_for(who, values["area"] or "" if "area" in values else None, row)
        before = attributes(register, row)
        changed = differences(before, stored_values(register, values))
        if not changed and area == row.area:
            return view_of(register, change.session, row)
        change.put(row, seen_version=version)
        apply_values(change, register, row, changed)
        if area != row.area:
            change.move(row, area)
            changed["area"] = area
        record_act(change, "register.changed", register, row, columns=", ".join(sorted(changed)))
        change.session.flush()
        return view_of(register, change.session, row)


def apply_values(
    change: Change, register: Register[Any], row: Any, changed: Mapping[str, Any]
) -> None:
    """Set attributes of an entry that `Change.put` knows of.

    Raises:
        ApiError: 409 `key_taken`, or what the register's own check refuses.
    """
    before = attributes(register, row)
    after = {**before, **changed}
    if register.check is not None:
        register.check(row.id, before, after)
    _refuse_taken_key(change.session, register, row.id, after)
    for name, value in changed.items():
        setattr(row, name, value)


def remove_entry(
    ctx: Services, who: Principal, register: Register[Any], entry_id: str, version: int
) -> None:
    """Remove an entry; its history and a tombstone stay.

    Raises:
        ApiError: 404; 409 `version_conflict` or `entry_in_use`; 403 for another's area.
    """
    with ctx.store.change(who) as change:
        row = change.get(register.table, entry_id)
        area_for(who, None, row)
        if row.version != version:
            raise refuse(409, "version_conflict", field="version", version=row.version)
        record_act(change, "register.removed", register, row)
        change.remove(row)
        try:
            change.session.flush()
        except IntegrityError:
            raise refuse(409, "entry_in_use", id=entry_id) from None


def area_for(who: Principal, asked: str | None, row: Record | None) -> str:
    """Return the area that an entry shall have.

    Args:
        who: writes it.
        asked: the area given, empty for none; None leaves it to the entry, or to the person's own.
        row: the entry as it is, None for a new one.

    Raises:
        ApiError: 403 `outside_your_area`, 422 `area_needed`. Whoever has areas writes neither in
            another's nor what concerns everybody.
    """
    own = who.viewer.areas
    if row is not None and own and not row.area:
        raise refuse(403, "not_yours_alone", own=", ".join(own))
    if row is not None:
        who.require_area(row.area)
    area = asked
    if area is None:
        area = row.area if row is not None else own[0] if len(own) == 1 else ""
    if own and not area:
        raise refuse(422, "area_needed", field="area", own=", ".join(own))
    who.require_area(area, field="area")
    return area


def make_row(register: Register[Any], entry_id: str, area: str, stored: Mapping[str, Any]) -> Any:
    """Return a new row; what is not given is empty, or what the table puts there."""
    return register.table(id=entry_id, area=area, **{**blank_values(register), **stored})


def blank_values(register: Register[Any]) -> dict[str, Any]:
    """Return what an entry keeps of which nothing is given."""
    return stored_values(register, {column.name: None for column in register.columns})


def differences(before: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of `stored` is not so already."""
    return {name: value for name, value in stored.items() if before[name] != value}


def key_of(register: Register[Any], kept: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return what an import recognises an entry by, None where part of it is empty."""
    key = tuple(kept[name] for name in register.key)
    return key if key and all(part not in (None, "") for part in key) else None


def view_of(register: Register[Any], session: Session, row: Record) -> RegisterRow:
    """Return what clients see of an entry."""
    view = register.kind.view(session, row)
    assert isinstance(view, RegisterRow)
    return view


def _refuse_taken_key(
    session: Session, register: Register[Any], entry_id: str, kept: Mapping[str, Any]
) -> None:
    key = key_of(register, kept)
    if key is None:
        return
    query = select(register.table.id).where(col(register.table.id) != entry_id)
    for name, value in zip(register.key, key, strict=True):
        query = query.where(getattr(register.table, name) == value)
    with session.no_autoflush:
        taken = session.exec(query.limit(1)).first()
    if taken is not None:
        raise refuse(
            409, "key_taken", field=register.key[0], key=" / ".join(str(part)[:40] for part in key)
        )


def _was_made_by(session: Session, register: Register[Any], row: Record) -> bool:
    """Whether the entry of this id began as `row`: then the request is a repeated one."""
    kept = select(RecordHistory).where(
        RecordHistory.topic == register.kind.topic, RecordHistory.record_id == row.id
    )
    newest_first = kept.order_by(col(RecordHistory.version).desc())
    removed = session.exec(newest_first.where(RecordHistory.op == "remove").limit(1)).first()
    begun = 1 if removed is None else removed.version + 1
    first = session.exec(kept.where(RecordHistory.version == begun)).first()
    if first is None or first.body is None:
        return False
    row.version = begun
    made = view_of(register, session, row).model_dump(mode="json")
    return made == RegisterRow.model_validate_json(first.body).model_dump(mode="json")


def label_of(register: Register[Any], row: Record) -> str:
    """Return what people call an entry: its first required text, else its id."""
    for column in register.columns:
        if column.kind is ColumnKind.TEXT and column.required:
            return str(getattr(row, column.name))[:60]
    return row.id


def record_act(
    change: Change,
    action: str,
    register: Register[Any],
    row: Record,
    *,
    columns: str = "",
    refs: Mapping[str, str] | None = None,
) -> None:
    """Say what was done to an entry."""
    change.record(
        action,
        row.id,
        area=row.area,
        refs={"register": register.name, **(refs or {})},
        title=Both(register.title_zh, register.title_en),
        name=label_of(register, row),
        columns=columns,
    )
