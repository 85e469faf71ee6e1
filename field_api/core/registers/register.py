"""A register: a declaration from which list, form, history, import, export and sync follow.

One file declares the table and the register; what clients see, what is checked and what is sent to
handhelds is read from its columns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column as StoredColumn
from sqlmodel import Session

from field_api.core.columns import Shape
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.roles import Permission
from field_api.core.wire import View

__all__ = [
    "AREA_COLUMN",
    "ID_COLUMN",
    "SHAPED",
    "Check",
    "Register",
    "RegisterRow",
    "attributes_of",
    "values_of",
]

R = TypeVar("R", bound=Record)

ID_COLUMN = Column("id", ColumnKind.TEXT, "系统编号", "Entry id")
"""Stands first in every export, so that an import finds the same entries again."""
AREA_COLUMN = Column("area", ColumnKind.AREA, "所属区划", "Area")
"""Every entry's area code; empty concerns everybody."""

SHAPED = (ColumnKind.JSON, ColumnKind.OUTLINE)
"""Kinds that are kept as JSON of a known shape: neither sorted nor compared."""

Check = Callable[[str, Mapping[str, Any] | None, Mapping[str, Any]], None]
"""Refuses (`ApiError`) what no column can know: given the id, the attributes before, and after."""


class RegisterRow(View):
    """One entry of a register: its columns stand beside these."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    version: int
    area: str


def attributes_of(column: Column) -> tuple[str, ...]:
    """Return the attributes of a row that hold a column."""
    return ("lat_deg", "lon_deg") if column.kind is ColumnKind.POINT else (column.name,)


def values_of(columns: Sequence[Column], row: Record) -> dict[str, Any]:
    """Return a row's columns as plain JSON values."""
    values: dict[str, Any] = {}
    for column in columns:
        if column.kind is ColumnKind.POINT:
            lat, lon = getattr(row, "lat_deg", None), getattr(row, "lon_deg", None)
            place = None if lat is None or lon is None else {"lat_deg": lat, "lon_deg": lon}
            values[column.name] = place
            continue
        value = getattr(row, column.name)
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        values[column.name] = value
    return values


@dataclass(frozen=True)
class Register(Generic[R]):
    """The declaration."""

    name: str
    """Part of its addresses, and its topic is `register.NAME`."""
    title_zh: str
    title_en: str
    table: type[R]
    columns: tuple[Column, ...]
    reads: Permission
    writes: Permission
    key: tuple[str, ...] = ()
    """Columns by which an import recognises an entry; the id where empty."""
    own_reads: Permission | None = None
    own_column: str = "id"
    sync: Sync = Sync.NONE
    noun: str = ""
    check: Check | None = None
    kind: RecordKind[R] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Make the entries records like all others.

        Raises:
            ValueError: the declaration and its table could never work together.
        """
        self._refuse_what_can_not_work()

        def views(_session: Session, rows: Sequence[R]) -> list[RegisterRow]:
            return [
                RegisterRow(
                    id=row.id, version=row.version, area=row.area, **values_of(self.columns, row)
                )
                for row in rows
            ]

        kind = RecordKind(
            topic=f"register.{self.name}",
            table=self.table,
            view_type=RegisterRow,
            views=views,
            reads=self.reads,
            own_reads=self.own_reads,
            own_column=self.own_column,
            incident_column=None,
            sync=self.sync,
            history=True,
            noun=self.noun or "entry",
        )
        object.__setattr__(self, "kind", kind)

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """What a table and a form show: the declared columns and the area."""
        return (*self.columns, AREA_COLUMN)

    @property
    def file_columns(self) -> tuple[Column, ...]:
        """What a file holds: the id, the declared columns and the area."""
        return (ID_COLUMN, *self.columns, AREA_COLUMN)

    def stored(self, attribute: str) -> StoredColumn[Any]:
        """Return the table's own column of an attribute."""
        return self.table.__table__.columns[attribute]  # pyright: ignore[reportAttributeAccessIssue]

    def _refuse_what_can_not_work(self) -> None:
        names = [column.name for column in self.columns]
        taken = {"id", "version", "area"}.intersection(names)
        if taken or len(set(names)) != len(names):
            raise ValueError(f"register {self.name}: id, version and area are there; names differ")
        if not set(self.key) <= set(names):
            raise ValueError(f"register {self.name}: its key names no column of it")
        if sum(column.kind is ColumnKind.POINT for column in self.columns) > 1:
            raise ValueError(f"register {self.name}: an entry has one place at most")
        for column in self.columns:
            for attribute in attributes_of(column):
                self._refuse_a_column(column, self.stored(attribute))

    def _refuse_a_column(self, column: Column, stored: StoredColumn[Any]) -> None:
        what = f"register {self.name}, column {column.name}"
        if column.kind in SHAPED and not isinstance(stored.type, Shape):
            raise ValueError(f"{what}: JSON is kept as a shape, so that it is checked")
        fills = stored.nullable or stored.default is not None or column.kind is ColumnKind.TEXT
        if not column.required and not fills:
            raise ValueError(f"{what}: it may be left empty, its table can't keep that")

    @property
    def point(self) -> bool:
        """Whether entries have a place on the map."""
        return any(column.kind is ColumnKind.POINT for column in self.columns)

    @property
    def outlined(self) -> bool:
        """Whether entries are areas on the map."""
        return any(column.kind is ColumnKind.OUTLINE for column in self.columns)

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)
