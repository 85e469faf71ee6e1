"""CSV, XLSX and GeoJSON files into tables. Whatever the bytes are, the answer is a table or a
`TableError`, never another exception."""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import IO, Any, Final, NoReturn, cast
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException

from field_api.core.registers.tables import (
    Cell,
    Fault,
    RawRow,
    Table,
    TableBuilder,
    TableError,
    TableFormat,
    TableLimits,
    check_size,
    clean,
)

__all__ = ["LAT_HEADER", "LON_HEADER", "read_csv", "read_geojson", "read_table", "read_xlsx"]

LAT_HEADER: Final = "geometry.lat_deg"
LON_HEADER: Final = "geometry.lon_deg"
"""Under which headers a feature's position is given; no property can be called so by chance."""

_DELIMITERS = (",", "\t", ";", "|", "，")
_MOST_ZIP_ENTRIES = 2000
_MOST_XLSX_CELLS_IN_ROW = 16_384  # what Excel itself can hold
_WGS84_NAMES = ("CRS84", "4326", "4490")  # CGCS2000 is WGS-84 within centimetres


def read_table(data: bytes, form: TableFormat, limits: TableLimits) -> Table:
    """Read a file of the form it is said to have.

    Raises:
        TableError: it can't be read, or is larger than the limits allow.
    """
    match form:
        case TableFormat.CSV:
            return read_csv(data, limits)
        case TableFormat.XLSX:
            return read_xlsx(data, limits)
        case TableFormat.GEOJSON:
            return read_geojson(data, limits)


def read_csv(data: bytes, limits: TableLimits) -> Table:
    """Read CSV in UTF-8, UTF-16 with a mark, or GB 18030, whatever its delimiter.

    Raises:
        TableError: another encoding, a broken quotation, or more than the limits allow.
    """
    check_size(data, limits)
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    builder = TableBuilder(limits)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            builder.add(number, cells)
    except csv.Error as error:
        raise TableError(
            "csv_broken",
            f"第 {number + 1} 行之后不是有效的 CSV(引号未配对或单元格过长):{error}",
            f"no valid CSV after row {number} (a quote not closed, or a cell too long): {error}",
        ) from None
    return builder.table()


def read_xlsx(data: bytes, limits: TableLimits) -> Table:
    """Read the first sheet of an XLSX: formulas as the values last computed, dates as dates.

    Raises:
        TableError: not an XLSX, encrypted, a zip bomb, or more than the limits allow.
    """
    check_size(data, limits)
    _check_zip(data, limits)
    import openpyxl  # a fifth of a second that only who brings such a file should wait for

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        try:
            if not book.worksheets:
                raise TableError("xlsx_without_sheet", "文件中没有工作表", "the file has no sheet")
            sheet = book.worksheets[0]
            # A file may claim any size; without the claim rows are read as they come.
            sheet.reset_dimensions()
            builder = TableBuilder(limits)
            rows = cast("Iterable[tuple[object, ...]]", sheet.iter_rows(values_only=True))
            for number, row in enumerate(rows, start=1):
                builder.add(number, [_xlsx_cell(cell) for cell in row])
            return builder.table()
        finally:
            book.close()
    except TableError:
        raise
    except (DefusedXmlException, ParseError) as error:
        raise _bad_xlsx(f"XML: {type(error).__name__}") from None
    except Exception as error:  # noqa: BLE001 - openpyxl raises nearly anything on hostile files
        raise _bad_xlsx(type(error).__name__) from None


def read_geojson(data: bytes, limits: TableLimits) -> Table:
    """Read a FeatureCollection of points; a feature that is no point is a fault of its row.

    A centre made up for a polygon would look like a surveyed point, so it is not made.

    Raises:
        TableError: not a FeatureCollection, in a CRS other than WGS-84, or beyond the limits.
    """
    check_size(data, limits)
    document = _json(data)
    listed: object = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(listed, list):
        raise _bad_geojson("应为 FeatureCollection", "it must be a FeatureCollection")
    crs: object = document.get("crs")
    if crs is not None and not any(name in json.dumps(crs) for name in _WGS84_NAMES):
        raise _bad_geojson(
            "文件声明的坐标系不是 WGS-84;请先转换或去掉 crs",
            "its crs is not WGS-84; convert the file or leave crs out",
        )
    features = cast("list[object]", listed)
    if len(features) > limits.max_rows:
        raise TableError(
            "table_too_many_rows",
            f"文件有 {len(features)} 个要素,上限为 {limits.max_rows} 个",
            f"the file has {len(features)} features, at most {limits.max_rows} are allowed",
        )
    headers: dict[str, None] = {}
    found: list[tuple[int, dict[str, Cell]]] = []
    faults: list[Fault] = []
    for row, feature in enumerate(features, start=1):
        values = _feature(row, feature, limits)
        if isinstance(values, Fault):
            faults.append(values)
            continue
        found.append((row, values))
        headers |= dict.fromkeys(values)
        if len(headers) > limits.max_columns:
            raise TableError(
                "table_too_many_columns",
                f"属性超过 {limits.max_columns} 种",
                f"there are more than {limits.max_columns} different properties",
            )
    names = tuple(headers)
    rows = tuple(RawRow(row, tuple(values.get(name) for name in names)) for row, values in found)
    return Table(names, rows, tuple(faults), header_row=0)


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableError(
        "csv_encoding",
        "无法识别文字编码;请另存为 UTF-8 或 GB18030 编码的 CSV",
        "the text encoding is not known; save the CSV as UTF-8 or GB 18030",
    )


