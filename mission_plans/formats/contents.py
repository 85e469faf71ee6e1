"""What a file holds: areas, paths, points, fences, rally points, missions, and what was left out.

The same values are what is written to files, so reading what was written gives them again.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mission_plans.values.base import GeoPoint, Latitude, Longitude, Value
from mission_plans.values.plan import Fence

__all__ = [
    "MOST_POINTS",
    "Area",
    "AttributeValue",
    "Attributes",
    "DjiAction",
    "DjiActionGroup",
    "DjiMission",
    "DjiPoint",
    "DjiWayline",
    "FenceThing",
    "FileContents",
    "FileItem",
    "FilePoint",
    "HeightReference",
    "LeftOut",
    "MavlinkMission",
    "Note",
    "Path",
    "Place",
    "Points",
    "Rally",
    "Thing",
]

MOST_POINTS = 200_000
"""Positions read from one file."""

HeightReference = Literal["amsl", "agl", "relative", "ellipsoid", "unknown"]
"""What heights are measured from; `relative` is the take-off point, `unknown` is not said."""

AttributeValue = str | int | float | bool | None | list[str | int | float | bool | None]
Attributes = dict[str, AttributeValue]
Name = Annotated[str, StringConstraints(max_length=300)]


class Note(Value):
    """Something that was understood in a way its writer should know of."""

    zh: str
    en: str


class LeftOut(Value):
    """Something of a file that was not taken, or can't be written."""

    where: str
    """Line, element or field."""
    name: str
    zh: str
    en: str


class FilePoint(Value):
    """A position of a path, with height and time where the file says them."""

    lat_deg: Latitude
    lon_deg: Longitude
    altitude_m: float | None = None
    time_ms: int | None = None
    """UTC, milliseconds since 1970."""


class Place(FilePoint):
    """A point with a name."""

    name: Name = ""
    description: str = ""
    attributes: Attributes = Field(default={})


class _Thing(Value):
    name: Name = ""
    where: str = ""
    """Where in the file it stands."""
    description: str = ""
    notes: list[Note] = Field(default=[])
    attributes: Attributes = Field(default={})
    """Further properties the file gives."""


class Area(_Thing):
    """An outline with holes, rings without their closing points."""

    kind: Literal["area"] = "area"
    outer: list[GeoPoint]
    holes: list[list[GeoPoint]] = Field(default=[])


class Path(_Thing):
    """A line: a route, or a track where its points have times."""

    kind: Literal["path"] = "path"
    points: list[FilePoint]
    height_reference: HeightReference = "unknown"
    closed: bool = False
    """The last point is the first one: it can be used as an outline."""


class Points(_Thing):
    """All single places of a file."""

    kind: Literal["points"] = "points"
    places: list[Place]
    height_reference: HeightReference = "unknown"


class FenceThing(_Thing):
    """A geofence."""

    kind: Literal["fence"] = "fence"
    fence: Fence


class Rally(_Thing):
    """Places to come down at instead of home."""

    kind: Literal["rally"] = "rally"
    places: list[Place]
    height_reference: HeightReference = "relative"


class FileItem(Value):
    """One MAVLink mission item; None among the parameters leaves it to the autopilot (NaN)."""

    frame: int
    command: int
    params: Annotated[list[float | None], Field(min_length=7, max_length=7)]
    """The last three are latitude, longitude (degrees) and altitude where there is a position."""
    autocontinue: bool = True


class MavlinkMission(_Thing):
    """A finished mission of ArduPilot or PX4."""

    kind: Literal["mission"] = "mission"
    system: Literal["mavlink"] = "mavlink"
    home: FilePoint | None = None
    """Planned home; its altitude is AMSL."""
    items: list[FileItem]
    """Without home."""
    firmware_type: int | None = None
    """MAV_AUTOPILOT: 3 ArduPilot, 12 PX4."""
    vehicle_type: int | None = None
    """MAV_TYPE: 2 quadrotor."""
    cruise_ms: float | None = None
    hover_ms: float | None = None
    return_height_m: float | None = None
    """Above launch, on the way home that the mission itself flies; None leaves it to the aircraft's
    own return altitude."""
    complete: bool = True
    """Whether every item of the file is in `items`."""


