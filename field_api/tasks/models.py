"""Tasks: tables and wire shapes."""

from typing import Annotated, Literal

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.contract.ids import RecordId
from field_api.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Name,
    Sha256,
    ShortText,
    View,
)

__all__ = [
    "AssignTask",
    "Task",
    "TaskReport",
    "TaskReportBody",
    "TaskReportView",
    "TaskState",
    "TaskStep",
    "TaskStepView",
    "TaskView",
    "TransitionBody",
    "TransitionTarget",
]

TaskState = Literal["sent", "acknowledged", "en_route", "on_scene", "done", "refused"]
TransitionTarget = Literal["acknowledged", "en_route", "on_scene", "done", "refused"]


class Task(SQLModel, table=True):
    """A job for one handheld."""

    id: str = Field(primary_key=True)
    incident_id: str = Field(index=True, foreign_key="incident.id")
    detection_id: str | None = None
    terminal_id: str = Field(index=True)
    title: str
    text: str
    lat_deg: float
    lon_deg: float
    distance_m: float | None = None
    state: str = Field(index=True)
    created_ms: int
    created_by: str
    acknowledged_ms: int | None = None
    escalated_ms: int | None = None
    request_sha256: str


class TaskStep(SQLModel, table=True):
    """One change of a task's state, stored once by the terminal's id."""

    id: str = Field(primary_key=True)
    task_id: str = Field(index=True, foreign_key="task.id")
    to_state: str
    t_ms: int
    received_ms: int
    by: str
    text: str
    request_sha256: str


class TaskReport(SQLModel, table=True):
    """What the handheld reported, stored once by the terminal's id."""

    id: str = Field(primary_key=True)
    task_id: str = Field(index=True, foreign_key="task.id")
    t_ms: int
    received_ms: int
    by: str
    text: str
    lat_deg: float
    lon_deg: float
    media: str
    """SHA-256 of the pictures, comma-separated."""
    request_sha256: str


class AssignTask(Body):
    """A job to send out. The caller makes the id."""

    id: RecordId
    incident_id: RecordId
    detection_id: RecordId | None = None
    terminal_id: Name | None = None
    """None sends the nearest free terminal that reported a position."""
    title: ShortText
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude


class TransitionBody(Body):
    """A receipt or a step; made on the terminal, possibly long before it arrives."""

    id: RecordId
    to: TransitionTarget
    t_ms: Milliseconds
    text: LongText = ""


class TaskReportBody(Body):
    """A report from the scene; its pictures are uploaded before."""

    id: RecordId
    t_ms: Milliseconds
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    media: Annotated[list[Sha256], Limited(max_length=20)] = Limited(default=[])


class TaskStepView(View):
    """One step of a task."""

    id: str
    to: TransitionTarget
    t_ms: int
    received_ms: int
    by: str
    text: str


class TaskReportView(View):
    """One report of a task."""

    id: str
    t_ms: int
    received_ms: int
    by: str
    text: str
    lat_deg: float
    lon_deg: float
    media: list[str]


class TaskView(View):
    """A task with its receipts and reports."""

    id: str
    incident_id: str
    detection_id: str | None
    terminal_id: str
    assignee: str
    """Who holds the terminal."""
    title: str
    text: str
    lat_deg: float
    lon_deg: float
    distance_m: float | None
    """From the terminal's last position when the task was sent."""
    state: TaskState
    created_ms: int
    created_by: str
    acknowledged_ms: int | None
    escalated_ms: int | None
    """When nobody had acknowledged it in time."""
    drill: bool
    steps: list[TaskStepView]
    reports: list[TaskReportView]
