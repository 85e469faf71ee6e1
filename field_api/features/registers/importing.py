"""A file into a register: all of it, or nothing and everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.core.access import Principal, sees_row
from field_api.core.areas import district_areas
from field_api.core.change import Change
from field_api.core.errors import ApiError
from field_api.core.records import Record
from field_api.core.registers.importing import (
    Imported,
    ImportedRow,
    ImportNotice,
    datum_warning,
    import_table,
)
from field_api.core.registers.reading import read_table
from field_api.core.registers.register import Register
from field_api.core.registers.tables import Fault, TableError, TableFormat
from field_api.core.registers.values import (
    FILE_LIMITS,
    attributes,
    body_model,
    checked_by,
    stored_values,
)
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.registers.messages import ImportErrorView, ImportNoticeView, ImportView
from field_api.features.registers.operations import (
    area_for,
    blank_values,
    differences,
    key_of,
)
from field_api.features.registers.rules import is_entry_id, is_made_here
from mission_plans.ground.datum import Datum, LatLon, nearest_pairs

__all__ = ["FileAsked", "import_file"]

_AT_ONCE = 500
_MOST_REFERENCES = 2000
"""Nearest points are looked for among so many at most: it costs their product."""
_FEWEST_PAIRS = 3
"""Fewer say nothing of the datum."""
_MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class FileAsked:
    """How a file is to be read."""

    form: TableFormat
    datum: Datum = Datum.WGS84
    dry_run: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class _New:
    """An entry to be made: a row of the database only once it is written."""

    id: str
    fresh_id: bool
    area: str
    kept: Mapping[str, Any]


@dataclass(slots=True)
class _Plan:
    """What a file would do to a register."""

    new: list[_New] = field(default_factory=list[_New])
    changed: list[tuple[Any, dict[str, Any], str]] = field(
        default_factory=list[tuple[Any, dict[str, Any], str]]
    )
    """Entries, the attributes that become others, and the area."""
    same: int = 0
    pairs: list[tuple[LatLon, LatLon]] = field(default_factory=list[tuple[LatLon, LatLon]])
    """Where the file has entries that are known, and where they are known to be."""
    faults: list[Fault] = field(default_factory=list[Fault])
    warnings: list[ImportNotice] = field(default_factory=list[ImportNotice])


def import_file(
    ctx: Services, who: Principal, register: Register[Any], data: bytes, asked: FileAsked
) -> ImportView:
    """Read a file and write its entries in one transaction; any error, and nothing is written.

    Raises:
        ApiError: 422, the file as a whole can't be read.
    """
    try:
        table = read_table(data, asked.form, FILE_LIMITS)
    except TableError as error:
        raise ApiError(422, error.code, error.text_zh, error.text_en, field="body") from None
    imported = import_table(
        table,
        register.file_columns,
        datum=asked.datum,
        given=asked.mapping,
        areas=district_areas(),
        max_faults=_MOST_FAULTS,
    )
    with ctx.store.read() as session:
        plan = _planned(session, who, register, imported)
        if asked.datum is Datum.WGS84:
            plan.warnings += _datum_notices(session, register, plan)
    if plan.faults or asked.dry_run:
        return _view(imported, plan, applied=False)
    if not plan.new and not plan.changed:
        return _view(imported, plan, applied=True)
    with ctx.store.change(who) as change:
        # Others may have written since: what is written is decided where nobody else writes.
        warnings = plan.warnings
        plan = replace(_planned(change.session, who, register, imported), warnings=warnings)
        if plan.faults:
            return _view(imported, plan, applied=False)
        _apply(change, register, plan)
    return _view(imported, plan, applied=True)


def _apply(change: Change, register: Register[Any], plan: _Plan) -> None:
    for row, changed, area in plan.changed:
        change.put(row)
        for name, value in changed.items():
            setattr(row, name, value)
        if area != row.area:
            change.move(row, area)
    for new in plan.new:
        row = register.table(id=new.id, area=new.area, **new.kept)
        change.create(row, fresh_id=new.fresh_id)
    if plan.new or plan.changed:
        change.record(
            "register.imported",
            register.name,
            refs={"created": str(len(plan.new)), "changed": str(len(plan.changed))},
            title=Both(register.title_zh, register.title_en),
            created=len(plan.new),
            changed=len(plan.changed),
            same=plan.same,
        )


class _Known:
    """The entries that a file may mean, by id and by key."""

    def __init__(self, session: Session, register: Register[Any], rows: Iterable[ImportedRow]):
        self.by_id: dict[str, Record] = {}
        self.by_key: dict[tuple[Any, ...], Record] = {}
        ids = {str(row.values["id"]) for row in rows if row.values.get("id") is not None}
        for row in self._where(session, register, "id", ids):
            self.by_id[row.id] = row
        if not register.key:
            return
        first = register.key[0]
        firsts = {cast(Any, row.values[first]) for row in rows if row.values.get(first) is not None}
        for row in self._where(session, register, first, firsts):
            key = key_of(register, attributes(register, row))
            if key is not None:
                self.by_key[key] = row

    @staticmethod
    def _where(
        session: Session, register: Register[Any], name: str, values: Iterable[Any]
    ) -> Iterable[Record]:
        listed = sorted(values, key=str)
        for at in range(0, len(listed), _AT_ONCE):
            column = col(getattr(register.table, name))
            query = select(register.table).where(column.in_(listed[at : at + _AT_ONCE]))
            yield from session.exec(query)


class _RefusedRowError(Exception):
    """One row can't be taken."""

    def __init__(self, column: str | None, text: Both) -> None:
        super().__init__(text.en)
        self.column, self.text = column, text


