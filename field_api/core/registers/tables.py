"""A file from outside as a table: headers and rows of raw cells, or a clear refusal.

Reading knows nothing of registers: what a cell means is decided by `importing`. A file that can't
be read as a whole is refused by `TableError`; a single row that can't be used is a `Fault` and the
others go on, so that a person gets all faults of a file at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Cell",
    "Fault",
    "RawRow",
    "Table",
    "TableBuilder",
    "TableError",
    "TableFormat",
    "TableLimits",
    "check_size",
    "clean",
    "guarded",
    "table_of",
]

# Full-width signs too: some spreadsheets read them as the plain ones. A quote that stands before
# such a sign already gets another, so that taking one off gives back what was there.
_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")

Cell = str | int | float | bool | datetime | None
"""What a file may put into a cell; text is trimmed and an empty one is None."""


class TableFormat(StrEnum):
    """The files that can be read and written."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much of a file is taken; more is refused as a whole, never cut silently."""

    max_file_bytes: int = 16 << 20
    max_unpacked_bytes: int = 96 << 20
    """What an XLSX may unpack to: a zip bomb of a few kilobytes can hold gigabytes."""
    max_rows: int = 50_000
    max_columns: int = 200
    max_cell_chars: int = 10_000


class TableError(Exception):
    """The file as a whole can't be used."""

    def __init__(self, code: str, text_zh: str, text_en: str) -> None:
        super().__init__(f"{code}: {text_en}")
        self.code = code
        self.text_zh = text_zh
        self.text_en = text_en


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place of a file, and what would be right."""

    row: int
    """As in `RawRow`; 0 where the file as a whole is concerned."""
    column: str | None
    """The register's column, or the file's header where no column is concerned; None: the row."""
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file, as long as the headers."""

    row: int
    """The number a spreadsheet shows beside it (the header row counts); in GeoJSON the feature's
    place in the list, from 1."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read."""

    headers: tuple[str, ...]
    rows: tuple[RawRow, ...]
    faults: tuple[Fault, ...] = ()
    """Rows that are not among `rows` because their form is wrong."""
    header_row: int = 1


def check_size(data: bytes, limits: TableLimits) -> None:
    """Look at a file before it is parsed.

    Raises:
        TableError: it is empty or too large.
    """
    if not data:
        raise TableError("table_empty", "文件是空的", "the file is empty")
    if len(data) > limits.max_file_bytes:
        raise TableError(
            "table_too_large",
            f"文件 {len(data)} 字节,上限为 {limits.max_file_bytes} 字节",
            f"the file has {len(data)} bytes, at most {limits.max_file_bytes} are allowed",
        )


class TableBuilder:
    """Takes rows one by one, finds the header row, and stops a file that grows beyond limits."""

    def __init__(self, limits: TableLimits) -> None:
        self._limits = limits
        self._headers: tuple[str, ...] = ()
        self._header_row = 0
        self._rows: list[RawRow] = []
        self._faults: list[Fault] = []
        self._blank_rows = 0

    def add(self, row: int, raw: Sequence[Cell]) -> None:
        """Take the next row of the file.

        Raises:
            TableError: a limit is passed.
        """
        cells = [_unguarded(clean(cell)) for cell in raw]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            self._blank_rows += 1
            if self._blank_rows > self._limits.max_rows:
                raise self._too_many_rows()
            return
        if len(cells) > self._limits.max_columns:
            raise TableError(
                "table_too_many_columns",
                f"第 {row} 行有 {len(cells)} 列以上内容,上限为 {self._limits.max_columns} 列",
                f"row {row} has {len(cells)} or more columns, at most "
                f"{self._limits.max_columns} are allowed",
            )
        if not self._headers:
            self._headers = _headers(cells)
            self._header_row = row
            return
        if len(self._rows) + len(self._faults) >= self._limits.max_rows:
            raise self._too_many_rows()
        fault = self._fault(row, cells)
        if fault is not None:
            self._faults.append(fault)
            return
        padding: list[Cell] = [None] * (len(self._headers) - len(cells))
        self._rows.append(RawRow(row, tuple(cells + padding)))

    def table(self) -> Table:
        """Return what was read.

        Raises:
            TableError: there was no header row.
        """
        if not self._headers:
            raise TableError(
                "table_without_headers",
                "文件中没有表头;第一行非空行应为列名",
                "the file has no headers; its first row that is not blank must name the columns",
            )
        return Table(self._headers, tuple(self._rows), tuple(self._faults), self._header_row)

    def _fault(self, row: int, cells: Sequence[Cell]) -> Fault | None:
        if len(cells) > len(self._headers):
            return Fault(
                row,
                None,
                f"本行有 {len(cells)} 个单元格,表头只有 {len(self._headers)} 列",
                f"the row has {len(cells)} cells, there are {len(self._headers)} headers",
            )
        most = self._limits.max_cell_chars
        for header, cell in zip(self._headers, cells, strict=False):
            if isinstance(cell, str) and len(cell) > most:
                return Fault(
                    row,
                    header,
                    f"单元格有 {len(cell)} 个字符,上限为 {most} 个",
                    f"the cell has {len(cell)} characters, at most {most} are allowed",
                )
        return None

    def _too_many_rows(self) -> TableError:
        most = self._limits.max_rows
        return TableError(
            "table_too_many_rows",
            f"文件超过 {most} 行;请分成几个文件",
            f"the file has more than {most} rows; split it into several files",
        )


def table_of(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """Return a table made in memory, numbered as a spreadsheet would."""
    builder = TableBuilder(TableLimits())
    builder.add(1, headers)
    for number, row in enumerate(rows, start=2):
        builder.add(number, row)
    return builder.table()


def clean(cell: Cell) -> Cell:
    """Trim text; text of nothing but space is no value."""
    if isinstance(cell, str):
        return cell.strip(" \t\r\n\u00a0\u3000\ufeff") or None
    return cell


def guarded(text: str) -> str:
    """Return text as a spreadsheet shows it and does not run it: with a quote before a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def _unguarded(cell: Cell) -> Cell:
    """Take off the quote that `guarded` put there."""
    if isinstance(cell, str) and cell.startswith("'") and _RUNS.match(cell):
        return cell[1:]
    return cell


def _headers(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Name every column once: a second 备注 becomes 备注 (2), a nameless one (3) by its place."""
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        name = f"({place})" if cell is None else " ".join(str(cell).split())[:200]
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name} ({count})"
        taken.add(unique)
        names.append(unique)
    return tuple(names)
