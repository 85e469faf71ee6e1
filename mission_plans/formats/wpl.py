"""Reading ArduPilot's waypoint files, `QGC WPL 110`: one item a line, the first is home.

Format: https://mavlink.io/en/file_formats/#mission_plain_text_file
Mission Planner saves fences and rally points in the same form; the commands say which is which.
"""

import math
import re

from mission_plans.formats.contents import (
    FenceThing,
    FileItem,
    FilePoint,
    MavlinkMission,
    Note,
    Place,
    Rally,
)
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.gathering import Gathering
from mission_plans.formats.mavlink_rules import (
    MOST_ITEMS,
    RELATIVE_FRAMES,
    checked_item,
    with_return_height,
)
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence

__all__ = ["FENCE_CIRCLES", "FENCE_VERTICES", "HEADER", "RALLY_POINT", "read_wpl"]

HEADER = re.compile(r"^\s*QGC[\s,]+WPL[\s,]+110\b", re.IGNORECASE)
COLUMNS = 12
HOME_COMMANDS = (0, 16)
FENCE_RETURN = 5000
FENCE_VERTICES = {5001: "include", 5002: "exclude"}
FENCE_CIRCLES = {5003: "include", 5004: "exclude"}
FENCE_COMMANDS = range(5000, 5100)
RALLY_POINT = 5100


def read_wpl(text: str, gathering: Gathering) -> None:
    """Gather the mission, fences and rally points of a file.

    Raises:
        PlanFileError: naming the line, for another version, wrong columns or numbers; a mission of
            which a line is missing is another mission.
    """
    lines = text.splitlines()
    if not lines or not HEADER.match(lines[0]):
        raise PlanFileError(
            "line 1",
            "航点文件以 “QGC WPL 110” 开头",
            "a waypoint file begins with 'QGC WPL 110'",
        )
    items: list[tuple[FileItem, str]] = []
    expected, in_order = None, True
    for number, line in enumerate(lines[1:], start=2):
        content = line.partition("#")[0].strip()
        if not content:
            if line.strip():
                gathering.note("注释略去", "comments are left out")
            continue
        if len(items) == MOST_ITEMS:
            raise TooMuchError(
                f"line {number}",
                f"超过 {MOST_ITEMS} 个任务项",
                f"more than {MOST_ITEMS} items",
            )
        seq, item = _item(content, f"line {number}", gathering)
        in_order = in_order and (expected is None or seq == expected)
        expected = seq + 1
        items.append((item, f"line {number}"))
    if not items:
        raise PlanFileError("file", "没有任务项;第一项是起飞点", "no items; the first is home")
    if not in_order:
        gathering.note(
            "序号不连续,按行序读入;请核对是否缺行",
            "the items' numbers have gaps: read in the order of lines; check that none is missing",
        )
    _sort(items, gathering)
    gathering.things = with_return_height(gathering.things)


def _sort(items: list[tuple[FileItem, str]], gathering: Gathering) -> None:
    special = {*FENCE_COMMANDS, RALLY_POINT}
    flown = [pair for pair in items if pair[0].command not in special]
    _fences([p for p in items if p[0].command in special - {RALLY_POINT}], gathering)
    _rally([p for p in items if p[0].command == RALLY_POINT], gathering)
    home: FilePoint | None = None
    if flown and flown[0] is items[0] and items[0][0].command in HOME_COMMANDS:
        item, where = flown.pop(0)
        lat, lon, altitude = item.params[4:]
        if item.frame in RELATIVE_FRAMES and altitude:
            gathering.note(
                "第一项按格式是起飞点,其相对高度略去",
                "the first item is home by the format: its height above itself is left out",
            )
            altitude = None
        if lat is not None and lon is not None:
            home = gathering.file_point(lon, lat, where, altitude)
    if not flown and len(items) > 1:
        # A file of fences or rally points begins with home too.
        return
    notes: list[Note] = []
    if home is None or (home.lat_deg, home.lon_deg) == (0, 0):
        notes.append(Note(zh="未设起飞点", en="home is not set"))
    if not flown:
        notes.append(Note(zh="只有起飞点,没有任务项", en="it holds home and nothing to fly"))
    flight = [item for item, _ in flown]
    gathering.add(
        MavlinkMission(
            where=items[0][1],
            home=home,
            items=flight,
            notes=notes,
        )
    )


