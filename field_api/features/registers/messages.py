"""What clients send and see of registers."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.register import Register, RegisterRow
from field_api.core.wire import Body, View
from field_api.features.registers.rules import ENTRY_ID

__all__ = [
    "ChangeEntry",
    "ColumnSchema",
    "EntryId",
    "EntryVersion",
    "ImportNoticeView",
    "ImportView",
    "NewEntry",
    "RegisterPage",
    "RegisterSchema",
    "schema_of",
]

EntryId = Annotated[str, Field(pattern=ENTRY_ID)]


class NewEntry(Body):
    """A new entry: its columns stand beside these."""

    model_config = ConfigDict(extra="allow")

    id: EntryId | None = None
    """Chosen by the client, so that it may repeat the request; made here where left out."""


class ChangeEntry(Body):
    """An entry as it shall be: columns left out stay as they are, null empties one."""

    model_config = ConfigDict(extra="allow")

    version: Annotated[int, Field(ge=1, le=2**53)]
    """The version that the person looked at."""


class ColumnSchema(View):
    """One column, for tables and forms."""

    name: str
    kind: ColumnKind
    unit: str | None
    required: bool
    searchable: bool
    sortable: bool
    choices: list[str]
    choices_zh: list[str]
    choices_en: list[str]
    title_zh: str
    title_en: str


class RegisterSchema(View):
    """One register as the person asking may use it."""

    name: str
    title_zh: str
    title_en: str
    columns: list[ColumnSchema]
    key: list[str]
    """Columns by which an import recognises an entry; the id where empty."""
    map: bool
    writable: bool


class RegisterPage(View):
    """A page of a list."""

    rows: list[RegisterRow]
    total: int


class EntryVersion(View):
    """What an entry was, who made it so and when."""

    version: int
    t_ms: int
    actor_name: str
    action: str
    """`created`, `changed` or `removed`."""
    row: RegisterRow | None


class ImportErrorView(View):
    """What is wrong in one place of a file."""

    row: int
    column: str | None
    text_zh: str
    text_en: str


class ImportNoticeView(View):
    """What a person should look at; it stops nothing."""

    row: int | None = None
    code: str
    text_zh: str
    text_en: str


class ImportView(View):
    """What an import did, or would do."""

    rows: int
    created: int
    changed: int
    same: int
    errors: list[ImportErrorView]
    warnings: list[ImportNoticeView]
    headers: list[str]
    mapping: dict[str, str]
    """Header by column."""
    applied: bool


def _column(column: Column) -> ColumnSchema:
    return ColumnSchema(
        name=column.name,
        kind=column.kind,
        unit=column.unit,
        required=column.required,
        searchable=column.searchable,
        sortable=column.sortable and column.kind not in (ColumnKind.POINT, ColumnKind.JSON),
        choices=[choice.value for choice in column.choices],
        choices_zh=[choice.title_zh for choice in column.choices],
        choices_en=[choice.title_en for choice in column.choices],
        title_zh=column.title_zh,
        title_en=column.title_en,
    )


def schema_of(register: Register[Any], *, writable: bool) -> RegisterSchema:
    """Return what clients must know of a register."""
    return RegisterSchema(
        name=register.name,
        title_zh=register.title_zh,
        title_en=register.title_en,
        columns=[_column(column) for column in register.shown_columns],
        key=list(register.key),
        map=register.point,
        writable=writable,
    )
