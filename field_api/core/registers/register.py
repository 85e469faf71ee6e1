"""A register: a declaration from which list, form, history, import, export and sync follow.

One file declares the table and the register; what clients see, what is checked and what is sent to
handhelds is read from its columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from field_api.core.records import Record, RecordKind, Sync
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.roles import Permission
from field_api.core.wire import View

__all__ = ["Register", "RegisterRow", "values_of"]

R = TypeVar("R", bound=Record)


class RegisterRow(View):
    """One entry of a register: its columns stand beside these."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    version: int
    area: str


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
    kind: RecordKind[R] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Make the entries records like all others."""

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
    def point(self) -> bool:
        """Whether entries have a place on the map."""
        return any(column.kind is ColumnKind.POINT for column in self.columns)

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)
