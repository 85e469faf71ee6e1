"""Sending a sortie to its aircraft."""

from sqlmodel import Session, col, select

from field_api.contract.messages import UploadSortie
from field_api.errors import ApiError
from field_api.services import Services
from field_api.sorties.models import SortieRecord
from field_api.sorties.records import fleet_node, send_order
from field_api.store import Actor, Change
from mission_plans.plan import Check, SearchPlan, Severity, SortiePlan

__all__ = ["order_upload", "refuse_busy_vehicles"]

_AIRBORNE = ("starting", "flying", "paused", "returning")


def refuse_busy_vehicles(session: Session, plan_id: str, vehicle_ids: set[str]) -> None:
    """Refuse while one of the aircraft is in the air for another plan.

    Raises:
        ApiError: 409, naming the aircraft.
    """
    busy = session.exec(
        select(SortieRecord).where(
            col(SortieRecord.vehicle_id).in_(vehicle_ids),
            SortieRecord.plan_id != plan_id,
            col(SortieRecord.state).in_(_AIRBORNE),
        )
    ).first()
    if busy is not None:
        raise ApiError(
            409,
            "vehicle_busy",
            f"{busy.vehicle_id} 正在执行另一计划",
            f"{busy.vehicle_id} is flying another plan",
            field="vehicle_ids",
        )


def _as_overridden(check: Check, reason: str) -> Check:
    """Return a failed blocking check as the commander decided it: known, and no longer blocking.

    The fleet node refuses a failed blocking check; the override travels with the check itself.
    """
    if check.passed or check.severity is not Severity.BLOCK:
        return check
    return check.model_copy(
        update={
            "severity": Severity.CAUTION,
            "text_zh": f"{check.text_zh}(指挥长越过:{reason})",
            "text_en": f"{check.text_en} (overridden by a commander: {reason})",
        }
    )


def order_upload(
    ctx: Services,
    change: Change,
    row: SortieRecord,
    plan: SearchPlan,
    author: Actor,
    *,
    overridden: str | None,
) -> None:
    """Order a sortie's upload; its start follows when the node reports it read back.

    Raises:
        ApiError: 409, the aircraft's fleet node is not connected.
    """
    checks = plan.checks
    if overridden:
        checks = [_as_overridden(check, overridden) for check in checks]
    row.start_when_uploaded = True
    send_order(
        ctx,
        change,
        UploadSortie(
            vehicle_id=row.vehicle_id,
            sortie=SortiePlan.model_validate_json(row.sortie_json),
            checks=checks,
            fences=plan.request.fences,
        ),
        node_id=fleet_node(ctx, row.vehicle_id),
        author=author.id,
        sortie_id=row.id,
        incident_id=row.incident_id,
    )
    change.record(
        "sortie.launch_ordered",
        row.id,
        f"下达 {row.vehicle_id} 第 {row.order_index + 1} 架次上传与起飞",
        f"{row.vehicle_id} sortie {row.order_index + 1}: upload and start ordered",
        incident_id=row.incident_id,
        refs={"vehicle_id": row.vehicle_id},
    )
