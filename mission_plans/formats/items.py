"""From the numbers in a mission file to a mission item."""

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_items import MissionItem

__all__ = ["item_of"]


def item_of(
    where: str, seq: int, frame: int, command: int, params: list[float], autocontinue: bool
) -> MissionItem:
    """Return an item of seven parameters, the last three latitude, longitude and altitude.

    Raises:
        PlanFileError: naming `where`, for a position that is none on Earth or a number too large.
    """
    if not (abs(params[4]) <= 90 and abs(params[5]) <= 180):
        raise PlanFileError(where, "latitude is -90..90 and longitude -180..180 degrees")
    try:
        return MissionItem(
            seq=seq,
            frame=frame,
            command=command,
            param1=params[0],
            param2=params[1],
            param3=params[2],
            param4=params[3],
            x=round(params[4] * 1e7),
            y=round(params[5] * 1e7),
            z=params[6],
            autocontinue=autocontinue,
        )
    except ValidationError as error:
        raise PlanFileError(where, str(error)) from error
