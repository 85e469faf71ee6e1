"""The map base on the wire."""

from typing import Any, Literal

from field_api.core.areas import AreaKind
from field_api.core.wire import View

__all__ = [
    "AreaView",
    "Attribution",
    "Feature",
    "FeatureCollection",
    "Geometry",
    "MapBaseView",
    "PointView",
    "ReliefView",
    "TerrainView",
]


class Geometry(View):
    """A GeoJSON geometry (RFC 7946)."""

    type: Literal["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


class Feature(View):
    """A GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    properties: dict[str, str | float | bool | None]
    geometry: Geometry


class FeatureCollection(View):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]


class ReliefView(View):
    """The shaded relief picture and where it lies."""

    dark_url: str
    light_url: str
    extent_mercator: list[float]
    """[min x, min y, max x, max y] in EPSG:3857 metres; the picture is in that projection."""
    extent_lonlat: list[float]
    """[west, south, east, north], degrees."""


class Attribution(View):
    """Whom the map data comes from."""

    text_zh: str
    text_en: str


class MapBaseView(View):
    """Everything the map draws under the operation, from local data only."""

    relief: ReliefView
    lake: FeatureCollection
    outline: FeatureCollection
    """Schematic district outline (示意), not an authoritative boundary."""
    streets: FeatureCollection
    places: FeatureCollection
    contours: FeatureCollection
    """Every 50 m with `altitude_amsl_m`; `index` is true on full hundreds."""
    attribution: list[Attribution]
    synthetic_terrain: bool
    """The elevation is made up and not for real flight."""


class TerrainView(View):
    """The ground at a place."""

    lat_deg: float
    lon_deg: float
    ground_amsl_m: float | None
    """None outside the elevation grid."""


class PointView(View):
    """A place in WGS-84, as everything inside is."""

    lat_deg: float
    lon_deg: float


class AreaView(View):
    """An administrative area."""

    code: str
    name: str
    kind: AreaKind
    parent: str | None