def _fences(items: list[tuple[FileItem, str]], gathering: Gathering) -> None:
    at, count = 0, 0
    while at < len(items):
        item, where = items[at]
        lat, lon = item.params[4] or 0.0, item.params[5] or 0.0
        size = item.params[0] or 0.0
        count += 1
        name = f"F{count}"
        if item.command == FENCE_RETURN:
            gathering.leave_out(
                where,
                "fence return point",
                "围栏返回点不读入:越界后按返航处理",
                "a fence's return point is not read: whoever breaks a fence comes home",
            )
            at, count = at + 1, count - 1
            continue
        if item.command not in FENCE_CIRCLES and item.command not in FENCE_VERTICES:
            gathering.leave_out(
                where,
                f"MAV_CMD {item.command}",
                "未知的围栏种类",
                "a kind of fence that is not known",
            )
            at, count = at + 1, count - 1
            continue
        with gathering.or_left_out(where, name):
            if item.command in FENCE_CIRCLES:
                at += 1
                if not 0 < size < 1e7:
                    raise PlanFileError(where, "半径应大于 0", "its radius must be above 0")
                kind = FENCE_CIRCLES[item.command]
                centre = gathering.point(lon, lat, where)
                _fence(name, where, kind, gathering, centre=centre, radius_m=size)
            else:
                corners = int(size) if 0 < size < MOST_ITEMS else 1
                part = [
                    pair for pair in items[at : at + corners] if pair[0].command == item.command
                ]
                at += max(1, len(part))
                notes = []
                if len(part) < corners:
                    notes.append(
                        Note(
                            zh=f"应有 {corners} 个顶点,只有 {len(part)} 个,请核对",
                            en=f"it should have {corners} corners and has {len(part)}: check it",
                        )
                    )
                ring = [
                    gathering.point(i.params[5] or 0.0, i.params[4] or 0.0, line)
                    for i, line in part
                ]
                ring, _ = gathering.ring(ring, where)
                _fence(
                    name, where, FENCE_VERTICES[item.command], gathering, polygon=ring, notes=notes
                )


def _fence(
    name: str,
    where: str,
    kind: str,
    gathering: Gathering,
    polygon: list[GeoPoint] | None = None,
    centre: GeoPoint | None = None,
    radius_m: float | None = None,
    notes: list[Note] | None = None,
) -> None:
    fence = Fence(
        id=name,
        name=name,
        kind="include" if kind == "include" else "exclude",
        polygon=polygon or [],
        centre=centre,
        radius_m=radius_m,
    )
    gathering.add(FenceThing(name=name, where=where, fence=fence, notes=notes or []))


def _rally(items: list[tuple[FileItem, str]], gathering: Gathering) -> None:
    places = [
        Place(
            lat_deg=item.params[4] or 0.0,
            lon_deg=item.params[5] or 0.0,
            altitude_m=item.params[6],
            name=f"R{number}",
        )
        for number, (item, _) in enumerate(items, start=1)
    ]
    if places:
        relative = all(item.frame in (3, 6) for item, _ in items)
        gathering.add(
            Rally(
                name="rally",
                where=items[0][1],
                places=places,
                height_reference="relative" if relative else "amsl",
            )
        )


def _item(line: str, where: str, gathering: Gathering) -> tuple[int, FileItem]:
    fields = [field.rstrip(",;") for field in line.split()]
    if len(fields) == COLUMNS and any("," in field for field in fields):
        gathering.note("小数逗号按小数点读入", "decimal commas are read as points")
        fields = [field.replace(",", ".") for field in fields]
    elif len(fields) != COLUMNS:
        fields = [field.strip() for field in re.split(r"[,;]", line.rstrip(",;"))]
    if len(fields) != COLUMNS:
        raise PlanFileError(
            where,
            f"有 {len(line.split())} 列,任务项应有 {COLUMNS} 列",
            f"{len(line.split())} columns; an item has {COLUMNS}",
        )
    try:
        numbers = [float(field) for field in fields]
    except ValueError as error:
        raise PlanFileError(where, "有一列不是数字", "a column is no number") from error
    # A parameter may be left to the autopilot; a number, frame or command may not.
    whole = [*numbers[:4], numbers[11]]
    if not all(abs(n) < 1e9 for n in whole) or not all(
        math.isnan(n) or abs(n) < 1e12 for n in numbers[4:11]
    ):
        raise PlanFileError(where, "每个数都应是有限的", "every value must be finite")
    params = [None if math.isnan(n) else n for n in numbers[4:11]]
    item = checked_item(where, int(numbers[2]), int(numbers[3]), params, int(numbers[11]) != 0)
    return int(numbers[0]), item
