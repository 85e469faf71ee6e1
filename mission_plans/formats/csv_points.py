"""Reading tables of points: CSV with a line of names, or numbers that can't be mistaken.

Columns are known by their names in Chinese or English. What we write has `kind` and `path` too, so
that lines come back as lines.
"""

import csv
import io
import re
from collections.abc import Iterator

from mission_plans.formats.contents import FilePoint, HeightReference, Place
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.gathering import Gathering, clipped, finite

__all__ = ["COLUMNS", "guarded", "read_csv"]

COLUMNS = ("kind", "path", "name", "lat_deg", "lon_deg", "altitude_m", "height", "time", "text")
"""What we write."""
NAMES: dict[str, tuple[str, ...]] = {
    "lat": ("lat", "latitude", "lat_deg", "纬度", "y", "wgs84_lat", "latdeg", "北纬"),
    "lon": (
        "lon",
        "lng",
        "long",
        "longitude",
        "lon_deg",
        "经度",
        "x",
        "wgs84_lon",
        "东经",
        "londeg",
    ),
    "altitude": (
        *("alt", "altitude", "altitude_m", "ele", "elevation", "高程", "海拔", "高度", "z"),
        *("alt_m", "elevation_m", "海拔高度"),
    ),
    "name": ("name", "名称", "title", "label", "点名", "编号", "id", "序号", "no", "地点"),
    "time": ("time", "时间", "timestamp", "datetime", "date", "utc"),
    "text": ("text", "description", "desc", "comment", "备注", "说明", "描述"),
    "kind": ("kind",),
    "path": ("path",),
    "height": ("height", "height_reference"),
}
BLANKS = re.compile(r"[ \u3000]+")
UNITS = re.compile(r"[((\[].*$")
DEGREES = re.compile(
    r"""^\s*([NSEW北南东西]?)\s*(\d{1,3})\s*[°度]\s*(\d{1,2}(?:\.\d+)?)\s*['′’分]\s*"""
    r"""(?:(\d{1,2}(?:\.\d+)?)\s*(?:["″”秒]|'')?)?\s*([NSEW北南东西]?)\s*$""",
    re.IGNORECASE,
)
LONGEST_DEGREES = 40
REFERENCES: dict[str, HeightReference] = {
    "amsl": "amsl",
    "agl": "agl",
    "relative": "relative",
    "ellipsoid": "ellipsoid",
}


FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe before it says so."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text


def read_csv(text: str, gathering: Gathering) -> None:
    """Gather the points of a table.

    Raises:
        PlanFileError: no columns of latitude and longitude.
        TooMuchError: over a limit.
    """
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        raise PlanFileError("file", "文件是空的", "the file is empty")
    delimiter = max("\t;,", key=lines[0].count)
    if delimiter not in lines[0]:
        delimiter, text = "\t", BLANKS.sub("\t", text)
    _read(_rows(text, delimiter), delimiter, gathering)


