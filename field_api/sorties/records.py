"""Sorties and orders: reading them, sending orders, taking in what nodes answer."""

from typing import cast

from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandResult,
    LandVehicle,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    SortieEvent,
    SortieState,
    StartSortie,
    UploadSortie,
)
from field_api.errors import ApiError
from field_api.services import Services
from field_api.sorties.models import (
    CommandRecord,
    CommandState,
    CommandView,
    SortieRecord,
    SortieStep,
    SortieView,
    command_state,
)
from field_api.store import Actor, Change
from mission_plans.plan import SortiePlan

__all__ = [
    "ACTION_ZH",
    "CommandBody",
    "apply_result",
    "apply_sortie_event",
    "command_view",
    "fleet_node",
    "flying_incident",
    "list_sorties",
    "order_start",
    "send_order",
    "sortie_view",
]

CommandBody = (
    UploadSortie | StartSortie | PauseVehicle | ResumeVehicle | ReturnVehicle | LandVehicle
)

_UNDER_WAY = ("uploaded", "starting", "flying", "paused", "returning")

ACTION_ZH = {
    "upload_sortie": "航线上传",
    "start_sortie": "起飞",
    "pause_vehicle": "悬停",
    "resume_vehicle": "继续任务",
    "return_vehicle": "返航",
    "land_vehicle": "就地降落",
}
"""What the orders of the contract are called."""
_OUTCOME_ZH = {"accepted": "已接受", "done": "已完成", "refused": "被拒绝", "failed": "失败"}

_STATE_TEXT: dict[SortieState, tuple[str, str]] = {
    SortieState.AUTHORISED: ("已授权", "authorised"),
    SortieState.UPLOADING: ("航线上传中", "uploading"),
    SortieState.UPLOADED: ("航线已上传并回读一致", "uploaded and read back"),
    SortieState.STARTING: ("起飞中", "starting"),
    SortieState.FLYING: ("飞行中", "flying"),
    SortieState.PAUSED: ("已暂停", "paused"),
    SortieState.RETURNING: ("返航中", "returning"),
    SortieState.RETURNED: ("已返回着陆", "returned and landed"),
    SortieState.FAILED: ("失败", "failed"),
}


def sortie_view(row: SortieRecord) -> SortieView:
    """Return what clients see of a sortie."""
    return SortieView(
        id=row.id,
        plan_id=row.plan_id,
        incident_id=row.incident_id,
        vehicle_id=row.vehicle_id,
        order=row.order_index,
        state=SortieState(row.state),
        state_t_ms=row.state_t_ms,
        author=row.author,
        text=row.text,
        start_due_ms=row.start_due_ms,
        sortie=SortiePlan.model_validate_json(row.sortie_json),
    )


def command_view(row: CommandRecord) -> CommandView:
    """Return what clients see of an order."""
    return CommandView(
        **row.model_dump(exclude={"state", "request_sha256"}),
        state=cast("CommandState", row.state),
    )


def list_sorties(session: Session, incident_id: str | None = None) -> list[SortieView]:
    """Return sorties, newest plan first."""
    query = select(SortieRecord).order_by(
        col(SortieRecord.plan_id).desc(), SortieRecord.vehicle_id, col(SortieRecord.order_index)
    )
    if incident_id is not None:
        query = query.where(SortieRecord.incident_id == incident_id)
    return [sortie_view(row) for row in session.exec(query)]


def flying_incident(session: Session, vehicle_id: str) -> str | None:
    """Return the incident that a vehicle is on a sortie for."""
    row = session.exec(
        select(SortieRecord)
        .where(SortieRecord.vehicle_id == vehicle_id, col(SortieRecord.state).in_(_UNDER_WAY))
        .order_by(col(SortieRecord.state_t_ms).desc())
    ).first()
    return row.incident_id if row else None


def fleet_node(ctx: Services, vehicle_id: str) -> str:
    """Return the connected node that flies a vehicle.

    Raises:
        ApiError: 409, no node for it is here.
    """
    node_id = ctx.links.node_for(vehicle_id)
    if node_id is None:
        raise ApiError(
            409,
            "fleet_offline",
            f"{vehicle_id} 的机队节点未连接,命令未发出",
            f"The fleet node of {vehicle_id} is not connected; nothing was sent",
            field="vehicle_id",
        )
    return node_id


