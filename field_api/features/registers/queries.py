"""Reading a register: which one, which entries, in which order, and what an entry was before."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, String, func, or_, type_coerce
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.core.access import Principal, Viewer
from field_api.core.areas import district_areas
from field_api.core.errors import refuse
from field_api.core.feature import Feature
from field_api.core.history import RecordHistory, versions_of
from field_api.core.records import Record
from field_api.core.registers.cells import CellError, convert_cell
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.register import SHAPED, Register, RegisterRow
from field_api.core.registers.tables import clean
from field_api.core.roles import Permission
from field_api.core.texts import Both
from field_api.features.registers.messages import EntryVersion, RegisterPage

__all__ = [
    "Asked",
    "all_registers",
    "chosen",
    "entry",
    "entry_versions",
    "may_read",
    "ordered",
    "page_of",
    "readers",
    "register_for",
    "unknown_entry",
    "writers",
]

_MOST_WORDS = 8
_MOST_FILTERS = 20
_NOT_ORDERED = (ColumnKind.POINT, *SHAPED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are asked for."""

    q: str = ""
    sort: str = ""
    where: tuple[str, ...] = ()
    area: str = ""


def all_registers(features: Iterable[Feature]) -> list[Register[Any]]:
    """Return every declared register."""
    return [register for feature in features for register in feature.registers]


def readers(features: Iterable[Feature]) -> Iterable[Permission]:
    """Return every permission that lets read some register."""
    for register in all_registers(features):
        yield register.reads
        if register.own_reads is not None:
            yield register.own_reads


def writers(features: Iterable[Feature]) -> Iterable[Permission]:
    """Return every permission that lets write some register."""
    return (register.writes for register in all_registers(features))


def may_read(register: Register[Any], viewer: Viewer) -> bool:
    """Whether any of its entries may be this person's to see."""
    own = register.own_reads
    return viewer.may(register.reads) or (
        own is not None and viewer.terminal_id is not None and viewer.may(own)
    )


def register_for(
    features: Iterable[Feature], name: str, who: Principal, *, write: bool = False
) -> Register[Any]:
    """Return a register that this person may read, or write.

    Raises:
        ApiError: 404 `unknown_register`; 403 `forbidden`.
    """
    register = next((one for one in all_registers(features) if one.name == name), None)
    if register is None:
        known = [one.name for one in all_registers(features) if may_read(one, who.viewer)]
        raise refuse(404, "unknown_register", name=name[:40], known=", ".join(known))
    if write and not who.may(register.writes):
        raise refuse(403, "forbidden", permission=register.writes.name)
    if not may_read(register, who.viewer):
        raise refuse(403, "forbidden", permission=register.reads.name)
    return register


def chosen(register: Register[Any], asked: Asked) -> SelectOfScalar[Any]:
    """Return the entries asked for, in no order yet.

    Raises:
        ApiError: 422 `bad_filter` or `unknown_area`.
    """
    query = select(register.table)
    for condition in (
        *_filters(register, asked.where),
        *_words(register, asked.q),
        *_in_area(register, asked.area),
    ):
        query = query.where(condition)
    return query


def ordered(register: Register[Any], query: SelectOfScalar[Any], sort: str) -> SelectOfScalar[Any]:
    """Put entries in order; the id breaks ties, so that no page skips or doubles one.

    Raises:
        ApiError: 422 `bad_sort`.
    """
    name = sort.removeprefix("-")
    ident = col(register.table.id)
    sortable = [c.name for c in register.shown_columns if _ordered(c)] + ["id", "version"]
    if not name or name == "id":
        return query.order_by(ident.desc() if sort.startswith("-") else ident)
    if name not in sortable:
        raise refuse(422, "bad_sort", field="sort", sort=name[:60], allowed=", ".join(sortable))
    column = getattr(register.table, name)
    first = column.desc() if sort.startswith("-") else column.asc()
    # What is not filled in comes last either way; saying so of a column that always is would
    # keep its index from being used.
    return query.order_by(first.nulls_last() if register.stored(name).nullable else first, ident)


def page_of(
    session: Session, register: Register[Any], asked: Asked, *, limit: int, offset: int
) -> RegisterPage:
    """Return a page of a list, and how many entries there are in all.

    Raises:
        ApiError: 422, a filter or the order names what is not there.
    """
    query = chosen(register, asked)
    rows = session.exec(ordered(register, query, asked.sort).limit(limit).offset(offset)).all()
    if len(rows) < limit and (rows or not offset):
        total = offset + len(rows)
    else:
        counted: Any = query.with_only_columns(func.count(col(register.table.id)))
        total = session.exec(counted).one()
    shown = cast("Sequence[RegisterRow]", register.kind.views(session, rows))
    return RegisterPage(rows=list(shown), total=total)


