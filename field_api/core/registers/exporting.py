"""Rows of a register as CSV, XLSX or GeoJSON; what is written can be imported again unchanged.

Text that a spreadsheet would run as a formula (`=HYPERLINK(...)` typed into a name by whoever
filled in a form) is written with a quote before it; importing takes the quote off again.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any, Literal

from field_api.core.registers.cells import BUREAU_ZONE, Value
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.tables import TableFormat, guarded

__all__ = [
    "MEDIA_TYPES",
    "export_csv",
    "export_geojson",
    "export_table",
    "export_xlsx",
    "write_table",
]

MEDIA_TYPES = {
    TableFormat.CSV: "text/csv; charset=utf-8",
    TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TableFormat.GEOJSON: "application/geo+json",
}

Language = Literal["zh", "en"]
Row = Mapping[str, Value]

_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


def export_table(
    form: TableFormat,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    title: str = "",
    language: Language = "zh",
) -> bytes:
    """Write rows in the form asked for.

    Raises:
        ValueError: GeoJSON of a register that has no point column, or more than one.
    """
    match form:
        case TableFormat.CSV:
            return export_csv(columns, rows, language=language)
        case TableFormat.XLSX:
            return export_xlsx(columns, rows, title=title, language=language)
        case TableFormat.GEOJSON:
            return export_geojson(columns, rows)


def write_table(
    stream: IO[bytes],
    form: TableFormat,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    title: str = "",
    language: Language = "zh",
) -> None:
    """Write rows to a stream as they come, so that nobody holds all of them.

    Raises:
        ValueError: GeoJSON of a register that has no point column, or more than one.
    """
    match form:
        case TableFormat.CSV:
            for part in _csv_parts(columns, rows, language):
                stream.write(part)
        case TableFormat.XLSX:
            _write_xlsx(stream, columns, rows, title, language)
        case TableFormat.GEOJSON:
            for part in _geojson_parts(columns, rows):
                stream.write(part)


def export_csv(
    columns: Sequence[Column], rows: Iterable[Row], *, language: Language = "zh"
) -> bytes:
    """Write CSV in UTF-8 with the mark without which Excel takes Chinese for something else."""
    return b"".join(_csv_parts(columns, rows, language))


def _csv_parts(
    columns: Sequence[Column], rows: Iterable[Row], language: Language
) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(header) for header in _headers(columns, language)])
    yield codecs.BOM_UTF8
    for row in rows:
        writer.writerow(
            [_csv_text(cell) for column in columns for cell in _cells(column, row, language)]
        )
        yield text.getvalue().encode("utf-8", "replace")
        text.seek(0)
        text.truncate()
    # The headers, where there were no rows.
    yield text.getvalue().encode("utf-8", "replace")


def export_xlsx(
    columns: Sequence[Column], rows: Iterable[Row], *, title: str = "", language: Language = "zh"
) -> bytes:
    """Write one sheet; numbers and days stay numbers and days, text never becomes a formula."""
    stream = io.BytesIO()
    _write_xlsx(stream, columns, rows, title, language)
    return stream.getvalue()


def _write_xlsx(
    stream: IO[bytes],
    columns: Sequence[Column],
    rows: Iterable[Row],
    title: str,
    language: Language,
) -> None:
    import openpyxl  # a fifth of a second that only who takes such a file should wait for

    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet(_SHEET_NAME.sub(" ", title).strip()[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    sheet.append([_xlsx_cell(sheet, header) for header in _headers(columns, language)])
    for row in rows:
        sheet.append(
            [
                _xlsx_cell(sheet, cell)
                for column in columns
                for cell in _cells(column, row, language)
            ]
        )
    book.save(stream)


def export_geojson(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """Write a FeatureCollection in WGS-84; properties are named as columns, values as stored.

    Raises:
        ValueError: the register has no point column, or more than one.
    """
    return b"".join(_geojson_parts(columns, rows))


def _geojson_parts(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    points = [column for column in columns if column.kind is ColumnKind.POINT]
    if len(points) != 1:
        raise ValueError(f"GeoJSON needs exactly one point column, there are {len(points)}")
    parted = b'{"type": "FeatureCollection", "features": ['
    for row in rows:
        point = row.get(points[0].name)
        geometry = None
        if isinstance(point, dict):
            geometry = {"type": "Point", "coordinates": [point["lon_deg"], point["lat_deg"]]}
        properties = {
            column.name: _written(column, row.get(column.name))
            for column in columns
            if column is not points[0]
        }
        feature = {"type": "Feature", "geometry": geometry, "properties": properties}
        text = json.dumps(feature, ensure_ascii=False, allow_nan=False)
        yield parted + text.encode("utf-8", "replace")
        parted = b",\n"
    yield (b"" if parted == b",\n" else parted) + b"]}"


def _headers(columns: Sequence[Column], language: Language) -> list[str]:
    headers: list[str] = []
    for column in columns:
        title = column.title_zh if language == "zh" else column.title_en
        if column.kind is ColumnKind.POINT:
            zh = language == "zh"
            headers += [
                f"{title}纬度" if zh else f"{title} latitude",
                f"{title}经度" if zh else f"{title} longitude",
            ]
        else:
            headers.append(f"{title}({column.unit})" if column.unit else title)
    return headers


def _cells(column: Column, row: Row, language: Language) -> list[str | int | float | date | None]:
    """Return what stands in the one or two cells of a column, as a person reads it."""
    value = row.get(column.name)
    if column.kind is ColumnKind.POINT:
        if isinstance(value, dict):
            return [_degrees(value["lat_deg"]), _degrees(value["lon_deg"])]
        return [None, None]
    if isinstance(value, bool):
        zh, en = ("是", "yes") if value else ("否", "no")
        return [zh if language == "zh" else en]
    if column.kind is ColumnKind.CHOICE:
        titles = {
            choice.value: choice.title_zh if language == "zh" else choice.title_en
            for choice in column.choices
        }
        return [titles.get(str(value), str(value)) if value is not None else None]
    if column.kind is ColumnKind.DATE and isinstance(value, str):
        return [date.fromisoformat(value)]
    written = _written(column, value)
    if isinstance(written, dict | list):
        return [json.dumps(written, ensure_ascii=False, allow_nan=False)]
    return [written]


def _written(column: Column, value: Value) -> Value:
    """Return a time as text with its zone; everything else is itself."""
    if column.kind is ColumnKind.TIME and isinstance(value, int):
        moment = datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
        return moment.astimezone(BUREAU_ZONE).isoformat(timespec="milliseconds")
    return value


def _degrees(value: object) -> float | None:
    """Round to a tenth of a millimetre: more digits are noise of the conversion."""
    return round(float(value), 9) if isinstance(value, int | float) else None


def _csv_text(cell: str | int | float | date | None) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    # A negative number is a number: only text is guarded.
    return guarded(cell) if isinstance(cell, str) else cell


def _xlsx_cell(sheet: Any, cell: str | int | float | date | None) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(cell, str):
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", cell)
    written = WriteOnlyCell(sheet, guarded(text))
    # openpyxl would make a formula of "=..." and an error of "#N/A" by itself.
    written.data_type = "s"
    return written
