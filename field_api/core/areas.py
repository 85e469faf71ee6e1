"""Area codes of the district: who contains whom, and which street's seat is nearest.

Codes are the national statistical ones: 6 digits a district (530112), 9 a street, 12 a community.
A code begins with the code of what contains it, so containment is a question of prefixes and needs
no table.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from mission_plans.ground.datum import distance_m

__all__ = ["Area", "AreaKind", "Areas", "contains", "district_areas", "load_areas", "parent_code"]

_CODE = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?", re.ASCII)


class AreaKind(StrEnum):
    """What an area code names."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


_KINDS = {6: AreaKind.DISTRICT, 9: AreaKind.STREET, 12: AreaKind.COMMUNITY}


@dataclass(frozen=True, slots=True)
class Area:
    """One area as the API lists it."""

    code: str
    name: str
    kind: AreaKind
    parent: str | None
    """The code of what contains it, None for the district."""


def contains(outer: str, inner: str) -> bool:
    """Whether the area `inner` is `outer` or lies in it; malformed codes contain nothing."""
    return bool(_CODE.fullmatch(outer) and _CODE.fullmatch(inner)) and inner.startswith(outer)


def parent_code(code: str) -> str | None:
    """Return the code of what contains `code`, None for a district.

    Raises:
        ValueError: not a code of 6, 9 or 12 digits.
    """
    if _CODE.fullmatch(code) is None:
        raise ValueError(f"an area code has 6, 9 or 12 digits: {code[:40]!r}")
    return code[:-3] if len(code) > 6 else None


class Areas:
    """The areas of one district, by code and by name."""

    def __init__(
        self, areas: Iterable[Area], seats_wgs84: Iterable[tuple[str, float, float]] = ()
    ) -> None:
        """Take the areas and, by street code, the latitude and longitude of the streets' seats.

        Raises:
            ValueError: a code comes twice, or has no parent here.
        """
        self._areas: dict[str, Area] = {}
        self._by_name: dict[str, list[Area]] = {}
        for area in areas:
            if area.code in self._areas:
                raise ValueError(f"area {area.code} comes twice")
            self._areas[area.code] = area
            self._by_name.setdefault(area.name, []).append(area)
        for area in self._areas.values():
            if area.parent is not None and area.parent not in self._areas:
                raise ValueError(f"area {area.code} lies in {area.parent}, which is not listed")
        self._seats = {code: (lat, lon) for code, lat, lon in seats_wgs84}

    def known(self, code: str) -> bool:
        """Whether `code` is a district, street or community of ours."""
        return code in self._areas

    def get(self, code: str) -> Area | None:
        """Return the area of `code`."""
        return self._areas.get(code)

    def by_name(self, name: str) -> Area | None:
        """Return the only area called `name`; None when there is none or several."""
        found = self._by_name.get(name, [])
        return found[0] if len(found) == 1 else None

    def listed(self) -> list[Area]:
        """Return all areas, each after what contains it."""
        return sorted(self._areas.values(), key=lambda area: (len(area.code), area.code))

    def seat_wgs84(self, street_code: str) -> tuple[float, float] | None:
        """Return latitude and longitude of a street's seat, where it is known."""
        return self._seats.get(street_code)

    def nearest_street(
        self, lat_deg: float, lon_deg: float, among: Collection[str] | None = None
    ) -> str | None:
        """Return the code of the street whose SEAT is nearest, None when no seat is known.

        This is a guess and no boundary: no street polygons are to be had, seats are good to about
        1 km, and near a border the right street is often the other one. Use it to fill in a form
        that a person looks at, never to decide who is responsible or who may see a record.

        Args:
            lat_deg: Latitude, WGS-84.
            lon_deg: Longitude, WGS-84.
            among: Area codes to choose within: a district's or a street's; None for all.
        """
        candidates = [
            (distance_m((lat_deg, lon_deg), seat), code)
            for code, seat in self._seats.items()
            if among is None or any(contains(outer, code) for outer in among)
        ]
        return min(candidates)[1] if candidates else None


def load_areas(
    streets_csv: str | None = None,
    communities_csv: str | None = None,
    *,
    district_code: str = "530112",
    district_name: str = "西山区",
) -> Areas:
    """Read the district's areas from the files in the package, or from the texts given.

    Raises:
        ValueError: a file has other columns, or codes that do not fit together.
    """
    streets = _rows("streets.csv", streets_csv, ("code", "name", "lat_wgs84", "lon_wgs84"))
    communities = _rows("communities.csv", communities_csv, ("code", "name"))
    areas = [Area(district_code, district_name, AreaKind.DISTRICT, None)]
    seats: list[tuple[str, float, float]] = []
    for row in [*streets, *communities]:
        code = row["code"]
        # The scenic area's bureau stands in the list of streets without a code: it manages land
        # that lies in streets, so it is no area of its own.
        if code == "-":
            continue
        parent = parent_code(code)
        areas.append(Area(code, row["name"], _KINDS[len(code)], parent))
        if row.get("lat_wgs84"):
            seats.append((code, float(row["lat_wgs84"]), float(row["lon_wgs84"])))
    return Areas(areas, seats)


@cache
def district_areas() -> Areas:
    """Return the areas of the files in the package, read once."""
    return load_areas()


def _rows(name: str, text: str | None, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if text is None:
        text = files("field_api").joinpath("data", name).read_text("utf-8")
    reader = csv.DictReader(io.StringIO(text))
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise ValueError(f"{name} lacks the columns {', '.join(sorted(missing))}")
    return [{key: value or "" for key, value in row.items()} for row in reader]
