"""Stating what the flight rules must know of a plan's flight."""

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.features.plans.messages import StateFacts
from field_api.features.plans.permissions import PLAN_MAKE
from field_api.features.plans.records import state_facts
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.permissions import AIRSPACE_APPROVE

__all__ = ["STATE_FACTS"]


def _state(call: Call[StateFacts]) -> PlanRecord:
    """State what no plan tells of its flight: relay, dropping, crowds, whose ground, approvals."""
    change, body, who = call.change, call.body, call.who
    row = change.get(PlanRecord, call.target)
    facts = body.facts.model_copy(update={"night": None, "one_system": None})
    known = row.plan.facts
    if facts == known:
        return row
    if row.state is not PlanState.DRAFT:
        raise refuse(409, "plan_decided")
    if body.revision != row.revision:
        raise refuse(409, "plan_changed", field="revision")
    if facts.height_approval_id != known.height_approval_id and not who.may(AIRSPACE_APPROVE):
        raise refuse(403, "approval_not_yours", field="facts.height_approval_id")
    changed = [name for name, value in facts.model_dump().items() if value != getattr(known, name)]
    state_facts(call.ctx, change, row, facts)
    change.record(
        "plan.stated",
        row.id,
        incident_id=row.incident_id,
        refs={name: str(getattr(facts, name)) for name in changed},
        by=who.actor.name,
        count=len(changed),
    )
    return row


STATE_FACTS = Operation(
    "plan.state_facts", PLAN_MAKE, StateFacts, _state, targeted=True, batch=False
)
