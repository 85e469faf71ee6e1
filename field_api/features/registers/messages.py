"""What clients send and see of registers."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from field_api.contract.ids import RecordId
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.register import SHAPED, Register, RegisterRow
from field_api.core.wire import Body, Milliseconds, Name, View
from field_api.features.registers.rules import ENTRY_ID
from field_api.features.registers.tables import ConflictState

__all__ = [
    "ChangeEntry",
    "ColumnSchema",
    "DecideConflict",
    "EditEntry",
    "EntryConflictView",
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


class EditEntry(Body):
    """An edit made on a handheld (`register.edit`): of each column what was seen and written."""

    id: RecordId
    """Of this edit."""
    register_name: Name
    """Name of the register; the item's `target` is the entry."""
    t_ms: Milliseconds
    was: Annotated[dict[str, Any], Field(min_length=1, max_length=100)]
    """The columns as the author saw them; at least those of `now`."""
    now: Annotated[dict[str, Any], Field(min_length=1, max_length=100)]
    """The columns as they shall be; null empties one."""


class DecideConflict(Body):
    """Which of two values stands."""

    take: bool
    """True puts the handheld's value into the entry, false leaves the entry as it is."""
    version: Annotated[int, Field(ge=1, le=2**53)]
    """The version of the entry that the person looked at."""


class EntryConflictView(View):
    """Two values of one column of an entry: nobody's is lost."""

    id: str
    version: int
    area: str
    register_name: str
    entry_id: str
    column: str
    was: Any
    here: Any
    given: Any
    author: str
    made_ms: int
    received_ms: int
    state: ConflictState
    decided_by: str | None
    decided_ms: int | None


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
        sortable=column.sortable and column.kind not in (ColumnKind.POINT, *SHAPED),
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
        map=register.point or register.outlined,
        writable=writable,
    )
