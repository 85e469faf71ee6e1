"""Coordinate systems that a GeoJSON file names: degrees of WGS-84 or CGCS2000, or converted."""

import re
from collections.abc import Callable
from typing import Any

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from mission_plans.formats.contents import Note
from mission_plans.formats.errors import PlanFileError

__all__ = ["Conversion", "conversion_of"]

Conversion = Callable[[float, float], tuple[float, float]]
CODE = re.compile(r"(?:^|:)(CRS84|\d{3,6})$", re.IGNORECASE)
WGS84_CODES = ("4326", "4979", "CRS84")
SAME_DATUM = ("World Geodetic System 1984", "China 2000", "China Geodetic Coordinate System 2000")
"""CGCS2000 and WGS-84 differ by centimetres."""


def conversion_of(crs: Any) -> tuple[Conversion | None, Note | None]:
    """Return how positions become WGS-84 longitude and latitude, and what to say about it.

    Raises:
        PlanFileError: a system that is not known, or of another datum.
    """
    name = _name(crs)
    if name is None:
        return None, None
    code = CODE.search(name)
    if code is None and "CRS84" in name.upper():
        return None, None
    if code is None:
        raise _refused(name)
    if code.group(1).upper() in WGS84_CODES:
        return None, None
    try:
        system = CRS.from_epsg(int(code.group(1)))
    except CRSError as error:
        raise _refused(name) from error
    geodetic = system.geodetic_crs
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    if not datum.startswith(SAME_DATUM):
        raise _refused(f"{name} ({system.name})")
    said = f"{system.name} (EPSG:{code.group(1)})"
    if system.is_geographic:
        return None, Note(
            zh=f"坐标系 {said},与 WGS-84 相差厘米级,按 WGS-84 读入",
            en=f"coordinates are in {said}, read as WGS-84: they differ by centimetres",
        )
    transformer = Transformer.from_crs(system, 4326, always_xy=True)
    note = Note(
        zh=f"坐标系 {said},已换算为 WGS-84", en=f"coordinates in {said} were converted to WGS-84"
    )

    def convert(x: float, y: float) -> tuple[float, float]:
        lon, lat = transformer.transform(x, y)
        return float(lon), float(lat)

    return convert, note


def _name(crs: Any) -> str | None:
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else crs
    if isinstance(properties, dict):
        properties = properties.get("name", properties.get("code"))
    return str(properties)[:120]


def _refused(name: str) -> PlanFileError:
    return PlanFileError(
        "crs",
        f"坐标系 {name} 不读入;请导出为 WGS-84(EPSG:4326)或 CGCS2000(EPSG:4490)",
        f"coordinate system {name} is not read; export as WGS-84 (EPSG:4326) or CGCS2000 "
        "(EPSG:4490)",
    )
