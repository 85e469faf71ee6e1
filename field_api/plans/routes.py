"""Plans over HTTP: compute, authorise, launch."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlmodel import select

from field_api.accounts.rules import Permission
from field_api.contract.ids import RecordId
from field_api.errors import ApiError
from field_api.flown.records import gaps_of
from field_api.incidents.records import get_incident, open_incident
from field_api.likelihood.records import get_likelihood, search_record
from field_api.plans.models import AuthorisePlan, MakePlan, PlanRecord, PlanView
from field_api.plans.records import (
    compute_plan,
    get_plan,
    list_plans,
    plan_request,
    plan_view,
    use_improved,
)
from field_api.plans.rules import CHECKLIST, missing_items
from field_api.services import Context, Principal, Services, ViewerDep, require
from field_api.sorties.models import SortieRecord
from field_api.sorties.orders import order_upload, refuse_busy_vehicles
from field_api.sorties.records import sortie_view
from field_api.store import Change
from field_api.wire import digest
from mission_plans.plan import SearchPlan, Severity

__all__ = ["router"]

router = APIRouter(tags=["plans"])


@router.post("/incidents/{incident_id}/plans", operation_id="makePlan", status_code=201)
def make(
    incident_id: RecordId,
    body: MakePlan,
    who: Annotated[Principal, Depends(require(Permission.PLAN_MAKE))],
    ctx: Context,
    response: Response,
) -> PlanView:
    """Compute a search of the drawn area with the named aircraft, and check it."""
    sha256 = digest(body)
    with ctx.store.read() as session:
        open_incident(session, incident_id)
        known = session.get(PlanRecord, body.id)
        if known is not None:
            if known.request_sha256 != sha256 or known.incident_id != incident_id:
                raise ApiError(
                    409, "id_taken", "此编号已用于另一计划", "Another plan has this id", field="id"
                )
            response.status_code = 200
            return plan_view(known, ctx.clock())
    gaps = None
    if body.gaps_of is not None:
        gaps = [gap.outline for gap in gaps_of(ctx, body.gaps_of)[1].gaps]
    with ctx.store.read() as session:
        record = None
        if body.most_likely:
            record = search_record(ctx, session, get_likelihood(session, incident_id))
        request = plan_request(session, body, ctx.clock(), gaps, record)
    # Planning takes up to a second: outside every transaction.
    plan = compute_plan(ctx, request, body.id)
    failed = [check for check in plan.checks if not check.passed]
    with ctx.store.change(who.actor) as change:
        row = change.session.get(PlanRecord, body.id)
        if row is None:
            open_incident(change.session, incident_id)
            row = PlanRecord(
                id=body.id,
                incident_id=incident_id,
                state="draft",
                plan_json=plan.model_dump_json(),
                created_ms=change.t_ms,
                created_by=who.actor.name,
                request_sha256=sha256,
            )
            change.session.add(row)
            vehicles = ", ".join(body.vehicle_ids)
            hectares = plan.metrics.area_m2 / 10_000
            change.record(
                "plan.made",
                row.id,
                f"规划搜索 {hectares:.0f} 公顷,{vehicles},{len(plan.sorties)} 架次,"
                f"{len(failed)} 项检查未通过",
                f"Search of {hectares:.0f} ha planned for {vehicles}: {len(plan.sorties)} sorties, "
                f"{len(failed)} checks failed",
                incident_id=incident_id,
                refs={"failed": ",".join(check.id for check in failed)},
            )
            change.after_commit(
                lambda: ctx.improver.begin(plan, lambda better: use_improved(ctx, better))
            )
        return plan_view(row, change.t_ms)


@router.get("/incidents/{incident_id}/plans", operation_id="listPlans")
def list_all(incident_id: RecordId, _who: ViewerDep, ctx: Context) -> list[PlanView]:
    """List an incident's plans, newest first."""
    with ctx.store.read() as session:
        get_incident(session, incident_id)
        return list_plans(session, incident_id, ctx.clock())


@router.get("/plans/{plan_id}", operation_id="getPlan")
def get_one(plan_id: RecordId, _who: ViewerDep, ctx: Context) -> PlanView:
    """Return one plan."""
    with ctx.store.read() as session:
        return plan_view(get_plan(session, plan_id), ctx.clock())


def _refuse_unchecked(body: AuthorisePlan, *, night: bool) -> None:
    missing = missing_items(body.checklist.model_dump(), night=night)
    if missing:
        zh = "、".join(CHECKLIST[item][0] for item in missing)
        en = ", ".join(CHECKLIST[item][1] for item in missing)
        raise ApiError(
            409,
            "checklist_incomplete",
            f"飞行前检查未完成:{zh}",
            f"The pre-flight checklist is not complete: {en}",
            field=f"checklist.{missing[0]}",
        )


def _refuse_unsafe(plan: SearchPlan, body: AuthorisePlan, who: Principal) -> None:
    blocking = [
        check for check in plan.checks if not check.passed and check.severity is Severity.BLOCK
    ]
    if not blocking:
        return
    zh = ";".join(check.text_zh for check in blocking)
    en = "; ".join(check.text_en for check in blocking)
    if body.override_reason is None:
        raise ApiError(
            409,
            "check_failed",
            f"检查未通过,不能授权:{zh}",
            f"A blocking check failed: {en}",
            field="override_reason",
        )
    if not who.may(Permission.PLAN_OVERRIDE):
        raise ApiError(
            403,
            "override_forbidden",
            f"只有指挥长可以越过未通过的检查:{zh}",
            f"Only a commander may override a failed check: {en}",
            field="override_reason",
        )