def _planned(
    session: Session, who: Principal, register: Register[Any], imported: Imported
) -> _Plan:
    """Decide what each row of a file means; nothing is written."""
    plan = _Plan(faults=list(imported.faults), warnings=list(imported.warnings))
    known = _Known(session, register, imported.rows)
    models = {creating: body_model(register, creating) for creating in (True, False)}
    blank = blank_values(register)
    seen: dict[object, int] = {}
    foreign_ids = without_area = 0
    for row in imported.rows:
        values = dict(row.values)
        ident, area = values.pop("id", None), values.pop("area", None)
        entry_id = None if ident is None else str(ident)
        try:
            found = known.by_id.get(entry_id) if entry_id is not None else None
            if (
                entry_id is not None
                and found is None
                and register.key
                and not is_made_here(entry_id)
            ):
                # Another program's numbers: entries of this register are known by their key.
                entry_id, foreign_ids = None, foreign_ids + 1
            key = key_of(register, {name: values.get(name) for name in register.key})
            if found is None and key is not None:
                found = known.by_key.get(key)
            _refuse_twice(seen, row.row, found, entry_id, key)
            checked = checked_by(models[found is None], values)
            stored = stored_values(register, checked)
            if found is None:
                new = _new(who, register, entry_id, area, blank | stored)
                plan.new.append(new)
                without_area += not new.area
            else:
                _plan_change(plan, who, register, known, found, area, stored)
        except _RefusedRowError as refused:
            plan.faults.append(Fault(row.row, refused.column, *refused.text))
        except ApiError as error:
            detail = error.detail
            name = detail.field.partition(".")[0] if detail.field else None
            plan.faults.append(Fault(row.row, name, detail.text_zh, detail.text_en))
        if len(plan.faults) >= _MOST_FAULTS:
            break
    plan.faults.sort(key=lambda fault: fault.row)
    for code, count in (("foreign_ids", foreign_ids), ("without_area", without_area)):
        if count:
            plan.warnings.append(ImportNotice(code, *both(f"words.registers.{code}", count=count)))
    return plan