def send_order(
    ctx: Services,
    change: Change,
    body: CommandBody,
    *,
    node_id: str,
    author: str,
    command_id: str | None = None,
    sortie_id: str | None = None,
    incident_id: str | None = None,
    request_sha256: str = "",
) -> CommandRecord:
    """Keep an order and send it once committed; the caller records who gave it and why."""
    expires_ms = change.t_ms + int(ctx.settings.command_expiry_s * 1000)
    command = Command(
        id=command_id or new_id(),
        author=author,
        issued_ms=change.t_ms,
        expires_ms=expires_ms,
        body=body,
    )
    row = CommandRecord(
        id=command.id,
        node_id=node_id,
        vehicle_id=body.vehicle_id,
        action=body.action,
        sortie_id=sortie_id,
        incident_id=incident_id,
        author=author,
        issued_ms=change.t_ms,
        expires_ms=expires_ms,
        state="sent",
        request_sha256=request_sha256,
    )
    change.session.add(row)
    change.session.flush()
    view = command_view(row)

    def send() -> None:
        ctx.links.send(node_id, command)
        ctx.live.publish("command_result", view)

    change.after_commit(send)
    return row


def apply_sortie_event(ctx: Services, change: Change, message: SortieEvent) -> None:
    """Store a sortie's step; an older step than the known one does not turn the state back."""
    change.session.add(
        SortieStep(
            id=message.id,
            sortie_id=message.sortie_id,
            t_ms=message.t_ms,
            state=message.state,
            author=message.author,
            text=message.text,
        )
    )
    row = change.session.get(SortieRecord, message.sortie_id)
    zh, en = _STATE_TEXT[message.state]
    change.record(
        f"sortie.{message.state.value}",
        message.sortie_id,
        f"{message.vehicle_id} {zh}。{message.text}",
        f"{message.vehicle_id} {en}. {message.text}".strip(),
        incident_id=row.incident_id if row else None,
        refs={
            "vehicle_id": message.vehicle_id,
            "author": message.author,
            "t_ms": str(message.t_ms),
        },
    )
    if row is None or message.t_ms < row.state_t_ms:
        return
    row.state, row.state_t_ms = message.state.value, message.t_ms
    row.author, row.text = message.author, message.text
    change.session.flush()
    view = sortie_view(row)
    change.after_commit(lambda: ctx.live.publish("sortie", view))


def apply_result(ctx: Services, change: Change, node_id: str, message: CommandResult) -> None:
    """Store a node's answer; a sortie that waited for its upload is started by it."""
    row = change.session.get(CommandRecord, message.command_id)
    if row is None or row.node_id != node_id:
        change.record(
            "command.answered",
            message.command_id,
            f"收到未知命令的回复:{message.outcome.value}",
            f"Answer to an unknown order: {message.outcome.value}",
        )
        return
    repeated = message.code == "repeated" and row.state != "sent"
    if not repeated and row.state not in ("done", "refused", "failed"):
        row.state = command_state(message.outcome)
        row.code, row.text = message.code[:80], message.text[:2000]
    if message.outcome.value != "accepted":
        change.record(
            f"command.{message.outcome.value}",
            row.id,
            f"{row.vehicle_id} {ACTION_ZH[row.action]}命令{_OUTCOME_ZH[message.outcome]}。"
            f"{message.text}",
            f"{row.vehicle_id} {row.action.replace('_', ' ')}: {message.outcome.value}. "
            f"{message.text}".strip(),
            incident_id=row.incident_id,
            refs={"code": message.code, "author": row.author, "vehicle_id": row.vehicle_id},
        )
    else:
        change.record(
            "command.accepted",
            row.id,
            f"{row.vehicle_id} 已接受{ACTION_ZH[row.action]}命令",
            f"{row.vehicle_id} accepted: {row.action.replace('_', ' ')}",
        )
    change.session.flush()
    view = command_view(row)
    change.after_commit(lambda: ctx.live.publish("command_result", view))
    if row.action == "upload_sortie" and row.state in ("done", "refused", "failed"):
        _after_upload(ctx, change, row)


def _after_upload(ctx: Services, change: Change, upload: CommandRecord) -> None:
    sortie = change.session.get(SortieRecord, upload.sortie_id) if upload.sortie_id else None
    if sortie is None or not sortie.start_when_uploaded:
        return
    if upload.state != "done":
        sortie.start_when_uploaded = False
        return
    if sortie.start_due_ms is None or sortie.start_due_ms <= change.t_ms:
        order_start(ctx, change, sortie, upload.node_id, upload.author)


def order_start(
    ctx: Services, change: Change, sortie: SortieRecord, node_id: str, author: str
) -> None:
    """Order the take-off of an uploaded sortie, in the name of who launched the plan."""
    sortie.start_when_uploaded = False
    send_order(
        ctx,
        change,
        StartSortie(vehicle_id=sortie.vehicle_id, sortie_id=sortie.id),
        node_id=node_id,
        author=author,
        sortie_id=sortie.id,
        incident_id=sortie.incident_id,
    )
    change.record(
        "sortie.start_ordered",
        sortie.id,
        f"{sortie.vehicle_id} 航线已就绪,下达起飞命令",
        f"{sortie.vehicle_id} is ready; start ordered",
        incident_id=sortie.incident_id,
        refs={"vehicle_id": sortie.vehicle_id},
        actor=Actor(author, author, "command post"),
    )