def _rows(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Yield where a row stands and its cells."""
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for row in rows:
            yield f"line {rows.line_num}", [cell.strip() for cell in row]
    except csv.Error as error:
        raise PlanFileError(
            f"line {rows.line_num}", "不是合格的 CSV", f"not CSV ({error})"
        ) from error


def _read(rows: Iterator[tuple[str, list[str]]], delimiter: str, gathering: Gathering) -> None:
    columns: dict[str, int] | None = None
    paths: dict[str, tuple[str, HeightReference, list[FilePoint]]] = {}
    for where, cells in rows:
        if not any(cells) or cells[0].startswith("#"):
            continue
        if columns is None:
            columns = _columns(cells, where)
            if columns is not None:
                unread = [c for i, c in enumerate(cells) if i not in columns.values() and c]
                if unread:
                    gathering.note(
                        f"未读入的列:{'、'.join(unread)[:200]}",
                        f"columns not read: {', '.join(unread)[:200]}",
                    )
                continue
            columns = _guessed(cells, where, gathering)
        name = _cell(cells, columns, "name")
        with gathering.or_left_out(where, name):
            _row(cells, columns, where, delimiter, gathering, paths)
    for where, (name, reference, points) in paths.items():
        with gathering.or_left_out(where, name):
            gathering.path(name, where, points, reference)


def _row(
    cells: list[str],
    columns: dict[str, int],
    where: str,
    delimiter: str,
    gathering: Gathering,
    paths: dict[str, tuple[str, HeightReference, list[FilePoint]]],
) -> None:
    decimal_comma = delimiter != ","
    lat, lon = (
        _degrees(_cell(cells, columns, axis), axis, where, decimal_comma) for axis in ("lat", "lon")
    )
    height, when = _cell(cells, columns, "altitude"), _cell(cells, columns, "time")
    point = gathering.file_point(
        lon,
        lat,
        where,
        _number(height, where, decimal_comma) if height else None,
        gathering.time(when) if when else None,
    )
    reference = REFERENCES.get(_cell(cells, columns, "height"), "unknown")
    name = clipped(_unguarded(_cell(cells, columns, "name")))
    if _cell(cells, columns, "kind") == "path":
        key = f"path {_cell(cells, columns, 'path')[:40]}"
        if key not in paths and len(paths) >= 10_000:
            raise TooMuchError(where, "航线过多", "too many paths")
        paths.setdefault(key, (name, reference, []))[2].append(point)
        return
    place = Place(
        **point.model_dump(),
        name=name,
        description=clipped(_unguarded(_cell(cells, columns, "text")), 4_000),
    )
    gathering.place(place, reference)


def _columns(cells: list[str], where: str) -> dict[str, int] | None:
    """Return which column is what, None where the first line is none of names."""
    plain = [UNITS.sub("", cell).strip().lower() for cell in cells]
    found = {
        what: next(plain.index(name) for name in names if name in plain)
        for what, names in NAMES.items()
        if any(name in plain for name in names)
    }
    if "lat" in found and "lon" in found:
        return found
    if any(re.match(r"^[-+]?\d", cell) for cell in cells):
        return None
    raise PlanFileError(
        where,
        "没有纬度和经度两列;请把列名写成 lat 和 lon,或 纬度 和 经度",
        "no columns of latitude and longitude; name them lat and lon",
    )


def _guessed(cells: list[str], where: str, gathering: Gathering) -> dict[str, int]:
    """Return which column is what in a table without names, by a longitude beyond 90 degrees."""
    values: list[float | None] = []
    for cell in cells:
        try:
            values.append(float(cell))
        except ValueError:
            values.append(None)
    for at in range(len(values) - 1):
        first, second = values[at], values[at + 1]
        if first is None or second is None or max(abs(first), abs(second)) > 180:
            continue
        if abs(first) > 90 >= abs(second) or abs(second) > 90 >= abs(first):
            lon = at if abs(first) > 90 else at + 1
            found = {"lon": lon, "lat": 2 * at + 1 - lon}
            if at > 0 and values[0] is None:
                found["name"] = 0
            if at + 2 < len(values) and values[at + 2] is not None:
                found["altitude"] = at + 2
            gathering.note(
                f"没有列名:第 {lon + 1} 列按经度、第 {found['lat'] + 1} 列按纬度读入",
                f"no column names: column {lon + 1} is read as longitude, {found['lat'] + 1} as "
                "latitude",
            )
            return found
    raise PlanFileError(
        where,
        "没有列名,分不清经度和纬度;请在第一行写 lat,lon",
        "no column names, and longitude can't be told from latitude; begin with a line lat,lon",
    )


def _cell(cells: list[str], columns: dict[str, int], what: str) -> str:
    at = columns.get(what)
    return cells[at] if at is not None and at < len(cells) else ""


def _number(text: str, where: str, decimal_comma: bool) -> float:
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    return finite(text, where)


def _degrees(text: str, axis: str, where: str, decimal_comma: bool) -> float:
    if not text:
        raise PlanFileError(where, "缺少经纬度", "latitude or longitude is missing")
    parts = DEGREES.match(text) if len(text) <= LONGEST_DEGREES else None
    if parts is None:
        return _number(text.rstrip("°度"), where, decimal_comma)
    before, degrees, minutes, seconds, after = parts.groups()
    value = float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    side = (before or after).upper()
    if side and side not in ("NS北南" if axis == "lat" else "EW东西"):
        raise PlanFileError(
            where, f"{text[:40]!r} 方向不符", f"{text[:40]!r} has the wrong direction"
        )
    return -value if side in ("S", "W", "南", "西") and side else value