class DjiAction(Value):
    """What an aircraft of DJI does at a waypoint, in the words of WPML."""

    name: str
    parameters: dict[str, str] = Field(default={})


class DjiActionGroup(Value):
    """Actions from one waypoint to another."""

    first: int
    last: int
    mode: str = "sequence"
    trigger: str = "reachPoint"
    trigger_value: float | None = None
    actions: list[DjiAction]


class DjiPoint(Value):
    """One waypoint of DJI."""

    lat_deg: Latitude
    lon_deg: Longitude
    height_m: float
    """Measured from the wayline's `height_reference`."""
    speed_ms: float
    """Of the leg that leaves this point."""
    hold_s: float = 0.0
    turn_mode: str = "toPointAndStopWithDiscontinuityCurvature"
    turn_damping_m: float = 0.0
    heading_mode: str = "followWayline"
    heading_deg: float | None = None
    heading: dict[str, str] = Field(default={})
    """What else `waypointHeadingParam` says, such as the point of interest."""
    gimbal: dict[str, str] = Field(default={})
    """What `waypointGimbalHeadingParam` says."""
    straight: bool = True


class DjiWayline(Value):
    """One wayline: points with one height reference, and the actions along them."""

    height_reference: HeightReference
    speed_ms: float
    points: list[DjiPoint]
    groups: list[DjiActionGroup] = Field(default=[])


class DjiMission(_Thing):
    """A finished mission of DJI, every wayline of it."""

    kind: Literal["mission"] = "mission"
    system: Literal["dji"] = "dji"
    waylines: list[DjiWayline]
    finish: str = "goHome"
    """`goHome`, `noAction`, `autoLand` or `gotoFirstWaypoint`."""
    on_lost_link: str = "goBack"
    """`goBack`, `landing` or `hover`; `goContinue` flies on."""
    takeoff_height_m: float | None = None
    """Climb before the first waypoint, above launch."""
    return_height_m: float | None = None
    """Above launch; None leaves it to the aircraft's setting."""
    transit_ms: float | None = None
    drone: tuple[int, int] | None = None
    """Model and sub-model, numbers of WPML."""
    payload: tuple[int, int] | None = None
    complete: bool = True
    """Whether every wayline and waypoint of the file is in `waylines`."""


Mission = Annotated[MavlinkMission | DjiMission, Field(discriminator="system")]
Thing = Annotated[
    Area | Path | Points | FenceThing | Rally | Mission,
    Field(discriminator="kind"),
]


class FileContents(Value):
    """What was read from a file and what was not."""

    file_name: str
    format: str
    """By content: `qgc_plan`, `wpl`, `fence`, `rally`, `poly`, `kml`, `kmz`, `gpx`, `geojson`,
    `sartopo`, `dji_wpml`, `csv` or `json_places`."""
    encoding: str
    encoding_from: Literal["bom", "declaration", "detected", "standard"]
    """How the encoding is known; `standard` is what the format prescribes."""
    things: list[Thing]
    left_out: list[LeftOut] = Field(default=[])
    notes: list[Note] = Field(default=[])
    """On the file as a whole."""

    @property
    def areas(self) -> list[Area]:
        """Return the areas."""
        return [t for t in self.things if isinstance(t, Area)]

    @property
    def paths(self) -> list[Path]:
        """Return the paths."""
        return [t for t in self.things if isinstance(t, Path)]

    @property
    def fences(self) -> list[Fence]:
        """Return the geofences."""
        return [t.fence for t in self.things if isinstance(t, FenceThing)]

    @property
    def missions(self) -> list[MavlinkMission | DjiMission]:
        """Return the missions."""
        return [t for t in self.things if isinstance(t, MavlinkMission | DjiMission)]

    @property
    def places(self) -> list[Place]:
        """Return the single places."""
        return [p for t in self.things if isinstance(t, Points) for p in t.places]

    @property
    def rally(self) -> list[Place]:
        """Return the rally points."""
        return [p for t in self.things if isinstance(t, Rally) for p in t.places]
