"""What the holder of a simulated handheld does with a task; no network and no clock in here.

The life of a task is acknowledged, en route (walking there), on scene, a report with a photo,
done. Every step keeps its id and its body until the command post has it, so that an answer lost
on the way never makes a second step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict

from field_api.contract.ids import new_id
from mission_plans.ground.geodesy import bearing_deg, destination, distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Handheld", "Report", "TaskSeen", "Transition"]

WALKING_MS = 1.4
ARRIVED_M = 5.0
FINISHED = frozenset({"done", "refused", "cancelled"})


class TaskReportSeen(BaseModel):
    """A report the command post already has."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str


class TaskSeen(BaseModel):
    """What a handheld needs to know of a task as the command post tells it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    terminal_id: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    """None for a task that has a direction or words only: it is worked on where one stands."""
    state: str
    created_ms: int
    reports: list[TaskReportSeen] = []

    @property
    def place(self) -> GeoPoint | None:
        """Where to go."""
        if self.lat_deg is None or self.lon_deg is None:
            return None
        return GeoPoint(lat_deg=self.lat_deg, lon_deg=self.lon_deg)


@dataclass(frozen=True, slots=True)
class Transition:
    """A step to tell the command post."""

    task_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A report to send, its picture first."""

    task_id: str
    body: dict[str, Any]
    photo: bytes
    photo_sha256: str


class Handheld:
    """One handheld and the person who carries it."""

    def __init__(
        self,
        terminal_id: str,
        start: GeoPoint,
        report_text: str,
        take_photo: Callable[[str, GeoPoint, int], bytes],
    ) -> None:
        self.terminal_id = terminal_id
        self.position = start
        self._report_text = report_text
        self._take_photo = take_photo
        self._task: TaskSeen | None = None
        self._pending: Transition | Report | None = None
        self._pending_from = ""
        self._refused_at = ""
        self._given_up: set[str] = set()

    @property
    def task(self) -> TaskSeen | None:
        """The task at hand."""
        return self._task

    def see(self, tasks: Sequence[TaskSeen]) -> None:
        """Take in the tasks as the command post has them: the oldest open one is at hand."""
        mine = [
            task
            for task in tasks
            if task.terminal_id == self.terminal_id
            and task.state not in FINISHED
            and task.id not in self._given_up
        ]
        self._task = min(mine, key=lambda task: (task.created_ms, task.id), default=None)
        if self._pending and (self._task is None or self._pending.task_id != self._task.id):
            self._pending = None

    def walk(self, duration_s: float) -> None:
        """Walk towards the task for `duration_s` simulated seconds, once on the way."""
        task = self._task
        if task is None or task.state != "en_route" or task.place is None:
            return
        step_m = WALKING_MS * duration_s
        if distance_m(self.position, task.place) <= step_m:
            self.position = task.place
            return
        self.position = destination(self.position, bearing_deg(self.position, task.place), step_m)

    def due(self, now_ms: int) -> Transition | Report | None:
        """Return what to tell the command post next; the same object until it is `told`."""
        task = self._task
        if task is None:
            return None
        if self._pending is None or self._pending_from != _stage(task):
            self._pending = self._next_step(task, now_ms)
            self._pending_from = _stage(task)
        return self._pending

    def told(self) -> None:
        """The command post has the pending step; its next answer shows the new state."""
        self._pending = None
        self._task = None

    def refused(self) -> None:
        """The command post refuses the pending step: look again, the second time leave the task.

        Somebody may have moved the task on from the handheld page meanwhile.
        """
        if self._task:
            stage = _stage(self._task)
            if self._refused_at == stage:
                self._given_up.add(self._task.id)
            self._refused_at = stage
        self.told()

    def _next_step(self, task: TaskSeen, now_ms: int) -> Transition | Report | None:
        match task.state:
            case "sent":
                return self._transition(task, "acknowledged", now_ms)
            case "acknowledged":
                return self._transition(task, "en_route", now_ms)
            case "en_route":
                place = task.place
                arrived = place is None or distance_m(self.position, place) <= ARRIVED_M
                return self._transition(task, "on_scene", now_ms) if arrived else None
            case "on_scene":
                if task.reports:
                    return self._transition(task, "done", now_ms)
                return self._report(task, now_ms)
            case _:
                return None

    def _transition(self, task: TaskSeen, to: str, now_ms: int) -> Transition:
        return Transition(task.id, {"id": new_id(), "to": to, "t_ms": now_ms})

    def _report(self, task: TaskSeen, now_ms: int) -> Report:
        photo = self._take_photo(self.terminal_id, self.position, now_ms)
        digest = sha256(photo).hexdigest()
        body = {
            "id": new_id(),
            "t_ms": now_ms,
            "text": self._report_text,
            "lat_deg": self.position.lat_deg,
            "lon_deg": self.position.lon_deg,
            "media": [digest],
        }
        return Report(task.id, body, photo, digest)


def _stage(task: TaskSeen) -> str:
    return f"{task.id}/{task.state}/{bool(task.reports)}"