def entry(session: Session, register: Register[Any], entry_id: str) -> Record:
    """Return an entry that the session may see.

    Raises:
        ApiError: 404.
    """
    row = session.get(register.table, entry_id)
    if row is None:
        raise unknown_entry(register, entry_id)
    return row


def unknown_entry(register: Register[Any], entry_id: str) -> Exception:
    """Return the refusal of an entry that is not there or not theirs to see."""
    return refuse(404, f"unknown_{register.kind.noun}", id=entry_id)


def entry_versions(
    session: Session, register: Register[Any], entry_id: str, viewer: Viewer, *, limit: int
) -> list[EntryVersion]:
    """Return what an entry was, newest first, also of one that was removed.

    Raises:
        ApiError: 404.
    """
    kept = versions_of(session, register.kind.topic, entry_id, limit=limit)
    if session.get(register.table, entry_id) is None and not _saw(register, kept, viewer):
        raise unknown_entry(register, entry_id)
    removed_before = {line.version + 1 for line in kept if line.op == "remove"}
    return [
        EntryVersion(
            version=line.version,
            t_ms=line.t_ms,
            actor_name=line.actor_name,
            action=_action(line, removed_before),
            row=None if line.body is None else RegisterRow.model_validate_json(line.body),
        )
        for line in kept
    ]


def _action(line: RecordHistory, removed_before: set[int]) -> str:
    if line.op == "remove":
        return "removed"
    return "created" if line.version == 1 or line.version in removed_before else "changed"


def _saw(register: Register[Any], kept: Sequence[RecordHistory], viewer: Viewer) -> bool:
    """Whether a removed entry was the person's to see: its last version says whose it was."""
    if not kept or kept[0].op != "remove":
        return False
    body = next((line.body for line in kept if line.body is not None), None)
    if body is None:
        return False
    last: dict[str, Any] = json.loads(body)
    terminal = last.get(register.own_column)
    return viewer.sees(
        register.kind,
        area=str(last["area"]),
        terminal_id=None if terminal is None else str(terminal),
        incident_id=None,
    )


def _ordered(column: Column) -> bool:
    return column.sortable and column.kind not in _NOT_ORDERED


def _filters(register: Register[Any], where: Sequence[str]) -> list[ColumnElement[bool]]:
    """Read `column:value` filters: values of one column are alternatives, columns add up."""
    if len(where) > _MOST_FILTERS:
        raise refuse(422, "too_many_filters", field="where", most=_MOST_FILTERS)
    by_column: dict[str, list[ColumnElement[bool]]] = {}
    allowed = [c.name for c in register.shown_columns if c.kind not in _NOT_ORDERED]
    for one in where:
        name, colon, text = one.partition(":")
        column = next((c for c in register.shown_columns if c.name == name), None)
        if column is None or not colon or name not in allowed:
            raise refuse(
                422, "bad_filter", field="where", filter=one[:60], allowed=", ".join(allowed)
            )
        by_column.setdefault(name, []).append(_equals(register, column, text))
    return [or_(*alternatives) for alternatives in by_column.values()]


def _equals(register: Register[Any], column: Column, text: str) -> ColumnElement[bool]:
    stored: Any = getattr(register.table, column.name)
    cell = clean(text)
    try:
        value = convert_cell(column, cell, district_areas())
    except CellError as error:
        raise refuse(
            422,
            "bad_filter_value",
            field=f"where.{column.name}",
            column=column.name,
            why=Both(error.text_zh, error.text_en),
        ) from None
    if value is None:
        text_like = column.kind in (ColumnKind.TEXT, ColumnKind.AREA)
        empty = stored.is_(None)
        return or_(empty, stored == "") if text_like else empty
    return stored == value


def _words(register: Register[Any], q: str) -> list[ColumnElement[bool]]:
    """Ask that every word stands somewhere in the searchable columns or in the id."""
    columns = [c.name for c in register.columns if c.searchable and c.kind not in _NOT_ORDERED]
    conditions: list[ColumnElement[bool]] = []
    for word in q.replace("\0", " ").split()[:_MOST_WORDS]:
        places = [
            type_coerce(getattr(register.table, name), String).ilike(_inside(word), escape="\\")
            for name in (*columns, "id")
        ]
        conditions.append(or_(*places))
    return conditions


def _inside(word: str) -> str:
    """Return the LIKE pattern of a word within a text; what LIKE takes for a sign is escaped."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _in_area(register: Register[Any], area: str) -> list[ColumnElement[bool]]:
    if not area:
        return []
    if not district_areas().known(area):
        raise refuse(422, "unknown_area", field="area", code=area[:40])
    # A range and no LIKE: the index serves it. Codes are digits, and ":" follows "9".
    code = col(register.table.area)
    return [code >= area, code < f"{area}:"]
