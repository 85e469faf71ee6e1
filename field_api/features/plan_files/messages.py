"""What a file holds, and which files a plan or an incident can be had as."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from field_api.core.wire import Body, View
from mission_plans.formats.contents import LeftOut, Note
from mission_plans.values.base import GeoPoint, Ring
from mission_plans.values.plan import Fence

__all__ = [
    "Drawing",
    "DrawnArea",
    "ExportView",
    "FileView",
    "MapFormat",
    "MissionView",
    "NamedPlace",
    "ThingView",
]


class MapFormat(StrEnum):
    """Formats that hold a plan or an incident in one file, by their endings."""

    KML = "kml"
    KMZ = "kmz"
    GEOJSON = "geojson"
    GPX = "gpx"
    CSV = "csv"


class NamedPlace(View):
    """A point of a file."""

    name: str
    lat_deg: float
    lon_deg: float


class MissionView(View):
    """A finished mission, by its figures."""

    system: Literal["mavlink", "dji"]
    items: int
    """Mission items, or waypoints of DJI."""
    return_height_m: float | None
    """Above launch; None leaves it to the aircraft's setting."""
    complete: bool
    """Whether every part of it was read: one with a part missing must not be flown."""


class ThingView(View):
    """One thing of a file: an area, a path, points, a fence, rally points or a mission."""

    kind: Literal["area", "path", "points", "fence", "rally", "mission"]
    name: str
    where: str
    """Where in the file it stands."""
    notes: list[Note]
    rings: list[list[GeoPoint]]
    """Outline and holes of an area, outline of a fence; without closing points."""
    lines: list[list[GeoPoint]]
    """A path, or the way of a mission."""
    places: list[NamedPlace]
    """Points and rally points."""
    corners: int
    """Positions of it altogether."""
    area_m2: float | None = None
    length_m: float | None = None
    closed: bool = False
    """A path that ends where it begins: it can be an outline."""
    fence: Fence | None = None
    mission: MissionView | None = None


class FileView(View):
    """What was read from a file, and what was left out of it and why."""

    file_name: str
    format: str
    encoding: str
    encoding_from: Literal["bom", "declaration", "detected", "standard"]
    things: list[ThingView]
    left_out: list[LeftOut]
    notes: list[Note]
    """On the file as a whole."""


class ExportView(View):
    """A file that can be had, and what it can't carry."""

    name: str
    """Of the file, with its ending."""
    url: str
    size_bytes: int
    left_out: list[LeftOut]
    notes: list[Note]
    refused: Note | None = None
    """Why there is no such file."""


class DrawnArea(Body):
    """An outline with holes."""

    outer: Ring
    holes: Annotated[list[Ring], Field(max_length=100)] = Field(default=[])


class Drawing(Body):
    """What is drawn on the map and planned or stored nowhere."""

    areas: Annotated[list[DrawnArea], Field(min_length=1, max_length=100)]