@router.post("/plans/{plan_id}/authorise", operation_id="authorisePlan")
def authorise(
    plan_id: RecordId,
    body: AuthorisePlan,
    who: Annotated[Principal, Depends(require(Permission.PLAN_AUTHORISE))],
    ctx: Context,
) -> PlanView:
    """Allow exactly this plan. Failed blocking checks need a commander's reason (story O4)."""
    with ctx.store.change(who.actor) as change:
        row = get_plan(change.session, plan_id)
        view = plan_view(row, change.t_ms)
        if row.state != "draft":
            return view
        if body.revision is not None and body.revision != row.revision:
            raise ApiError(
                409,
                "plan_improved",
                "计划刚被优化,请核对新航线后再授权",
                "The plan has just been improved: look at the new one before you authorise it",
                field="revision",
            )
        open_incident(change.session, row.incident_id)
        _refuse_unchecked(body, night=view.lights_required)
        _refuse_unsafe(view.plan, body, who)
        row.state, row.authorised_ms, row.authorised_by = (
            "authorised",
            change.t_ms,
            who.actor.name,
        )
        overridden = [check.id for check in view.plan.checks if not check.passed]
        row.override_reason = body.override_reason if not view.flyable else None
        reason = row.override_reason
        change.record(
            "plan.overridden" if reason else "plan.authorised",
            row.id,
            f"{who.actor.name} 授权飞行" + (f",越过未通过的检查,理由:{reason}" if reason else ""),
            f"Flight authorised by {who.actor.name}"
            + (f" against failed checks, because: {reason}" if reason else ""),
            incident_id=row.incident_id,
            refs={"failed": ",".join(overridden)},
        )
        _create_sorties(ctx, change, row, view.plan, who)
        change.session.flush()
        return plan_view(row, change.t_ms)


def _create_sorties(
    ctx: Services, change: Change, row: PlanRecord, plan: SearchPlan, who: Principal
) -> None:
    for sortie in plan.sorties:
        record = SortieRecord(
            id=sortie.id,
            plan_id=row.id,
            incident_id=row.incident_id,
            vehicle_id=sortie.vehicle_id,
            order_index=sortie.order,
            state="authorised",
            state_t_ms=0,
            author=who.actor.id,
            sortie_json=sortie.model_dump_json(),
        )
        change.session.add(record)
        change.session.flush()
        change.record(
            "sortie.authorised",
            sortie.id,
            f"{sortie.vehicle_id} 第 {sortie.order + 1} 架次已授权",
            f"{sortie.vehicle_id} sortie {sortie.order + 1} authorised",
            incident_id=row.incident_id,
            refs={"vehicle_id": sortie.vehicle_id, "plan_id": row.id},
        )
        view = sortie_view(record)
        change.after_commit(lambda view=view: ctx.live.publish("sortie", view))


@router.post("/plans/{plan_id}/launch", operation_id="launchPlan", status_code=202)
def launch(
    plan_id: RecordId,
    who: Annotated[Principal, Depends(require(Permission.FLIGHT_COMMAND))],
    ctx: Context,
) -> PlanView:
    """Upload every aircraft's next unflown sortie; each starts once it is read back."""
    with ctx.store.change(who.actor) as change:
        row = get_plan(change.session, plan_id)
        if row.state == "draft":
            raise ApiError(409, "not_authorised", "计划尚未授权", "The plan is not authorised yet")
        open_incident(change.session, row.incident_id)
        sorties = change.session.exec(
            select(SortieRecord).where(SortieRecord.plan_id == plan_id)
        ).all()
        refuse_busy_vehicles(change.session, plan_id, {s.vehicle_id for s in sorties})
        waiting: dict[str, SortieRecord] = {}
        for sortie in sorted(sorties, key=lambda item: item.order_index):
            if sortie.state in ("authorised", "uploaded", "failed"):
                waiting.setdefault(sortie.vehicle_id, sortie)
            elif sortie.state != "returned":
                waiting[sortie.vehicle_id] = sortie
        ready = [s for s in waiting.values() if s.state in ("authorised", "uploaded", "failed")]
        if not ready:
            raise ApiError(
                409,
                "nothing_to_launch",
                "没有可起飞的架次:都在飞行或已返回",
                "No sortie can start: all are flying or returned",
            )
        plan = SearchPlan.model_validate_json(row.plan_json)
        first_s = min(_start_s(plan, sortie) for sortie in ready)
        for sortie in ready:
            sortie.start_due_ms = change.t_ms + round((_start_s(plan, sortie) - first_s) * 1000)
            order_upload(ctx, change, sortie, plan, who.actor, overridden=row.override_reason)
        row.state = "launched"
        if row.launched_ms is None:
            row.launched_ms, row.launched_by = change.t_ms, who.actor.name
        change.session.flush()
        return plan_view(row, change.t_ms)


def _start_s(plan: SearchPlan, sortie: SortieRecord) -> float:
    return next((s.start_s for s in plan.sorties if s.id == sortie.id), 0.0)
