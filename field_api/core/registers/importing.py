"""A table into the rows of a register: which header is which column, what each cell means."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from field_api.core.areas import Areas
from field_api.core.registers.cells import CellError, Value, convert_cell, convert_coordinate
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.reading import LAT_HEADER, LON_HEADER
from field_api.core.registers.tables import Cell, Fault, Table
from mission_plans.ground.datum import Datum, LatLon, suspect_datum, to_wgs84

__all__ = [
    "ImportNotice",
    "Imported",
    "ImportedRow",
    "datum_warning",
    "import_fields",
    "import_table",
    "map_headers",
]

_COMMON_HEADERS = {
    "lat_deg": ("纬度", "lat", "latitude", "lat_deg", LAT_HEADER),
    "lon_deg": ("经度", "lon", "lng", "long", "longitude", "lon_deg", LON_HEADER),
}
_TITLES = {"lat_deg": ("纬度", "latitude"), "lon_deg": ("经度", "longitude")}


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One row that could be read; columns without a header in the file are not in `values`."""

    row: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ImportNotice:
    """Something a person should look at; it stops nothing."""

    code: str
    text_zh: str
    text_en: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What a table would bring into a register."""

    headers: tuple[str, ...]
    mapping: Mapping[str, str]
    """Header by field: a column's name, or `name.lat_deg` and `name.lon_deg` of a point."""
    rows: tuple[ImportedRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[ImportNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Field:
    """One cell's worth of a column."""

    name: str
    column: Column
    headers: tuple[str, ...] = field(default=())
    """Headers it may be found under."""


def import_fields(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the names a mapping may give headers for."""
    return tuple(one.name for one in _fields(columns))


def map_headers(
    columns: Sequence[Column], headers: Sequence[str], given: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[Fault]]:
    """Find each field's header: by `given` where it says so, else by name or title in any case.

    Returns:
        Header by field, and what is wrong: a field or header in `given` that does not exist, a
        header used twice, a required column without a header.
    """
    fields = _fields(columns)
    known = {one.name for one in fields}
    faults: list[Fault] = []
    mapping: dict[str, str] = {}
    for name, header in (given or {}).items():
        if name not in known:
            faults.append(_no_such_field(name, sorted(known)))
        elif header not in headers:
            faults.append(_no_such_header(name, header, headers))
        else:
            mapping[name] = header
    by_folded: dict[str, str] = {}
    for header in headers:
        by_folded.setdefault(_folded(header), header)
    taken = set(mapping.values())
    for one in fields:
        # An empty `given` asks for guessing; one that leaves a field out leaves it out.
        if one.name in mapping or given:
            continue
        found = (by_folded.get(_folded(candidate)) for candidate in one.headers)
        header = next((name for name in found if name is not None and name not in taken), None)
        if header is not None:
            mapping[one.name] = header
            taken.add(header)
    if len(set(mapping.values())) != len(mapping):
        faults.append(
            Fault(0, None, "对应关系中同一表头用了两次", "the mapping uses the same header twice")
        )
    faults.extend(
        _missing(one, headers) for one in fields if one.column.required and one.name not in mapping
    )
    return mapping, faults


def import_table(
    table: Table,
    columns: Sequence[Column],
    *,
    datum: Datum = Datum.WGS84,
    given: Mapping[str, str] | None = None,
    areas: Areas | None = None,
    max_faults: int = 1000,
) -> Imported:
    """Read every row of `table` as a row of a register, and say everything that is wrong.

    Args:
        table: As read from the file.
        columns: The register's columns.
        datum: What the file's coordinates are measured in; the values are WGS-84 always.
        given: Header by field, as a person has chosen; None or empty to guess by name and title.
        areas: To check area codes and read area names.
        max_faults: Beyond so many the rest of the rows is not read.
    """
    mapping, mapping_faults = map_headers(columns, table.headers, given)
    if mapping_faults:
        return Imported(table.headers, mapping, faults=tuple(mapping_faults))
    place = {header: index for index, header in enumerate(table.headers)}
    at = {name: place[header] for name, header in mapping.items()}
    rows: list[ImportedRow] = []
    faults = list(table.faults[:max_faults])
    warnings = [_unused(header) for header in table.headers if header not in mapping.values()]
    for raw in table.rows:
        if len(faults) >= max_faults:
            warnings.append(
                ImportNotice(
                    "faults_cut",
                    f"错误超过 {max_faults} 处,第 {raw.row} 行起未再检查",
                    f"more than {max_faults} faults; rows from {raw.row} on were not looked at",
                    raw.row,
                )
            )
            break
        cells = {name: raw.cells[index] for name, index in at.items()}
        values, wrong = _row(raw.row, cells, columns, datum, areas)
        if wrong:
            faults.extend(wrong)
        else:
            rows.append(ImportedRow(raw.row, values))
    faults.sort(key=lambda fault: fault.row)
    return Imported(table.headers, mapping, tuple(rows), tuple(faults), tuple(warnings))


def datum_warning(pairs: Sequence[tuple[LatLon, LatLon]]) -> ImportNotice | None:
    """Warn when points imported as WGS-84 lie where points of another datum would.

    Args:
        pairs: Imported positions with those already known of the same things, or of the nearest.
    """
    suspicion = suspect_datum(pairs)
    if suspicion is None:
        return None
    name = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}.get(suspicion.datum, "WGS-84")
    return ImportNotice(
        "datum_suspected",
        f"{suspicion.pairs} 个点整体偏移约 {suspicion.shift_m:.0f} m,像是 {name} 坐标;"
        f"请确认坐标系,必要时选 {name} 重新导入",
        f"{suspicion.pairs} points are shifted by about {suspicion.shift_m:.0f} m, as {name} "
        f"positions would be; check the datum and import again as {name} if so",
    )


def _row(
    row: int,
    cells: Mapping[str, Cell],
    columns: Iterable[Column],
    datum: Datum,
    areas: Areas | None,
) -> tuple[dict[str, Value], list[Fault]]:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for column in columns:
        names = _names(column)
        if not any(name in cells for name in names):
            continue
        try:
            if column.kind is ColumnKind.POINT:
                value = _point(cells.get(names[0]), cells.get(names[1]), datum)
            else:
                value = convert_cell(column, cells[column.name], areas)
        except CellError as error:
            faults.append(Fault(row, column.name, error.text_zh, error.text_en))
            continue
        if value is None and column.required:
            faults.append(
                Fault(
                    row,
                    column.name,
                    f"{column.title_zh}必填",
                    f"{column.title_en} must be given",
                )
            )
        values[column.name] = value
    return values, faults


def _point(lat: Cell, lon: Cell, datum: Datum) -> Value:
    lat_deg = convert_coordinate(lat, latitude=True)
    lon_deg = convert_coordinate(lon, latitude=False)
    if lat_deg is None and lon_deg is None:
        return None
    if lat_deg is None or lon_deg is None:
        raise CellError(
            "经度和纬度应同时填写或同时留空", "give both latitude and longitude, or neither"
        )
    lat_deg, lon_deg = to_wgs84(datum, lat_deg, lon_deg)
    return {"lat_deg": lat_deg, "lon_deg": lon_deg}


def _names(column: Column) -> tuple[str, ...]:
    if column.kind is ColumnKind.POINT:
        return f"{column.name}.lat_deg", f"{column.name}.lon_deg"
    return (column.name,)


def _fields(columns: Sequence[Column]) -> list[_Field]:
    points = sum(column.kind is ColumnKind.POINT for column in columns)
    fields: list[_Field] = []
    for column in columns:
        for name in _names(column):
            if column.kind is not ColumnKind.POINT:
                headers = (name, *_titled(column.title_zh, column.unit))
                fields.append(_Field(name, column, headers + _titled(column.title_en, column.unit)))
                continue
            part = name.rpartition(".")[2]
            zh, en = _TITLES[part]
            headers = (name, f"{column.title_zh}{zh}", f"{column.title_en} {en}")
            # With one point only, a plain "lat" can mean no other.
            fields.append(
                _Field(name, column, headers + (_COMMON_HEADERS[part] if points == 1 else ()))
            )
    return fields


def _titled(title: str, unit: str | None) -> tuple[str, ...]:
    return (title, f"{title}({unit})") if unit else (title,)


def _folded(header: str) -> str:
    """Return a header without case, width and space, so that `面积（㎡）` is `面积(m2)`."""
    return "".join(unicodedata.normalize("NFKC", header).casefold().split())


def _no_such_field(name: str, known: Sequence[str]) -> Fault:
    return Fault(
        0,
        name[:80],
        "没有这个字段;可用:" + "、".join(known),
        "there is no such column; allowed: " + ", ".join(known),
    )


def _no_such_header(name: str, header: str, headers: Sequence[str]) -> Fault:
    return Fault(
        0,
        name,
        f"文件中没有表头“{header[:80]}”;文件的表头:" + "、".join(headers),
        f"the file has no header “{header[:80]}”; it has: " + ", ".join(headers),
    )


def _missing(one: _Field, headers: Sequence[str]) -> Fault:
    return Fault(
        0,
        one.name,
        f"缺少必填列“{one.headers[1]}”;文件的表头:" + "、".join(headers),
        f"the required column “{one.headers[-1]}” is missing; the file has: " + ", ".join(headers),
    )


def _unused(header: str) -> ImportNotice:
    return ImportNotice(
        "header_unused",
        f"表头“{header}”没有对应的字段,未导入",
        f"the header “{header}” belongs to no column and was not imported",
    )
