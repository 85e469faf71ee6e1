"""What the readers and writers of MAVLink missions share: limits, positions, return height.

Commands: https://mavlink.io/en/messages/common.html#mav_commands
"""

from collections.abc import Sequence

from mission_plans.formats.contents import FileItem, FilePoint, MavlinkMission, Note, Rally, Thing
from mission_plans.formats.errors import PlanFileError

__all__ = [
    "AMSL_FRAMES",
    "MOST_ITEMS",
    "RELATIVE_FRAMES",
    "checked_item",
    "has_position",
    "over_home",
    "with_return_height",
]

MOST_ITEMS = 20_000
RELATIVE_FRAMES = (3, 6)
"""MAV_FRAME_GLOBAL_RELATIVE_ALT and the same with whole numbers."""
AMSL_FRAMES = (0, 5)
"""MAV_FRAME_GLOBAL and the same with whole numbers."""
LAST_NAV = 95
WITHOUT_PLACE = (20, 92, 93, 94)
"""Commands to fly that have none: return, guided, delay, payload place."""
PLACED = (189, 195, 201, 179, 5000, 5001, 5002, 5003, 5004, 5100)
"""Other commands with latitude and longitude."""
AT_HOME_DEG = 2e-6


def has_position(command: int) -> bool:
    """Return whether a command's fifth and sixth parameter are latitude and longitude."""
    return (16 <= command <= LAST_NAV and command not in WITHOUT_PLACE) or command in PLACED


def checked_item(
    where: str, frame: int, command: int, params: Sequence[float | None], autocontinue: bool
) -> FileItem:
    """Return an item.

    Raises:
        PlanFileError: numbers that no message can carry, or a position that is none on Earth.
    """
    lat, lon = params[4], params[5]
    if has_position(command) and not (abs(lat or 0) <= 90 and abs(lon or 0) <= 180):
        raise PlanFileError(
            where,
            f"纬度 {lat}、经度 {lon} 不在地球上:纬度 -90..90,经度 -180..180",
            f"latitude {lat}, longitude {lon}: latitude is -90..90 and longitude -180..180 degrees",
        )
    if not (0 <= frame <= 255 and 0 <= command <= 65_535):
        raise PlanFileError(
            where,
            "坐标框架为 0..255,命令为 0..65535",
            "a frame is 0..255 and a command 0..65535",
        )
    return FileItem(frame=frame, command=command, params=list(params), autocontinue=autocontinue)


def over_home(home: FilePoint | None, place: FilePoint) -> bool:
    """Return whether a place lies over home."""
    return (
        home is not None
        and max(abs(place.lat_deg - home.lat_deg), abs(place.lon_deg - home.lon_deg)) <= AT_HOME_DEG
    )


def with_return_height(things: list[Thing]) -> list[Thing]:
    """Return a file's things with the return height that a rally point over home stands for.

    An autopilot comes home at the height of the rally point it comes to: one over home is how a
    mission file carries the return height.
    """
    missions = [t for t in things if isinstance(t, MavlinkMission) and t.home is not None]
    if len(missions) != 1:
        return things
    (mission,) = missions
    found: list[Thing] = []
    height_m: float | None = None
    for thing in things:
        if isinstance(thing, Rally) and thing.height_reference == "relative":
            over = [p for p in thing.places if over_home(mission.home, p)]
            height_m = max((p.altitude_m for p in over if p.altitude_m is not None), default=None)
            others = [p for p in thing.places if p not in over]
            if height_m is not None and not others:
                continue
            thing = thing.model_copy(update={"places": others or thing.places})
        found.append(thing)
    if height_m is None:
        return things
    said = Note(
        zh=f"起飞点上方的集结点:返航高 {height_m:g} 米",
        en=f"the rally point over home is the return height, {height_m:g} m",
    )
    changed = mission.model_copy(
        update={"return_height_m": height_m, "notes": [*mission.notes, said]}
    )
    return [changed if thing is mission else thing for thing in found]
