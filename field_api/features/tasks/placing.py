"""People who were sent in a direction are told the place once somebody has put it on the map."""

from sqlalchemy import func
from sqlmodel import col, or_, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.detections.records import place_of
from field_api.features.detections.tables import DetectionRecord
from field_api.features.tasks.rules import FINISHED
from field_api.features.tasks.tables import Task, TaskState

__all__ = ["follow_places"]

AT_ONCE = 200


def follow_places(ctx: Services) -> int:
    """Give open tasks the place that their alert was given by hand since; return how many.

    A task whose place a person chose for itself keeps it.
    """
    open_states = [state for state in TaskState if state not in FINISHED]
    behind = (
        select(Task, DetectionRecord)
        .join(DetectionRecord, col(DetectionRecord.id) == Task.detection_id)
        .where(
            col(Task.state).in_(open_states),
            or_(col(Task.lat_deg).is_(None), col(Task.placed_ms).is_not(None)),
            col(DetectionRecord.placed_ms) > func.coalesce(Task.placed_ms, 0),
        )
        .limit(AT_ONCE)
    )
    with ctx.store.read() as session:
        if session.exec(behind.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(behind).all()
        told = 0
        for task, alert in rows:
            place = place_of(alert)
            if place is None:
                continue
            change.put(task)
            task.lat_deg, task.lon_deg = place.point.lat_deg, place.point.lon_deg
            task.error_m, task.placed_by = place.error_m, place.placed_by
            task.placed_ms = place.placed_ms
            change.record(
                "task.placed",
                task.id,
                incident_id=task.incident_id,
                refs={"terminal_id": task.terminal_id, "detection_id": alert.id},
                terminal=task.terminal_id,
                title=task.title,
                lat=task.lat_deg,
                lon=task.lon_deg,
                by=place.placed_by or "",
            )
            told += 1
        return told
