"""Reading Mission Planner's plain lists: two-column fences and outlines, and `RALLY` lines.

A fence file (`.fen`) begins with the return point and repeats its first corner at the end; an
outline (`.poly`) has neither; a rally file (`.ral`) has lines such as
`RALLY 24.95 102.61 100 40 0`.
"""

import io
import re
from collections.abc import Iterator

from mission_plans.formats.contents import FenceThing, Place, Rally
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, finite
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence

__all__ = ["FENCE_ENDINGS", "RALLY_ENDINGS", "is_rally_text", "read_pairs", "read_rally_text"]

RALLY_ENDINGS = (".ral", ".rally")
FENCE_ENDINGS = (".fen", ".fence", ".fenc")
SEPARATORS = re.compile(r"[\s,;]+")


def is_rally_text(text: str) -> bool:
    """Return whether the first line with content is one of a rally file."""
    first = next(_lines(text[:20_000]), None)
    return first is not None and first[1][0].upper() == "RALLY"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(io.StringIO(text), start=1):
        content = line.partition("#")[0].strip(" \t\r\n,;")
        if content:
            yield number, SEPARATORS.split(content)


def read_rally_text(text: str, gathering: Gathering) -> None:
    """Gather the rally points of a file; their heights are above home.

    Raises:
        TooMuchError: over a limit.
    """
    places: list[Place] = []
    for number, fields in _lines(text):
        where = f"line {number}"
        with gathering.or_left_out(where, " ".join(fields)[:40]):
            if fields[0].upper() == "RALLY":
                fields = fields[1:]
            if len(fields) < 2:
                raise PlanFileError(
                    where,
                    "应为 [RALLY] 纬度 经度 [高度 …]",
                    "write [RALLY] latitude longitude [altitude ...]",
                )
            lat, lon = (finite(field, where) for field in fields[:2])
            height = finite(fields[2], where) if len(fields) > 2 else None
            at = gathering.file_point(lon, lat, where, height)
            places.append(Place(**at.model_dump(), name=f"R{len(places) + 1}"))
            if any(finite(f, where) != 0 for f in fields[3:]):
                gathering.note(
                    "集结点的盘旋高、降落方向与标志不读入",
                    "break altitude, land direction and flags of rally points are not read",
                )
    if places:
        gathering.add(Rally(name="rally", where="line 1", places=places))


def read_pairs(text: str, ending: str, gathering: Gathering) -> str:
    """Gather a file of latitude and longitude, one pair a line.

    Returns:
        The format it is: `fence` or `poly`.

    Raises:
        PlanFileError: fewer than three corners, or lines that are no pairs: of an outline no corner
            may be missing.
    """
    points: list[GeoPoint] = []
    for number, fields in _lines(text):
        where = f"line {number}"
        if len(fields) != 2:
            raise PlanFileError(
                where,
                f"有 {len(fields)} 列,应为“纬度 经度”两列",
                f"{len(fields)} columns; a corner is latitude and longitude",
            )
        lat, lon = (finite(field, where) for field in fields)
        points.append(gathering.point(lon, lat, where))
    # The return point first and the first corner again at the end: so only fences are written.
    returning = len(points) > 4 and points[1] == points[-1] and points[0] != points[1]
    if ending not in FENCE_ENDINGS and not (returning and ending != ".poly"):
        gathering.area("", "line 1", [[*points, *points[:1]]])
        return "poly"
    corners = points
    if returning:
        corners = points[1:]
        gathering.leave_out(
            "line 1",
            f"{points[0].lat_deg:.6f}, {points[0].lon_deg:.6f}",
            "围栏返回点不读入:越界后按返航处理",
            "a fence's return point is not read: whoever breaks a fence comes home",
        )
    ring, notes = gathering.ring(corners, "line 1")
    fence = Fence(id="F1", name="F1", kind="include", polygon=ring)
    gathering.add(FenceThing(name="F1", where="line 1", fence=fence, notes=notes))
    return "fence"
