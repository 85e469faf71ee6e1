"""Which streams a person may watch."""

from sqlmodel import Session, col, exists, select

from field_api.contract.messages import SortieState
from field_api.core.access import Viewer
from field_api.features.flights.tables import SortieRecord
from field_api.features.roster.tables import Vehicle
from field_api.features.tasks.rules import FINISHED
from field_api.features.tasks.tables import Task
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT

__all__ = ["IN_THE_AIR", "may_watch"]

IN_THE_AIR = (
    SortieState.STARTING,
    SortieState.FLYING,
    SortieState.PAUSED,
    SortieState.RETURNING,
)


def may_watch(session: Session, viewer: Viewer, stream_id: str, *, published: bool) -> bool:
    """Whether a person may watch a stream now.

    Staff watch the aircraft of their areas, and whoever is limited to no area also what is
    `published` from elsewhere.
    Others watch the aircraft that are in the air for an incident in which their handheld has an
    open task, or whose guests they are. `session` must not be scoped to the viewer: what counts
    here is not what they may read.
    """
    vehicle = session.exec(select(Vehicle).where(Vehicle.stream_id == stream_id)).first()
    if viewer.may(VIDEO_VIEW):
        if vehicle is None:
            return published and not viewer.areas
        return viewer.in_area(vehicle.area)
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