def _delimiter(text: str) -> str:
    """Return what parts the first row that is not blank into most cells; a comma if none does."""
    first = next((line for line in text.splitlines() if line.strip()), "")[:100_000]

    def parts(delimiter: str) -> int:
        try:
            return len(next(csv.reader([first], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=parts)


def _check_zip(data: bytes, limits: TableLimits) -> None:
    """Look at the list of contents before anything is unpacked.

    The sizes claimed there bind: `zipfile` never reads more of an entry than is claimed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_unpacked(entries, limits)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as stream:
                        _check_xml(stream)
    except expat.ExpatError as error:
        raise _bad_xlsx(f"XML: {error}") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError, EOFError):
        raise _bad_xlsx("zip") from None


def _check_unpacked(entries: Sequence[zipfile.ZipInfo], limits: TableLimits) -> None:
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_ZIP_ENTRIES or unpacked_bytes > limits.max_unpacked_bytes:
        raise TableError(
            "xlsx_too_large_unpacked",
            f"文件展开后有 {len(entries)} 项、{unpacked_bytes} 字节,"
            f"上限为 {_MOST_ZIP_ENTRIES} 项、{limits.max_unpacked_bytes} 字节",
            f"unpacked, the file has {len(entries)} entries and {unpacked_bytes} bytes; at most "
            f"{_MOST_ZIP_ENTRIES} and {limits.max_unpacked_bytes} are allowed",
        )


def _check_xml(stream: IO[bytes]) -> None:
    """Run through XML without building anything of it.

    openpyxl holds a whole row at a time: one row of millions of empty cells, which takes hardly a
    byte packed, would fill the memory. A DTD has no place in a workbook and may hold a bomb.
    """
    cells_in_row = 0

    def start(name: str, _: object) -> None:
        nonlocal cells_in_row
        local = name.rpartition(":")[2]
        if local == "row":
            cells_in_row = 0
        elif local == "c":
            cells_in_row += 1
            if cells_in_row > _MOST_XLSX_CELLS_IN_ROW:
                raise _bad_xlsx(f"> {_MOST_XLSX_CELLS_IN_ROW} cells in a row")

    def refuse_dtd(*_: object) -> NoReturn:
        raise _bad_xlsx("DTD")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse_dtd
    while block := stream.read(1 << 20):
        parser.Parse(block, False)
    parser.Parse(b"", True)


def _xlsx_cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, time):
        return value.isoformat()
    return str(value)


def _json(data: bytes) -> dict[str, Any]:
    def refuse_constant(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        document: object = json.loads(data.decode("utf-8-sig"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise _bad_geojson(
            "不是有效的 JSON(UTF-8,不含 NaN 和 Infinity)",
            "it is no valid JSON (UTF-8, without NaN and Infinity)",
        ) from None
    if not isinstance(document, dict):
        raise _bad_geojson("应为 JSON 对象", "it must be a JSON object")
    return cast("dict[str, Any]", document)


def _feature(row: int, feature: object, limits: TableLimits) -> dict[str, Cell] | Fault:
    if not isinstance(feature, dict) or cast("dict[str, object]", feature).get("type") != "Feature":
        return Fault(row, None, "应为 Feature", "it must be a Feature")
    parts = cast("dict[str, object]", feature)
    values: dict[str, Cell] = {}
    geometry = parts.get("geometry")
    if geometry is not None:
        position = _position(geometry)
        if position is None:
            kind = (
                cast("dict[str, object]", geometry).get("type")
                if isinstance(geometry, dict)
                else None
            )
            return Fault(
                row,
                "geometry",
                f"几何应为 Point,坐标为 [经度, 纬度];收到 {str(kind)[:40]}",
                "the geometry must be a Point with coordinates [longitude, latitude]; "
                f"got {str(kind)[:40]}",
            )
        values[LON_HEADER], values[LAT_HEADER] = position
    properties = parts.get("properties")
    if properties is not None and not isinstance(properties, dict):
        return Fault(row, "properties", "properties 应为对象", "properties must be an object")
    identity = parts.get("id")
    if isinstance(identity, str | int) and not isinstance(identity, bool):
        values["id"] = clean(identity)
    for name, value in cast("dict[str, object]", properties or {}).items():
        if name in (LAT_HEADER, LON_HEADER) or not name.strip():
            continue
        cell = _scalar(value)
        if isinstance(cell, str) and len(cell) > limits.max_cell_chars:
            return Fault(
                row,
                name[:200],
                f"内容有 {len(cell)} 个字符,上限为 {limits.max_cell_chars} 个",
                f"it has {len(cell)} characters, at most {limits.max_cell_chars} are allowed",
            )
        values[" ".join(name.split())[:200]] = cell
    return values


def _position(geometry: object) -> tuple[float, float] | None:
    if not isinstance(geometry, dict):
        return None
    parts = cast("dict[str, object]", geometry)
    coordinates = parts.get("coordinates")
    if parts.get("type") != "Point" or not isinstance(coordinates, list):
        return None
    numbers = cast("list[object]", coordinates)
    if len(numbers) not in (2, 3):
        return None
    lon, lat = numbers[0], numbers[1]
    if isinstance(lon, bool) or isinstance(lat, bool):
        return None
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    try:
        return float(lon), float(lat)
    except OverflowError:
        return None


def _scalar(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return clean(value)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return None


def _bad_xlsx(why: str) -> TableError:
    return TableError(
        "xlsx_broken",
        f"不是可读取的 XLSX 工作簿({why});请用 Excel 或 WPS 另存为 .xlsx,不加密码",
        f"it is no readable XLSX workbook ({why}); save it as .xlsx without a password",
    )


def _bad_geojson(text_zh: str, text_en: str) -> TableError:
    return TableError("geojson_broken", f"GeoJSON {text_zh}", f"GeoJSON: {text_en}")
