"""Making plans over HTTP."""

from typing import Annotated

from fastapi import Depends, Response

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, require
from field_api.core.wire import digest
from field_api.features.flights.flown import gaps_of
from field_api.features.flights.heard import newest_state
from field_api.features.incidents.records import get_incident, open_incident, require_open
from field_api.features.likelihood.records import get_likelihood, search_record
from field_api.features.planning.messages import MakePlan, PlanOption
from field_api.features.planning.options import plan_options
from field_api.features.planning.requests import plan_request
from field_api.features.plans.improvement import PlanImprover
from field_api.features.plans.messages import PlanView
from field_api.features.plans.permissions import PLAN_MAKE
from field_api.features.plans.records import compute_plan, plan_view, use_improved
from field_api.features.plans.tables import PlanRecord, PlanState
from mission_plans.values.plan import PlanRequest, SearchPlan, Severity

__all__ = ["router"]

HEARD_MS = 60_000
"""An older word about a battery says nothing: it may have been changed."""

router = Routes(tags=["plans"])


@router.post("/incidents/{incident_id}/plans", operation_id="makePlan", status_code=201)
def make(
    incident_id: RecordId,
    body: MakePlan,
    who: Annotated[Principal, Depends(require(PLAN_MAKE))],
    ctx: Context,
    response: Response,
) -> PlanView:
    """Compute a search of the drawn area with the named aircraft, and check it."""
    known = _known(ctx, who, incident_id, body)
    if known is not None:
        response.status_code = 200
        return known
    request = _request(ctx, who, incident_id, body)
    # Planning takes up to a second: outside every transaction.
    return _keep(ctx, who, incident_id, body, compute_plan(ctx, request, body.id))


@router.post("/incidents/{incident_id}/plan-options", operation_id="comparePlans")
def compare(
    incident_id: RecordId,
    body: MakePlan,
    who: Annotated[Principal, Depends(require(PLAN_MAKE))],
    ctx: Context,
) -> list[PlanOption]:
    """Compute the search and its alternatives side by side; nothing is kept."""
    with ctx.store.read(who.viewer) as session:
        require_open(get_incident(session, incident_id))
    return plan_options(ctx, _request(ctx, who, incident_id, body), body)


def _known(ctx: Services, who: Principal, incident_id: str, body: MakePlan) -> PlanView | None:
    with ctx.store.read(who.viewer) as session:
        require_open(get_incident(session, incident_id))
        row = session.get(PlanRecord, body.id)
        if row is None:
            return None
        if row.request_sha256 != digest(body) or row.incident_id != incident_id:
            raise refuse(409, "id_taken", field="id")
        return plan_view(session, row, ctx.clock())


def _request(ctx: Services, who: Principal, incident_id: str, body: MakePlan) -> PlanRequest:
    gaps = None
    if body.gaps_of is not None:
        gaps = [gap.outline for gap in gaps_of(ctx, who.viewer, body.gaps_of)[1].gaps]
    with ctx.store.read(who.viewer) as session:
        record = None
        if body.most_likely:
            record = search_record(ctx, session, get_likelihood(session, incident_id))
        return plan_request(
            session,
            body,
            ctx.clock(),
            gaps,
            record,
            _charges(ctx, body.vehicle_ids),
            ctx.settings.simulated_light,
        )


def _charges(ctx: Services, vehicle_ids: list[str]) -> dict[str, float]:
    """Return the charge of batteries in aircraft that stand on the ground and were heard lately.

    One that flies lands with an empty battery and starts with a fresh one.
    """
    charges: dict[str, float] = {}
    for vehicle_id in vehicle_ids:
        state = newest_state(ctx, vehicle_id)
        if state is None or state.armed or ctx.clock() - state.t_ms > HEARD_MS:
            continue
        charge = state.battery.remaining_fraction
        if charge is not None and charge > 0:
            charges[vehicle_id] = charge
    return charges


def _keep(
    ctx: Services, who: Principal, incident_id: str, body: MakePlan, plan: SearchPlan
) -> PlanView:
    failed = [check for check in plan.checks if not check.passed]
    refused = sum(check.severity is Severity.BLOCK for check in failed)
    with ctx.store.change(who) as change:
        row = change.known(PlanRecord, body, body.id, incident_id=incident_id)
        if row is None:
            incident = open_incident(change, incident_id)
            row = change.create(
                PlanRecord(
                    id=body.id,
                    area=incident.area,
                    incident_id=incident_id,
                    state=PlanState.DRAFT,
                    plan=plan,
                    created_ms=change.t_ms,
                    created_by=who.actor.name,
                    request_sha256=digest(body),
                )
            )
            change.record(
                "plan.made",
                row.id,
                incident_id=incident_id,
                refs={"failed": ",".join(check.id for check in failed)},
                hectares=plan.metrics.area_m2 / 10_000,
                vehicles=", ".join(body.vehicle_ids),
                sorties=len(plan.sorties),
                refused=refused,
                cautions=len(failed) - refused,
            )
            change.after_commit(
                lambda: ctx.part(PlanImprover).begin(plan, lambda better: use_improved(ctx, better))
            )
        change.session.flush()
        return plan_view(change.session, row, change.t_ms)
