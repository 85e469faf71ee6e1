"""Flight applications over HTTP."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlmodel import col, select

from field_api.accounts.rules import Permission
from field_api.applications.models import (
    AnswerApplication,
    ApplicationRecord,
    ApplicationView,
    MakeApplication,
)
from field_api.applications.records import (
    applicant,
    application_view,
    bind_approval,
    flight_rules,
    get_application,
)
from field_api.contract.ids import RecordId
from field_api.documents.pdf import render_pdf
from field_api.errors import ApiError
from field_api.plans.records import flight_facts, get_plan, plan_view
from field_api.services import Context, Principal, ViewerDep, require
from field_api.wire import digest
from mission_plans.flight_application import fill_application
from mission_plans.plan import SearchPlan

__all__ = ["router"]

router = APIRouter(tags=["applications"])
HAND_IN_MS = 2 * 60_000
"""Left between filling an application and handing it in, where no take-off is asked for."""

_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
TEMPLATE = Path(__file__).parent / "application.typ"


@router.post("/plans/{plan_id}/applications", operation_id="makeApplication", status_code=201)
def make(
    plan_id: RecordId,
    body: MakeApplication,
    who: Annotated[Principal, Depends(require(Permission.PLAN_MAKE))],
    ctx: Context,
    response: Response,
) -> ApplicationView:
    """Fill the thirteen items of Art. 27 from the plan and reckon the times (story O5)."""
    with ctx.store.change(who.actor) as change:
        record = get_plan(change.session, plan_id)
        known = change.session.get(ApplicationRecord, body.id)
        if known is not None:
            if known.request_sha256 != digest(body) or known.plan_id != plan_id:
                raise ApiError(
                    409, "id_taken", "此编号已用于另一申请", "Another one has this id", field="id"
                )
            response.status_code = 200
            return application_view(known, change.t_ms)
        rules = flight_rules(ctx.settings.flight_rules_file)
        plan = SearchPlan.model_validate_json(record.plan_json)
        unit = applicant(ctx.settings.applicant_file)
        facts = flight_facts(plan.request, change.t_ms)
        takeoff_ms = body.takeoff_ms or change.t_ms
        filled = fill_application(plan, unit, facts, rules, body.kind, takeoff_ms, change.t_ms)
        if body.takeoff_ms is None:
            takeoff_ms = _whole_minute(filled.earliest_takeoff_ms + HAND_IN_MS)
            filled = fill_application(plan, unit, facts, rules, body.kind, takeoff_ms, change.t_ms)
        row = ApplicationRecord(
            id=body.id,
            plan_id=plan_id,
            incident_id=record.incident_id,
            state="drafted",
            body_json=filled.model_dump_json(),
            request_sha256=digest(body),
            created_ms=change.t_ms,
            created_by=who.actor.name,
        )
        change.session.add(row)
        change.record(
            "application.made",
            row.id,
            f"已生成{filled.kind_zh}(13 项)",
            f"{filled.kind_en} filled with its 13 items",
            incident_id=row.incident_id,
            refs={"plan_id": plan_id},
        )
        return application_view(row, change.t_ms)


@router.get("/plans/{plan_id}/applications", operation_id="listApplications")
def list_all(plan_id: RecordId, _who: ViewerDep, ctx: Context) -> list[ApplicationView]:
    """List a plan's applications, newest first."""
    with ctx.store.read() as session:
        get_plan(session, plan_id)
        rows = session.exec(
            select(ApplicationRecord)
            .where(ApplicationRecord.plan_id == plan_id)
            .order_by(col(ApplicationRecord.created_ms).desc(), col(ApplicationRecord.id).desc())
        )
        return [application_view(row, ctx.clock()) for row in rows]


@router.get("/applications/{application_id}", operation_id="getApplication")
def get_one(application_id: RecordId, _who: ViewerDep, ctx: Context) -> ApplicationView:
    """Return an application: the JSON to hand in where a system takes it."""
    with ctx.store.read() as session:
        return application_view(get_application(session, application_id), ctx.clock())


@router.get(
    "/applications/{application_id}/application.pdf",
    operation_id="getApplicationPdf",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
def get_pdf(application_id: RecordId, _who: ViewerDep, ctx: Context) -> Response:
    """Return an application as an A4 document."""
    with ctx.store.read() as session:
        view = application_view(get_application(session, application_id), ctx.clock())
    return Response(
        render_pdf(TEMPLATE, view),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="application-{application_id}.pdf"'},
    )


@router.post("/applications/{application_id}/submit", operation_id="submitApplication")
def submit(
    application_id: RecordId,
    who: Annotated[Principal, Depends(require(Permission.PLAN_MAKE))],
    ctx: Context,
) -> ApplicationView:
    """Note that the application was handed in now; repeating it changes nothing."""
    with ctx.store.change(who.actor) as change:
        row = get_application(change.session, application_id)
        if row.state == "drafted":
            row.state, row.submitted_ms, row.submitted_by = (
                "submitted",
                change.t_ms,
                who.actor.name,
            )
            late = not application_view(row, change.t_ms).submitted_in_time
            change.record(
                "application.submitted",
                row.id,
                "飞行申请已提交" + (",晚于时限" if late else ""),
                "Flight application handed in" + (", late for its take-off" if late else ""),
                incident_id=row.incident_id,
                refs={"plan_id": row.plan_id},
            )
        return application_view(row, change.t_ms)


@router.post("/applications/{application_id}/answer", operation_id="answerApplication")
def answer(
    application_id: RecordId,
    body: AnswerApplication,
    who: Annotated[Principal, Depends(require(Permission.AIRSPACE_APPROVE))],
    ctx: Context,
) -> ApplicationView:
    """Store the authority's answer; an approval is bound to the plan's checks."""
    if body.approved and body.approval_id is None:
        raise ApiError(
            422,
            "approval_id_needed",
            "批准须填批准编号",
            "An approval needs its id",
            field="approval_id",
        )
    if not body.approved and not body.text:
        raise ApiError(
            422, "reason_needed", "不批准须填理由", "A refusal needs its reason", field="text"
        )
    with ctx.store.change(who.actor) as change:
        row = get_application(change.session, application_id)
        if row.state == "drafted":
            raise ApiError(
                409, "not_submitted", "申请尚未提交", "The application is not handed in yet"
            )
        if row.state != "submitted":
            return application_view(row, change.t_ms)
        row.state = "approved" if body.approved else "refused"
        row.answered_ms, row.answered_by = change.t_ms, who.actor.name
        row.approval_id, row.answer_text = body.approval_id, body.text
        if body.approved:
            bind_approval(ctx, change, row)
        change.record(
            f"application.{row.state}",
            row.id,
            f"飞行申请获批,编号 {row.approval_id}"
            if body.approved
            else f"飞行申请未获批:{body.text}",
            f"Flight application approved as {row.approval_id}"
            if body.approved
            else f"Flight application refused: {body.text}",
            incident_id=row.incident_id,
            refs={"plan_id": row.plan_id, "approval_id": row.approval_id or ""},
        )
        record = get_plan(change.session, row.plan_id)
        change.session.flush()
        view = plan_view(record, change.t_ms)
        change.after_commit(lambda: ctx.live.publish("plan", view))
        return application_view(row, change.t_ms)


def _whole_minute(t_ms: int) -> int:
    return -(-t_ms // 60_000) * 60_000
