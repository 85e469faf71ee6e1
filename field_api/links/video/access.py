"""Which streams a person may watch."""

from sqlmodel import Session, col, exists, select

from field_api.contract.messages import SortieState
from field_api.core.access import Viewer
from field_api.features.flights.tables import SortieRecord
from field_api.features.roster.tables import Terminal, Vehicle
from field_api.features.tasks.rules import FINISHED
from field_api.features.tasks.tables import Task
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT

__all__ = ["IN_THE_AIR", "camera_of", "may_watch"]

IN_THE_AIR = (
    SortieState.STARTING,
    SortieState.FLYING,
    SortieState.PAUSED,
    SortieState.RETURNING,
)


HANDHELD_CAMERA = "-cam"


def camera_of(terminal_id: str) -> str:
    """Return the stream of a handheld's camera."""
    return f"{terminal_id}{HANDHELD_CAMERA}"


def may_watch(session: Session, viewer: Viewer, stream_id: str, *, published: bool) -> bool:
    """Whether a person may watch a stream now.

    Staff watch the aircraft and handhelds of their areas, and whoever is limited to no area also
    what is `published` from elsewhere.
    Others watch the aircraft that are in the air for an incident in which their handheld has an
    open task, or whose guests they are. `session` must not be scoped to the viewer: what counts
    here is not what they may read.
    """
    vehicle = session.exec(select(Vehicle).where(Vehicle.stream_id == stream_id).limit(1)).first()
    if viewer.may(VIDEO_VIEW):
        if vehicle is not None:
            return viewer.in_area(vehicle.area)
        handheld = session.get(Terminal, stream_id.removesuffix(HANDHELD_CAMERA))
        if handheld is not None:
            return published and viewer.in_area(handheld.area)
        return published and not viewer.areas
    if vehicle is None or not viewer.may(VIDEO_VIEW_INCIDENT):
        return False
    flies = select(SortieRecord.incident_id).where(
        SortieRecord.vehicle_id == vehicle.id, col(SortieRecord.state).in_(IN_THE_AIR)
    )
    if viewer.incident_id is not None:
        mine = flies.where(SortieRecord.incident_id == viewer.incident_id)
    elif viewer.terminal_id is not None:
        mine = flies.where(
            exists().where(
                col(Task.incident_id) == col(SortieRecord.incident_id),
                col(Task.terminal_id) == viewer.terminal_id,
                col(Task.state).not_in(FINISHED),
            )
        )
    else:
        return False
    return session.exec(mine.limit(1)).first() is not None