def _refuse_twice(
    seen: dict[object, int],
    row: int,
    found: Record | None,
    entry_id: str | None,
    key: tuple[Any, ...] | None,
) -> None:
    """Refuse a row that means the same entry as an earlier one."""
    marks: list[object] = [mark for mark in (key, entry_id) if mark is not None]
    if found is not None:
        marks.append(("found", found.id))
    for mark in marks:
        if mark in seen:
            raise _RefusedRowError(None, both("errors.same_entry_twice", row=seen[mark]))
    for mark in marks:
        seen[mark] = row


def _new(
    who: Principal,
    register: Register[Any],
    entry_id: str | None,
    area: object,
    kept: dict[str, Any],
) -> _New:
    if entry_id is not None and not is_entry_id(entry_id):
        raise _RefusedRowError("id", both("errors.bad_entry_id", id=entry_id[:60]))
    ident = entry_id or new_id()
    if register.check is not None:
        register.check(ident, None, kept)
    return _New(ident, entry_id is None, area_for(who, _text(area), None), kept)


def _plan_change(
    plan: _Plan,
    who: Principal,
    register: Register[Any],
    known: _Known,
    found: Record,
    area: object,
    stored: dict[str, Any],
) -> None:
    if not sees_row(who.viewer, found):
        who.require_area(found.area, field="area")
    before = attributes(register, found)
    changed = differences(before, stored)
    after = before | changed
    key = key_of(register, after)
    holder = known.by_key.get(key) if key is not None else None
    if holder is not None and holder.id != found.id:
        shown = " / ".join(str(part)[:40] for part in key or ())
        raise _RefusedRowError(register.key[0], both("errors.key_taken", key=shown))
    point, reference = _point(stored), _point(before)
    if point is not None and reference is not None:
        plan.pairs.append((point, reference))
    new_area = area_for(who, _text(area), found)
    if not changed and new_area == found.area:
        plan.same += 1
        return
    if register.check is not None:
        register.check(found.id, before, after)
    plan.changed.append((found, changed, new_area))


def _text(area: object) -> str | None:
    return None if area is None else str(area)


def _datum_notices(session: Session, register: Register[Any], plan: _Plan) -> list[ImportNotice]:
    """Compare the file's points with what is known: 369 m to the south-east is no coincidence.

    The same entries tell best. Without them the nearest known entries are tried.
    """
    if not register.point:
        return []
    pairs = plan.pairs
    if len(pairs) < _FEWEST_PAIRS and plan.new:
        points = [point for new in plan.new if (point := _point(new.kept)) is not None]
        pairs = nearest_pairs(points, _references(session, register))
    notice = datum_warning(pairs)
    return [] if notice is None else [notice]


def _references(session: Session, register: Register[Any]) -> list[LatLon]:
    table: Any = register.table
    query = select(table.lat_deg, table.lon_deg).where(table.lat_deg.is_not(None))
    found = session.exec(query.limit(_MOST_REFERENCES + 1)).all()
    return [(lat, lon) for lat, lon in found] if len(found) <= _MOST_REFERENCES else []


def _point(kept: Mapping[str, Any]) -> LatLon | None:
    lat, lon = kept.get("lat_deg"), kept.get("lon_deg")
    return None if lat is None or lon is None else (lat, lon)


def _view(imported: Imported, plan: _Plan, *, applied: bool) -> ImportView:
    return ImportView(
        rows=len(imported.rows) + len({fault.row for fault in imported.faults if fault.row}),
        created=len(plan.new),
        changed=len(plan.changed),
        same=plan.same,
        errors=[
            ImportErrorView(
                row=fault.row, column=fault.column, text_zh=fault.text_zh, text_en=fault.text_en
            )
            for fault in plan.faults
        ],
        warnings=[
            ImportNoticeView(
                row=notice.row, code=notice.code, text_zh=notice.text_zh, text_en=notice.text_en
            )
            for notice in plan.warnings
        ],
        headers=list(imported.headers),
        mapping=dict(imported.mapping),
        applied=applied,
    )
