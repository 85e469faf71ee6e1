"""Tasks over HTTP: sending, receipts, reports."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, or_, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal, unscoped
from field_api.core.errors import refuse
from field_api.core.pages import Before, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.core.wire import Latitude, Longitude
from field_api.features.positions.permissions import POSITION_VIEW
from field_api.features.tasks.messages import NearestTerminal, TaskView
from field_api.features.tasks.operations import ASSIGN, CANCEL, MOVE, REPORT
from field_api.features.tasks.permissions import TASK_OWN, TASK_VIEW
from field_api.features.tasks.pressing import HAND_OVER, REMIND
from field_api.features.tasks.records import nearest_terminals, task_views
from field_api.features.tasks.tables import Task

__all__ = ["router"]

router = Routes()

ViewerDep = Annotated[Principal, Depends(require(TASK_VIEW, TASK_OWN))]

FINISHED_SHOWN_MS = 48 * 3_600_000
"""A handheld shows what it finished this long."""


@router.get("/tasks", operation_id="listTasks", tags=["tasks"])
def list_all(
    who: ViewerDep,
    ctx: Context,
    mine: Annotated[bool, Query()] = False,
    incident_id: Annotated[RecordId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Before = None,
) -> list[TaskView]:
    """List tasks, newest first; `mine` those of one's own terminal that are open or were lately."""
    if mine and who.viewer.terminal_id is None:
        return []
    query = select(Task)
    if incident_id is not None:
        query = query.where(Task.incident_id == incident_id)
    if mine:
        lately = col(Task.finished_ms) >= ctx.clock() - FINISHED_SHOWN_MS
        query = query.where(Task.terminal_id == who.viewer.terminal_id)
        query = query.where(or_(col(Task.finished_ms).is_(None), lately))
    order = (col(Task.created_ms), col(Task.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Task, order, before, limit)).all()
        with unscoped(session):
            return task_views(session, rows)


@router.get("/tasks/{task_id}", operation_id="getTask", tags=["tasks"])
def get_one(task_id: RecordId, who: ViewerDep, ctx: Context) -> TaskView:
    """Return one task."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Task, task_id)
        if row is None:
            raise refuse(404, "unknown_task")
        with unscoped(session):
            return task_views(session, [row])[0]


serve_operation(
    router,
    ASSIGN,
    "/tasks",
    operation_id="assignTask",
    tag="tasks",
    returns=TaskView,
    created=True,
)
serve_operation(
    router,
    MOVE,
    "/tasks/{task_id}/transitions",
    operation_id="moveTask",
    tag="tasks",
    returns=TaskView,
    target="task_id",
)
serve_operation(
    router,
    CANCEL,
    "/tasks/{task_id}/cancel",
    operation_id="cancelTask",
    tag="tasks",
    returns=TaskView,
    target="task_id",
)
serve_operation(
    router,
    REMIND,
    "/tasks/{task_id}/remind",
    operation_id="remindTask",
    tag="tasks",
    returns=TaskView,
    target="task_id",
)
serve_operation(
    router,
    HAND_OVER,
    "/tasks/{task_id}/hand-over",
    operation_id="handOverTask",
    tag="tasks",
    returns=TaskView,
    created=True,
    target="task_id",
)
serve_operation(
    router,
    REPORT,
    "/tasks/{task_id}/reports",
    operation_id="reportTask",
    tag="tasks",
    returns=TaskView,
    created=True,
    target="task_id",
)


@router.get("/terminals/nearest", operation_id="nearestTerminals", tags=["terminals"])
def nearest(
    lat_deg: Annotated[Latitude, Query()],
    lon_deg: Annotated[Longitude, Query()],
    who: Annotated[Principal, Depends(require(POSITION_VIEW))],
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
) -> list[NearestTerminal]:
    """List handhelds with a known position, nearest first."""
    with ctx.store.read(who.viewer) as session:
        return nearest_terminals(ctx, session, lat_deg, lon_deg)[:limit]
