"""What a register's column is: its name, kind, titles and what may stand in it."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Choice", "Column", "ColumnKind", "text_column"]


class ColumnKind(StrEnum):
    """What a column holds, and as which plain value."""

    TEXT = "text"
    """`str`, trimmed, never empty."""
    INTEGER = "integer"
    """`int` that every JSON reader keeps exact."""
    NUMBER = "number"
    """Finite `float`."""
    BOOLEAN = "boolean"
    CHOICE = "choice"
    """`str`, the value of one of the column's choices."""
    DATE = "date"
    """`str`, `YYYY-MM-DD`, a calendar day in the bureau's own time zone."""
    TIME = "time"
    """`int`, UTC milliseconds."""
    POINT = "point"
    """`{"lat_deg": float, "lon_deg": float}`, WGS-84."""
    AREA = "area"
    """`str`, an area code of 6, 9 or 12 digits."""
    OUTLINE = "outline"
    """`Outline`: a polygon or a circle on the ground, WGS-84."""
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a choice column may hold."""

    value: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register."""

    name: str
    kind: ColumnKind
    title_zh: str
    title_en: str
    unit: str | None = None
    required: bool = False
    searchable: bool = False
    sortable: bool = True
    choices: tuple[Choice, ...] = ()
    """What a choice column may hold; empty for every other kind."""

    def __post_init__(self) -> None:
        """Refuse a declaration that could never work.

        Raises:
            ValueError: choices and kind do not fit, or a choice comes twice.
        """
        if (self.kind is ColumnKind.CHOICE) != bool(self.choices):
            raise ValueError(
                f"column {self.name}: choices belong to a choice column and only there"
            )
        values = [choice.value for choice in self.choices]
        if len(set(values)) != len(values):
            raise ValueError(f"column {self.name}: a choice comes twice")


def text_column(name: str, title_zh: str, title_en: str, *, required: bool = False) -> Column:
    """Return a column of text that a search looks into."""
    return Column(name, ColumnKind.TEXT, title_zh, title_en, required=required, searchable=True)
