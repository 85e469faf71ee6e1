"""Collecting what a file holds: every thing is taken, or left out with a reason, within limits."""

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from mission_plans.formats.contents import (
    MOST_POINTS,
    Area,
    Attributes,
    FilePoint,
    HeightReference,
    LeftOut,
    Note,
    Path,
    Place,
    Points,
    Thing,
)
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.values.base import GeoPoint

__all__ = ["Gathering", "clipped", "finite"]

MOST_THINGS = 20_000
MOST_NAME = 300
MOST_TEXT = 4_000


def clipped(text: str | None, most: int = MOST_NAME) -> str:
    """Return a text of a file without its ends' blanks, at most so many characters."""
    return (text or "").strip()[:most]


def finite(text: str, where: str) -> float:
    """Return a finite number.

    Raises:
        PlanFileError: it is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise PlanFileError(
            where, f"{text[:40]!r} 不是数字", f"{text[:40]!r} is no number"
        ) from error
    if not abs(value) < 1e12:
        raise PlanFileError(where, f"{text[:40]!r} 超出范围", f"{text[:40]!r} is out of range")
    return value


def time_ms_of(text: str) -> int | None:
    """Return an ISO 8601 time in UTC milliseconds, None where it is none."""
    try:
        parsed = datetime.fromisoformat(text.strip())
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return round(parsed.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


class Gathering:
    """Things, what was left out, and notes, while a file is read."""

    def __init__(self, *, swapped: bool = False) -> None:
        """Begin; `swapped` takes the first number of a position as its latitude."""
        self.things: list[Thing] = []
        self.left_out: list[LeftOut] = []
        self.notes: list[Note] = []
        self.out_of_range = 0
        """Positions that are none on Earth."""
        self.swapped = swapped
        self.doubtful = 0
        """Positions taken the other way round that would have been right as they stand."""
        self._points = 0
        self._places: list[Place] = []
        self._references: set[HeightReference] = set()
        self._unread_times = 0

    def note(self, zh: str, en: str) -> None:
        """Say something about the file, once."""
        note = Note(zh=zh, en=en)
        if note not in self.notes[-50:]:
            self.notes.append(note)

    def note_unread(self, names: Sequence[str]) -> None:
        """Say which elements of the file are not read."""
        if names:
            text = ", ".join(name[:60] for name in names)
            self.note(f"不读入的元素:{text}", f"elements not read: {text}")

    def leave_out(self, where: str, name: str, zh: str, en: str) -> None:
        """Say that something is not taken."""
        self._count()
        self.left_out.append(LeftOut(where=where, name=clipped(name), zh=zh, en=en))

    @contextmanager
    def or_left_out(self, where: str, name: str) -> Generator[None]:
        """Leave out what can't be read inside, for the reason that its error gives."""
        try:
            yield
        except TooMuchError:
            raise
        except PlanFileError as error:
            self.leave_out(error.where or where, name, error.zh, error.en)

    def add(self, thing: Thing) -> None:
        """Take a thing."""
        self._count()
        self.things.append(thing)

    def point(self, lon: float, lat: float, where: str) -> GeoPoint:
        """Return a position and count it.

        Raises:
            PlanFileError: none on Earth.
            TooMuchError: more positions than are read.
        """
        lat, lon = self._position(lon, lat, where)
        return GeoPoint(lat_deg=lat, lon_deg=lon)

    def file_point(
        self,
        lon: float,
        lat: float,
        where: str,
        altitude_m: float | None = None,
        time_ms: int | None = None,
    ) -> FilePoint:
        """Return a position with height and time, counted; raises as `point`."""
        lat, lon = self._position(lon, lat, where)
        return FilePoint(lat_deg=lat, lon_deg=lon, altitude_m=altitude_m, time_ms=time_ms)

    def _position(self, lon: float, lat: float, where: str) -> tuple[float, float]:
        self._points += 1
        if self._points > MOST_POINTS:
            raise TooMuchError(
                where,
                f"文件超过 {MOST_POINTS} 个点,请分成几个文件",
                f"more than {MOST_POINTS} positions; split the file",
            )
        if self.swapped:
            self.doubtful += abs(lat) <= 90 and abs(lon) <= 180
            lon, lat = lat, lon
        if abs(lat) <= 90 and abs(lon) <= 180:
            return lat, lon
        self.out_of_range += 1
        if math.isfinite(lat) and math.isfinite(lon) and max(abs(lat), abs(lon)) > 1000:
            raise PlanFileError(
                where,
                f"{lon:.10g}, {lat:.10g} 不是经纬度,像是投影坐标(米);请导出为 WGS-84 度",
                f"{lon:.10g}, {lat:.10g} are no degrees but look like metres of a projection; "
                "export as WGS-84 degrees",
            )
        raise PlanFileError(
            where,
            f"经度 {lon:.10g}、纬度 {lat:.10g} 不在地球上:经度 -180..180,纬度 -90..90",
            f"longitude {lon:.10g}, latitude {lat:.10g}: longitude is -180..180 and latitude "
            "-90..90 degrees",
        )

    def ring(self, points: Sequence[GeoPoint], where: str) -> tuple[list[GeoPoint], list[Note]]:
        """Return a ring without its closing point.

        Raises:
            PlanFileError: fewer than three different points.
        """
        ring, notes = list(points), list[Note]()
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
        elif len(ring) >= 3:
            notes.append(Note(zh="轮廓未闭合:已闭合", en="the outline was open: it was closed"))
        if len({(p.lat_deg, p.lon_deg) for p in ring}) < 3:
            raise PlanFileError(
                where,
                "轮廓至少要三个不同的点",
                "an outline needs three different points or more",
            )
        return ring, notes

    def area(
        self,
        name: str,
        where: str,
        rings: Sequence[Sequence[GeoPoint]],
        notes: Sequence[Note] = (),
        description: str = "",
        attributes: Attributes | None = None,
    ) -> None:
        """Take an area; a hole that is none is left out.

        Raises:
            PlanFileError: the outline is none.
        """
        outer, said = self.ring(rings[0], where)
        holes: list[list[GeoPoint]] = []
        for index, points in enumerate(rings[1:]):
            with self.or_left_out(f"{where} [{index + 1}]", name):
                hole, _ = self.ring(points, f"{where} hole {index + 1}")
                holes.append(hole)
        self.add(
            Area(
                name=clipped(name),
                where=where,
                outer=outer,
                holes=holes,
                notes=[*notes, *said],
                description=clipped(description, MOST_TEXT),
                attributes=attributes or {},
            )
        )

    def path(
        self,
        name: str,
        where: str,
        points: Sequence[FilePoint],
        height_reference: HeightReference,
        notes: Sequence[Note] = (),
        description: str = "",
        attributes: Attributes | None = None,
    ) -> None:
        """Take a path; one of a single point becomes a place.

        Raises:
            PlanFileError: no point.
        """
        if not points:
            raise PlanFileError(where, "没有坐标", "there are no coordinates")
        if len(points) == 1:
            only = points[0]
            place = Place(
                **only.model_dump(),
                name=clipped(name),
                description=clipped(description, MOST_TEXT),
                attributes=attributes or {},
            )
            self.place(place, height_reference)
            self.note(
                f"{name or where}:只有一个点的线,作为点读入",
                f"{name or where}: a line of one point is read as a point",
            )
            return
        first, last = points[0], points[-1]
        closed = len(points) >= 4 and (first.lat_deg, first.lon_deg) == (last.lat_deg, last.lon_deg)
        self.add(
            Path(
                name=clipped(name),
                where=where,
                points=list(points),
                height_reference=height_reference,
                closed=closed,
                notes=list(notes),
                description=clipped(description, MOST_TEXT),
                attributes=attributes or {},
            )
        )

    def place(self, place: Place, height_reference: HeightReference) -> None:
        """Take a single place."""
        self._count()
        if place.altitude_m is not None:
            self._references.add(height_reference)
        self._places.append(place)

    def time(self, text: str) -> int | None:
        """Return a time, or count it as unread."""
        found = time_ms_of(text)
        if found is None:
            self._unread_times += 1
        return found

    def finish(self) -> None:
        """Gather the places into one thing."""
        if self._unread_times:
            self.note(
                f"{self._unread_times} 个时间读不懂,已略去(应为 ISO 8601)",
                f"{self._unread_times} times are unreadable and left out (ISO 8601 is read)",
            )
            self._unread_times = 0
        if not self._places:
            return
        one = len(self._references) == 1
        self.things.append(
            Points(
                name="",
                places=self._places,
                height_reference=next(iter(self._references)) if one else "unknown",
            )
        )
        self._places = []

    def _count(self) -> None:
        if len(self.things) + len(self._places) + len(self.left_out) >= MOST_THINGS:
            raise TooMuchError(
                "file",
                f"超过 {MOST_THINGS} 个对象,请分成几个文件",
                f"more than {MOST_THINGS} things; split the file",
            )
