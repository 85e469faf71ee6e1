"""One cell of a file as the value its column holds, or what is allowed there instead."""

import json
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, NoReturn

from field_api.core.areas import Areas
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.tables import Cell

__all__ = ["BUREAU_ZONE", "CellError", "Value", "convert_cell", "convert_coordinate"]

Value = str | int | float | bool | dict[str, float] | list[object] | dict[str, object] | None

BUREAU_ZONE: Final = timezone(timedelta(hours=8), "UTC+8")
"""Times written without a zone are the bureau's wall clock; China has no summer time."""

_MOST_INTEGER = 2**53 - 1
_TRUE = frozenset({"1", "true", "yes", "y", "是", "有"})
_FALSE = frozenset({"0", "false", "no", "n", "否", "无"})
_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
# The last two are no characters and can't stand in XML, so neither in a workbook.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[+-]?(?:[0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,5})", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{0,30})(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,3})?",
    re.ASCII,
)
_DATE = re.compile(
    r"([0-9]{4})\s*([-/.年])\s*([0-9]{1,2})\s*([-/.月])\s*([0-9]{1,2})\s*日?", re.ASCII
)
_DATE_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_CLOCK = re.compile(
    r"[ T]?\s*([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.([0-9]{1,6}))?秒?)?分?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
_EXCEL_EPOCH = datetime(1899, 12, 30)
# 1954 to 2119: a number outside is hardly meant as a day, and 20261125 is one written together.
_EXCEL_DAYS = (20_000, 80_500)
# Years outside are slips of the pen (0026, 20026), not days of a register.
_YEARS = range(1900, 2200)
_AREA = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Texts:
    zh: str
    en: str


class CellError(ValueError):
    """The cell can't be what its column holds; both texts say what can."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en


def convert_cell(column: Column, cell: Cell, areas: Areas | None = None) -> Value:
    """Return the value of a cell; None for an empty one, required or not.

    Points are made of two cells: see `convert_coordinate`.

    Args:
        column: What the cell must become.
        cell: As the file has it.
        areas: To check area codes and read area names; without it any well-formed code passes.

    Raises:
        CellError: the cell can't be read as this column.
        ValueError: the column is a point.
    """
    if cell is None:
        return None
    if isinstance(cell, str) and cell in _EXCEL_ERRORS:
        raise CellError(f"单元格是公式错误 {cell}", f"the cell is the formula error {cell}")
    match column.kind:
        case ColumnKind.TEXT:
            return _text(cell)
        case ColumnKind.INTEGER:
            return _integer(cell)
        case ColumnKind.NUMBER:
            return _number(cell, column.unit)
        case ColumnKind.BOOLEAN:
            return _boolean(cell)
        case ColumnKind.CHOICE:
            return _choice(column, cell)
        case ColumnKind.DATE:
            return _date(cell)
        case ColumnKind.TIME:
            return _time(cell)
        case ColumnKind.AREA:
            return _area(cell, areas)
        case ColumnKind.JSON | ColumnKind.OUTLINE:
            return _json(cell)
        case ColumnKind.POINT:
            raise ValueError(f"column {column.name} is a point and takes two cells")


def convert_coordinate(cell: Cell, *, latitude: bool) -> float | None:
    """Return decimal degrees; None for an empty cell.

    Raises:
        CellError: no number, or beyond what a latitude or longitude can be.
    """
    most = 90 if latitude else 180
    what = _Texts("纬度", "a latitude") if latitude else _Texts("经度", "a longitude")
    allowed = CellError(
        f"{what.zh}应为 -{most} 到 {most} 的十进制度数,收到 {_shown(cell)}",
        f"{what.en} is decimal degrees from -{most} to {most}, got {_shown(cell)}",
    )
    if cell is None:
        return None
    try:
        value = _number(cell, None)
    except CellError:
        raise allowed from None
    if not -most <= value <= most:
        raise allowed
    return value


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _MOST_INTEGER:
        cell = int(cell)  # Excel keeps a telephone number as 13800000000.0
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else str(cell)
    text = str(cell).replace("\r\n", "\n")
    if _CONTROL.search(text):
        raise CellError("含有控制字符;请删去", "it has control characters; remove them")
    return unicodedata.normalize("NFC", text)


def _integer(cell: Cell) -> int:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        value = cell
    else:
        text = _half_width(cell)
        if text is None or not _INTEGER.fullmatch(text):
            raise CellError(f"应为整数,收到 {_shown(cell)}", f"an integer, got {_shown(cell)}")
        value = int(text.replace(",", ""))
    if abs(value) > _MOST_INTEGER:
        raise CellError(
            f"整数应在 ±{_MOST_INTEGER} 之内", f"an integer within ±{_MOST_INTEGER} is allowed"
        )
    return value


def _number(cell: Cell, unit: str | None) -> float:
    text = _half_width(cell)
    value = math.nan
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = float(cell) if abs(cell) < 1e300 else math.inf
    elif text is not None and any(map(str.isdigit, text)) and _NUMBER.fullmatch(text):
        value = float(text.replace(",", ""))
    if math.isfinite(value):
        return value
    zh, en = (f",单位 {unit},不写单位", f" in {unit}, without the unit") if unit else ("", "")
    raise CellError(f"应为数字{zh},收到 {_shown(cell)}", f"a number{en}, got {_shown(cell)}")


def _boolean(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    text = _half_width(cell if not isinstance(cell, int | float) else f"{cell:g}")
    if text is not None and text.casefold() in _TRUE:
        return True
    if text is not None and text.casefold() in _FALSE:
        return False
    raise CellError(
        f"应为 是/否、true/false 或 1/0,收到 {_shown(cell)}",
        f"是/否, true/false or 1/0, got {_shown(cell)}",
    )


def _choice(column: Column, cell: Cell) -> str:
    text = _text(cell).casefold()
    for name in ("value", "title_zh", "title_en"):
        for choice in column.choices:
            if str(getattr(choice, name)).casefold() == text:
                return choice.value
    raise CellError(
        "应为以下之一:"
        + "、".join(_choice_text(c.value, c.title_zh) for c in column.choices)
        + f";收到 {_shown(cell)}",
        "one of "
        + ", ".join(_choice_text(c.value, c.title_en) for c in column.choices)
        + f"; got {_shown(cell)}",
    )


def _choice_text(value: str, title: str) -> str:
    return value if value == title else f"{title}({value})"


def _date(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    found: date | None = None
    try:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            if _EXCEL_DAYS[0] <= cell <= _EXCEL_DAYS[1]:
                found = (_EXCEL_EPOCH + timedelta(days=int(cell))).date()
            elif float(cell).is_integer():
                found = _day(str(int(cell)))
        else:
            text = _half_width(cell) or ""
            found = _day(text)
            if found is None:
                moment = _moment(text)
                found = None if moment is None else moment.date()
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise CellError(
            "应为 1900 至 2199 年的日期,如 2026-11-25、2026/11/25、2026年11月25日 或 20261125;"
            f"收到 {_shown(cell)}",
            "a date from 1900 to 2199 such as 2026-11-25, 2026/11/25, 2026年11月25日 or "
            f"20261125; got {_shown(cell)}",
        )
    return found.isoformat()


def _time(cell: Cell) -> int:
    moment: datetime | None = None
    try:
        if isinstance(cell, datetime):
            moment = cell
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            if _EXCEL_DAYS[0] <= cell <= _EXCEL_DAYS[1]:
                moment = _EXCEL_EPOCH + timedelta(milliseconds=round(cell * 86_400_000))
        else:
            moment = _moment(_half_width(cell) or "")
        if moment is not None:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=BUREAU_ZONE)
            epoch = datetime(1970, 1, 1, tzinfo=UTC)
            return (moment - epoch) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        pass
    raise CellError(
        f"应为时间,如 2026-11-25 08:30(北京时间)或 2026-11-25T00:30:00Z;收到 {_shown(cell)}",
        "a time such as 2026-11-25 08:30 (Beijing time) or 2026-11-25T00:30:00Z; "
        f"got {_shown(cell)}",
    )


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is not None:
        year, first, month, second, day = match.groups()
        if (first, second) not in {("-", "-"), ("/", "/"), (".", "."), ("年", "月")}:
            return None
    else:
        match = _DATE_COMPACT.fullmatch(text)
        if match is None:
            return None
        year, month, day = match.groups()
    return date(int(year), int(month), int(day)) if int(year) in _YEARS else None


def _moment(text: str) -> datetime | None:
    """Read a day with a time of day, with or without a zone; a bare day is its midnight."""
    start = _DATE.match(text)
    if start is None:
        return None
    day = _day(start.group().strip())
    rest = text[start.end() :].strip()
    if day is None or not rest:
        return None if day is None else datetime.combine(day, datetime.min.time())
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        return None
    hour, minute, second, fraction, zone = clock.groups()
    moment = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0))
    moment += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
    if zone is None:
        return moment
    if zone == "Z":
        return moment.replace(tzinfo=UTC)
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset))


def _area(cell: Cell, areas: Areas | None) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _half_width(_text(cell)) or ""
    if areas is None:
        if _AREA.fullmatch(text):
            return text
    elif areas.known(text):
        return text
    else:
        named = areas.by_name(text)
        if named is not None:
            return named.code
    raise CellError(
        f"应为本区的区划代码(6、9 或 12 位)或唯一的街道、社区名称;收到 {_shown(cell)}",
        "an area code of this district (6, 9 or 12 digits) or the unique name of a street or "
        f"community; got {_shown(cell)}",
    )


def _json(cell: Cell) -> Value:
    if not isinstance(cell, str):
        return cell.isoformat() if isinstance(cell, datetime) else cell

    def refuse_constant(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        return json.loads(cell, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise CellError("应为有效的 JSON", "valid JSON") from None


def _half_width(cell: Cell) -> str | None:
    """Return text with full-width digits and signs as plain ones, as input methods write them."""
    return unicodedata.normalize("NFKC", cell).strip() if isinstance(cell, str) else None


def _shown(cell: Cell) -> str:
    """Return a cell as a fault may quote it: short, and without what could disturb a terminal."""
    text = "" if cell is None else str(cell)
    return "“" + _CONTROL.sub("?", text[:40]) + ("…" if len(text) > 40 else "") + "”"
