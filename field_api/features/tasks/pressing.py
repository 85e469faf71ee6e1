"""Pressing for a task that is late, and giving it to another handheld."""

from sqlmodel import col, select

from field_api.core.blobs.tables import Attachment, attach
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.incidents.records import open_incident
from field_api.features.tasks.messages import HandOverTask, RemindTask
from field_api.features.tasks.permissions import TASK_ASSIGN
from field_api.features.tasks.records import choose_terminal
from field_api.features.tasks.rules import FINISHED
from field_api.features.tasks.tables import Task, TaskState, TaskStep
from mission_plans.values.plan import GeoPoint

__all__ = ["HAND_OVER", "REMIND"]

AGAIN_AFTER_MS = 10_000
"""Two presses within this time are one."""


def _unfinished(change: Change, task_id: str) -> Task:
    row = change.get(Task, task_id)
    if row.state in FINISHED:
        raise refuse(409, "task_is_over", state=both(f"words.task.{row.state.value}"))
    return row


def _remind(call: Call[RemindTask]) -> Task:
    """Press for a task: its handheld sounds, and it is on record who pressed when."""
    change, name = call.change, call.who.actor.name
    row = _unfinished(change, call.target)
    if row.reminded_ms is not None and change.t_ms - row.reminded_ms < AGAIN_AFTER_MS:
        change.repeated = True
        return row
    change.put(row)
    row.reminded_ms, row.reminded_by = change.t_ms, name
    row.reminders += 1
    change.record(
        "task.reminded",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id},
        by=name,
        terminal=row.terminal_id,
        title=row.title,
        count=row.reminders,
    )
    return row


def _hand_over(call: Call[HandOverTask]) -> Task:
    """Give a task to another handheld; its steps and reports stay with the one it was.

    Who had it is told by the same alarm as of any task called off, who gets it as of any new one;
    neither can miss it by having been out of reach meanwhile.
    """
    change, body, name = call.change, call.body, call.who.actor.name
    known = change.known(Task, body, body.id)
    if known is not None:
        return known
    before = _unfinished(change, call.target)
    open_incident(change, before.incident_id)
    if body.terminal_id == before.terminal_id:
        raise refuse(409, "task_is_theirs", field="terminal_id", terminal=body.terminal_id)
    place = None
    if before.lat_deg is not None and before.lon_deg is not None:
        place = GeoPoint(lat_deg=before.lat_deg, lon_deg=before.lon_deg)
    terminal, distance_m = choose_terminal(call.ctx, change, body.terminal_id, place)
    kept = before.model_dump(
        include={
            *("incident_id", "detection_id", "area", "title", "text", "lat_deg", "lon_deg"),
            *("error_m", "placed_by", "placed_ms", "sight_lat_deg", "sight_lon_deg"),
            *("bearing_deg", "due_ms"),
        }
    )
    row = change.create(
        Task(
            **kept,
            id=body.id,
            terminal_id=terminal.id,
            distance_m=distance_m,
            state=TaskState.SENT,
            created_ms=change.t_ms,
            created_by=name,
            handed_from=before.terminal_id,
            handed_from_id=before.id,
            request_sha256=digest(body),
        )
    )
    evidence = select(Attachment).where(
        Attachment.topic == "task",
        Attachment.record_id == before.id,
        col(Attachment.role).startswith("evidence_"),
    )
    for item in change.session.exec(evidence.limit(50)).all():
        attach(change, item.sha256, "task", row.id, role=item.role)
    change.put(before)
    before.state, before.finished_ms = TaskState.CANCELLED, change.t_ms
    before.handed_to = terminal.id
    change.session.add(
        TaskStep(
            id=body.id,
            task_id=before.id,
            to_state=TaskState.CANCELLED,
            t_ms=change.t_ms,
            received_ms=change.t_ms,
            by=name,
            text=body.reason,
            request_sha256=digest(body),
        )
    )
    change.record(
        "task.handed_over",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": terminal.id, "before": before.id},
        by=name,
        source=before.terminal_id,
        terminal=terminal.id,
        title=row.title,
        why=body.reason,
    )
    return row


# What comes out of a queue hours later would press for, or move, what has changed since.
REMIND = Operation("task.remind", TASK_ASSIGN, RemindTask, _remind, targeted=True, batch=False)
HAND_OVER = Operation(
    "task.hand_over",
    TASK_ASSIGN,
    HandOverTask,
    _hand_over,
    makes=Task,
    targeted=True,
    batch=False,
)
