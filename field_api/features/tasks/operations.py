"""Sending tasks, receipts and reports."""

from field_api.contract.messages import Detection
from field_api.core.blobs.tables import attach
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.detections.records import place_of
from field_api.features.detections.tables import DetectionRecord
from field_api.features.incidents.records import open_incident
from field_api.features.positions.rules import Located, by_distance
from field_api.features.tasks.messages import (
    AssignTask,
    CancelTask,
    TaskReportBody,
    TransitionBody,
)
from field_api.features.tasks.permissions import TASK_ASSIGN, TASK_WORK
from field_api.features.tasks.records import choose_terminal
from field_api.features.tasks.rules import FINISHED, TRANSITIONS, allowed
from field_api.features.tasks.tables import Task, TaskReport, TaskState, TaskStep
from mission_plans.values.plan import GeoPoint

__all__ = ["ASSIGN", "CANCEL", "MOVE", "REPORT"]


def _own(call: Call[TransitionBody] | Call[TaskReportBody]) -> Task:
    row = call.change.get(Task, call.target)
    if call.who.viewer.terminal_id != row.terminal_id:
        raise refuse(403, "other_terminal")
    return row


def _same(
    change: Change,
    known: TaskStep | TaskReport | None,
    body: TransitionBody | TaskReportBody | CancelTask,
    task: Task,
) -> bool:
    """Whether a step or report was stored before.

    Raises:
        ApiError: 409, another one has its id.
    """
    if known is None:
        return False
    if known.request_sha256 != digest(body) or known.task_id != task.id:
        raise refuse(409, "id_taken", field="id")
    change.repeated = True
    return True


