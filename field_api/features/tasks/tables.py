"""Tasks: the tables."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = ["Task", "TaskReport", "TaskState", "TaskStep"]


class TaskState(StrEnum):
    """How far a task has come."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    """Called off by the desk."""


class Task(Requested, table=True):
    """A job for one handheld."""

    __table_args__ = (
        Index("ix_task_terminal_state", "terminal_id", "state"),
        # What a handheld shows: open ones and those finished lately.
        Index("ix_task_terminal_finished", "terminal_id", "finished_ms"),
    )

    incident_id: str = Field(index=True, foreign_key="incident.id")
    detection_id: str | None = None
    terminal_id: str
    title: str
    text: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    error_m: float | None = None
    """How far from there it may be: 95 % of the camera's ellipse, or as who placed it said."""
    placed_by: str | None = None
    """Who put the alert on the map by hand; None where the camera gave the place."""
    placed_ms: int | None = integer64(default=None)
    sight_lat_deg: float | None = None
    """Where the camera was that saw it."""
    sight_lon_deg: float | None = None
    bearing_deg: float | None = None
    """In which direction it saw it."""
    distance_m: float | None = None
    state: TaskState = choice(TaskState, index=True)
    created_ms: int = integer64(index=True)
    created_by: str
    acknowledged_ms: int | None = integer64(default=None)
    escalated_ms: int | None = integer64(default=None)
    finished_ms: int | None = integer64(default=None, index=True)
    due_ms: int | None = integer64(default=None)
    """When somebody should be on the scene; None where the desk has set no time."""
    reminded_ms: int | None = integer64(default=None)
    """When the desk last pressed for it."""
    reminded_by: str | None = None
    reminders: int = 0
    handed_to: str | None = None
    """The handheld that another task like this was given to; this one is then called off."""
    handed_from: str | None = None
    """The handheld that had it before."""
    handed_from_id: str | None = None
    """The task that was called off for this one."""


class TaskStep(SQLModel, table=True):
    """One change of a task's state, stored once by the terminal's id."""

    id: str = Field(primary_key=True)
    task_id: str = Field(index=True, foreign_key="task.id")
    to_state: TaskState = choice(TaskState)
    t_ms: int = integer64()
    received_ms: int = integer64()
    by: str
    text: str
    request_sha256: str


class TaskReport(SQLModel, table=True):
    """What the handheld reported, stored once by the terminal's id."""

    id: str = Field(primary_key=True)
    task_id: str = Field(index=True, foreign_key="task.id")
    t_ms: int = integer64()
    received_ms: int = integer64()
    by: str
    text: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    media: list[str] = shape(list[str])
    """SHA-256 of the pictures; they may come later than the report."""
    request_sha256: str
