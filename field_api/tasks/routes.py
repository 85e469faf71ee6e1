"""Tasks over HTTP: sending, receipts, reports."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from field_api.accounts.rules import Permission
from field_api.contract.ids import RecordId
from field_api.detections.models import DetectionRecord
from field_api.errors import ApiError
from field_api.incidents.records import open_incident
from field_api.media.models import Media
from field_api.services import Context, Principal, Services, ViewerDep, require
from field_api.store import Change
from field_api.tasks.models import (
    AssignTask,
    Task,
    TaskReport,
    TaskReportBody,
    TaskStep,
    TaskView,
    TransitionBody,
)
from field_api.tasks.records import choose_terminal, get_task, list_tasks, task_view
from field_api.tasks.rules import TRANSITIONS, allowed
from field_api.wire import digest

__all__ = ["router"]

router = APIRouter(prefix="/tasks", tags=["tasks"])

WorkerDep = Annotated[Principal, Depends(require(Permission.TASK_WORK))]

_STATE_ZH = {
    "sent": "已下发",
    "acknowledged": "已签收",
    "en_route": "赶往现场",
    "on_scene": "已到现场",
    "done": "已完成",
    "refused": "无法执行",
}


def _id_taken() -> ApiError:
    return ApiError(
        409, "id_taken", "此编号已用于另一记录", "Another record has this id", field="id"
    )


def _tell(ctx: Services, change: Change, row: Task) -> TaskView:
    change.session.flush()
    view = task_view(change.session, row)
    change.after_commit(lambda: ctx.live.publish("task", view))
    return view


def _own_task(change: Change, who: Principal, task_id: str) -> Task:
    row = get_task(change.session, task_id)
    if who.user.terminal_id != row.terminal_id:
        raise ApiError(
            403,
            "other_terminal",
            "这是另一台终端的任务",
            "This task belongs to another terminal",
        )
    return row


@router.get("", operation_id="listTasks")
def list_all(
    who: ViewerDep,
    ctx: Context,
    mine: Annotated[bool, Query()] = False,
    incident_id: Annotated[RecordId | None, Query()] = None,
) -> list[TaskView]:
    """List tasks, newest first; `mine` those of one's own terminal."""
    if mine and who.user.terminal_id is None:
        return []
    with ctx.store.read() as session:
        return list_tasks(
            session,
            incident_id=incident_id,
            terminal_id=who.user.terminal_id if mine else None,
        )


@router.get("/{task_id}", operation_id="getTask")
def get_one(task_id: RecordId, _who: ViewerDep, ctx: Context) -> TaskView:
    """Return one task."""
    with ctx.store.read() as session:
        return task_view(session, get_task(session, task_id))


@router.post("", operation_id="assignTask", status_code=201)
def assign(
    body: AssignTask,
    who: Annotated[Principal, Depends(require(Permission.TASK_ASSIGN))],
    ctx: Context,
    response: Response,
) -> TaskView:
    """Send a task to a named terminal or to the nearest free one; repeating the body is safe."""
    with ctx.store.change(who.actor) as change:
        session = change.session
        known = session.get(Task, body.id)
        if known is not None:
            if known.request_sha256 != digest(body):
                raise _id_taken()
            response.status_code = 200
            return task_view(session, known)
        open_incident(session, body.incident_id)
        if body.detection_id and session.get(DetectionRecord, body.detection_id) is None:
            raise ApiError(
                404,
                "unknown_detection",
                "没有这条告警",
                "There is no such detection",
                field="detection_id",
            )
        terminal, distance_m = choose_terminal(change, body)
        row = Task(
            **body.model_dump(exclude={"terminal_id"}),
            terminal_id=terminal.terminal_id,
            distance_m=distance_m,
            state="sent",
            created_ms=change.t_ms,
            created_by=who.actor.name,
            request_sha256=digest(body),
        )
        session.add(row)
        refs = {"terminal_id": terminal.terminal_id}
        if body.detection_id:
            refs["detection_id"] = body.detection_id
        change.record(
            "task.sent",
            row.id,
            f"派 {terminal.holder}({terminal.terminal_id}):{row.title}",
            f"{terminal.terminal_id} ({terminal.holder_en}) sent: {row.title}",
            incident_id=row.incident_id,
            refs=refs,
        )
        return _tell(ctx, change, row)


@router.post("/{task_id}/transitions", operation_id="moveTask")
def move(task_id: RecordId, body: TransitionBody, who: WorkerDep, ctx: Context) -> TaskView:
    """Acknowledge a task or move it on; only its own terminal may. Repeating the body is safe."""
    with ctx.store.change(who.actor) as change:
        row = _own_task(change, who, task_id)
        known = change.session.get(TaskStep, body.id)
        if known is not None:
            if known.request_sha256 != digest(body) or known.task_id != task_id:
                raise _id_taken()
            return task_view(change.session, row)
        if not allowed(row.state, body.to):
            options = sorted(TRANSITIONS[row.state])
            raise ApiError(
                409,
                "not_allowed_now",
                f"任务{_STATE_ZH[row.state]},不能转为“{_STATE_ZH[body.to]}”",
                f"A task that is {row.state} can move to {', '.join(options) or 'nothing'}",
                field="to",
            )
        row.state = body.to
        if body.to == "acknowledged":
            row.acknowledged_ms = change.t_ms
        change.session.add(
            TaskStep(
                id=body.id,
                task_id=task_id,
                to_state=body.to,
                t_ms=body.t_ms,
                received_ms=change.t_ms,
                by=who.actor.name,
                text=body.text,
                request_sha256=digest(body),
            )
        )
        change.record(
            f"task.{body.to}",
            row.id,
            f"{row.terminal_id} {_STATE_ZH[body.to]}:{row.title} {body.text}".strip(),
            f"{row.terminal_id} {body.to.replace('_', ' ')}: {row.title} {body.text}".strip(),
            incident_id=row.incident_id,
            refs={"terminal_id": row.terminal_id, "t_ms": str(body.t_ms)},
        )
        return _tell(ctx, change, row)


@router.post("/{task_id}/reports", operation_id="reportTask", status_code=201)
def report(
    task_id: RecordId, body: TaskReportBody, who: WorkerDep, ctx: Context, response: Response
) -> TaskView:
    """Report from the scene; the same body again answers 200, another one under the id 409."""
    with ctx.store.change(who.actor) as change:
        row = _own_task(change, who, task_id)
        session = change.session
        known = session.get(TaskReport, body.id)
        if known is not None:
            if known.request_sha256 != digest(body) or known.task_id != task_id:
                raise _id_taken()
            response.status_code = 200
            return task_view(session, row)
        missing = [sha256 for sha256 in body.media if session.get(Media, sha256) is None]
        if missing:
            raise ApiError(
                409,
                "media_missing",
                f"请先上传照片:{'、'.join(missing)}",
                f"Upload these pictures first: {', '.join(missing)}",
                field="media",
            )
        session.add(
            TaskReport(
                **body.model_dump(exclude={"media"}),
                media=",".join(body.media),
                task_id=task_id,
                received_ms=change.t_ms,
                by=who.actor.name,
                request_sha256=digest(body),
            )
        )
        change.record(
            "task.reported",
            row.id,
            f"{row.terminal_id} 现场回报({len(body.media)} 张照片):{body.text}",
            f"{row.terminal_id} reported with {len(body.media)} pictures: {body.text}",
            incident_id=row.incident_id,
            refs={
                "report_id": body.id,
                "terminal_id": row.terminal_id,
                "t_ms": str(body.t_ms),
                "media": ",".join(body.media),
            },
        )
        return _tell(ctx, change, row)