def _assign(call: Call[AssignTask]) -> Task:
    """Send a task to a named terminal or to the nearest free one; repeating the body is safe.

    To a place, to an alert (its place goes along, and its direction even before it has one), or
    with words only. A task goes to one handheld: for several at once, send each its own.
    """
    change, body = call.change, call.body
    known = change.known(Task, body, body.id)
    if known is not None:
        return known
    incident = open_incident(change, body.incident_id)
    alert = None
    if body.detection_id:
        alert = change.get(DetectionRecord, body.detection_id, field="detection_id")
    place = None
    if body.lat_deg is not None and body.lon_deg is not None:
        place = GeoPoint(lat_deg=body.lat_deg, lon_deg=body.lon_deg)
    known_place = place_of(alert) if alert is not None else None
    of_alert = known_place if place in (None, known_place and known_place.point) else None
    place = of_alert.point if of_alert else place
    terminal, distance_m = choose_terminal(call.ctx, change, body.terminal_id, place)
    seen = alert.detection if alert is not None else None
    seen_from = seen.pose if seen is not None else None
    row = change.create(
        Task(
            **body.model_dump(exclude={"terminal_id", "lat_deg", "lon_deg"}),
            lat_deg=place.lat_deg if place else None,
            lon_deg=place.lon_deg if place else None,
            error_m=of_alert.error_m if of_alert else None,
            placed_by=of_alert.placed_by if of_alert else None,
            placed_ms=of_alert.placed_ms if of_alert else None,
            sight_lat_deg=seen_from.lat_deg if seen_from else None,
            sight_lon_deg=seen_from.lon_deg if seen_from else None,
            bearing_deg=_bearing_deg(seen),
            area=incident.area,
            terminal_id=terminal.id,
            distance_m=distance_m,
            state=TaskState.SENT,
            created_ms=change.t_ms,
            created_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    refs = {"terminal_id": terminal.id}
    if alert is not None:
        refs["detection_id"] = alert.id
        for item in alert.detection.evidence:
            # Who is sent to a place sees why.
            attach(change, item.sha256, "task", row.id, role=f"evidence_{item.role}")
    change.record(
        "task.sent",
        row.id,
        incident_id=row.incident_id,
        refs=refs,
        holder=Both(terminal.holder, terminal.holder_en),
        terminal=terminal.id,
        title=row.title,
    )
    return row


def _bearing_deg(seen: Detection | None) -> float | None:
    """The direction in which an alert was seen: as its node said, else from camera to place."""
    if seen is None or seen.pose is None:
        return None
    if seen.bearing_deg is not None:
        return seen.bearing_deg % 360
    if seen.position is None:
        return None
    camera, at = seen.pose, seen.position
    if (camera.lat_deg, camera.lon_deg) == (at.lat_deg, at.lon_deg):
        return None  # it looks straight down
    here = Located("", at.lat_deg, at.lon_deg)
    return by_distance([here], camera.lat_deg, camera.lon_deg)[0].bearing_deg % 360


def _move(call: Call[TransitionBody]) -> Task:
    """Acknowledge a task or move it on; only its own terminal may. Repeating the body is safe."""
    change, body = call.change, call.body
    row = _own(call)
    if _same(change, change.made_before(TaskStep, body.id), body, row):
        return row
    to = TaskState(body.to)
    if not allowed(row.state, to):
        options = sorted(TRANSITIONS[row.state])
        raise refuse(
            409,
            "not_allowed_now",
            field="to",
            state=both(f"words.task.{row.state.value}"),
            to=both(f"words.task.{to.value}"),
            options=", ".join(options) or "nothing",
        )
    change.put(row)
    row.state = to
    if to is TaskState.ACKNOWLEDGED:
        row.acknowledged_ms = change.t_ms
    if to in FINISHED:
        row.finished_ms = change.t_ms
    change.session.add(
        TaskStep(
            id=body.id,
            task_id=row.id,
            to_state=to,
            t_ms=body.t_ms,
            received_ms=change.t_ms,
            by=call.who.actor.name,
            text=body.text,
            request_sha256=digest(body),
        )
    )
    change.record(
        f"task.{body.to}",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id, "t_ms": str(body.t_ms)},
        text="task.moved",
        terminal=row.terminal_id,
        to=both(f"words.task.{to.value}"),
        title=row.title,
        detail=body.text,
    )
    return row


def _cancel(call: Call[CancelTask]) -> Task:
    """Call a task off; its handheld is told, with the reason. Repeating the body is safe."""
    change, body = call.change, call.body
    row = change.get(Task, call.target)
    if _same(change, change.made_before(TaskStep, body.id), body, row):
        return row
    if row.state in FINISHED:
        raise refuse(409, "task_finished", state=both(f"words.task.{row.state.value}"))
    change.put(row)
    row.state = TaskState.CANCELLED
    row.finished_ms = change.t_ms
    change.session.add(
        TaskStep(
            id=body.id,
            task_id=row.id,
            to_state=TaskState.CANCELLED,
            t_ms=change.t_ms,
            received_ms=change.t_ms,
            by=call.who.actor.name,
            text=body.reason,
            request_sha256=digest(body),
        )
    )
    change.record(
        "task.cancelled",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id},
        by=call.who.actor.name,
        terminal=row.terminal_id,
        title=row.title,
        why=body.reason,
    )
    return row


def _report(call: Call[TaskReportBody]) -> Task:
    """Report from the scene; the same body again answers 200, another one under the id 409."""
    change, body = call.change, call.body
    row = _own(call)
    if _same(change, change.made_before(TaskReport, body.id), body, row):
        return row
    change.session.add(
        TaskReport(
            **body.model_dump(),
            task_id=row.id,
            received_ms=change.t_ms,
            by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    for sha256 in body.media:
        attach(change, sha256, "task", row.id, role="report", t_ms=body.t_ms)
    change.put(row)
    change.record(
        "task.reported",
        row.id,
        incident_id=row.incident_id,
        refs={
            "report_id": body.id,
            "terminal_id": row.terminal_id,
            "t_ms": str(body.t_ms),
            "media": ",".join(body.media),
        },
        terminal=row.terminal_id,
        count=len(body.media),
        detail=body.text,
    )
    return row


ASSIGN = Operation("task.assign", TASK_ASSIGN, AssignTask, _assign, makes=Task)
# One that comes out of a queue hours later would call off what nobody meant.
CANCEL = Operation("task.cancel", TASK_ASSIGN, CancelTask, _cancel, targeted=True, batch=False)
MOVE = Operation("task.move", TASK_WORK, TransitionBody, _move, makes=TaskStep, targeted=True)
REPORT = Operation(
    "task.report", TASK_WORK, TaskReportBody, _report, makes=TaskReport, targeted=True
)
