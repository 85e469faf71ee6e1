"""Authorising and launching plans, and orders to vehicles."""

from collections.abc import Sequence

from sqlmodel import select

from field_api.contract.messages import (
    ConfirmIdentity,
    LandVehicle,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    SortieState,
)
from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both, joined
from field_api.features.flights.airspace import fences_on_board, rally_on_board
from field_api.features.flights.departures import keep_on_ground
from field_api.features.flights.leaving_watch import leave_watch
from field_api.features.flights.messages import AuthorisePlan, LaunchPlan, VehicleOrder
from field_api.features.flights.orders import (
    is_launching,
    note_launch,
    order_upload,
    order_vehicle,
    ordered_before,
    refuse_busy_vehicles,
)
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.qualified import refuse_unqualified
from field_api.features.flights.return_layers import layers_for
from field_api.features.flights.tables import CommandRecord, SortieRecord
from field_api.features.incidents.records import open_incident
from field_api.features.plans.messages import PlanView
from field_api.features.plans.permissions import PLAN_AUTHORISE, PLAN_OVERRIDE
from field_api.features.plans.records import plan_view
from field_api.features.plans.rules import missing_items
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.views import rally_places
from mission_plans.values.plan import SearchPlan, Severity

__all__ = ["AUTHORISE", "COMMAND", "LAUNCH"]

_BODIES = {
    "pause": PauseVehicle,
    "resume": ResumeVehicle,
    "return": ReturnVehicle,
    "land": LandVehicle,
    "confirm": ConfirmIdentity,
}
_READY = (SortieState.AUTHORISED, SortieState.UPLOADED, SortieState.FAILED)


def _refuse_unchecked(body: AuthorisePlan, view: PlanView) -> None:
    asked = [entry.item for entry in view.checklist if entry.asked]
    missing = missing_items(body.checklist.model_dump(), asked)
    if missing:
        items = joined([both(f"words.checklist.{item}") for item in missing], "、", ", ")
        raise refuse(409, "checklist_incomplete", field=f"checklist.{missing[0]}", items=items)


def _refuse_unsafe(plan: SearchPlan, body: AuthorisePlan, who: Principal) -> None:
    blocking = [
        Both(check.text_zh, check.text_en)
        for check in plan.checks
        if not check.passed and check.severity is Severity.BLOCK
    ]
    if not blocking:
        return
    if body.override_reason is None:
        raise refuse(409, "check_failed", field="override_reason", checks=joined(blocking))
    if not who.may(PLAN_OVERRIDE):
        raise refuse(403, "override_forbidden", field="override_reason", checks=joined(blocking))


def _authorise(call: Call[AuthorisePlan]) -> PlanRecord:
    """Allow exactly this plan. Failed blocking checks need a commander's reason (story O4)."""
    change, body, who = call.change, call.body, call.who
    row = change.get(PlanRecord, call.target)
    if row.state is not PlanState.DRAFT:
        return row
    if body.revision != row.revision:
        raise refuse(409, "plan_improved", field="revision")
    open_incident(change, row.incident_id)
    view = plan_view(change.session, row, change.t_ms)
    _refuse_unchecked(body, view)
    _refuse_unsafe(view.plan, body, who)
    if call.ctx.settings.licence_checks:
        flown = {sortie.vehicle_id for sortie in view.plan.sorties}
        refuse_unqualified(change, body.pilot_id, who.actor.id, flown)
    change.put(row)
    row.state = PlanState.AUTHORISED
    row.authorised_ms, row.authorised_by = change.t_ms, who.actor.name
    row.override_reason = reason = body.override_reason if not view.flyable else None
    failed = [check.id for check in view.plan.checks if not check.passed]
    change.record(
        "plan.overridden" if reason else "plan.authorised",
        row.id,
        incident_id=row.incident_id,
        refs={"failed": ",".join(failed)},
        by=who.actor.name,
        reason=reason or "",
    )
    _create_sorties(change, row, view, who)
    return row


def _create_sorties(change: Change, row: PlanRecord, view: PlanView, who: Principal) -> None:
    for sortie in view.plan.sorties:
        change.create(
            SortieRecord(
                id=sortie.id,
                area=row.area,
                plan_id=row.id,
                incident_id=row.incident_id,
                vehicle_id=sortie.vehicle_id,
                order_index=sortie.order,
                state=SortieState.AUTHORISED,
                state_t_ms=0,
                author=who.actor.id,
                sortie=sortie,
            )
        )
        change.session.flush()
        change.record(
            "sortie.authorised",
            sortie.id,
            incident_id=row.incident_id,
            refs={"vehicle_id": sortie.vehicle_id, "plan_id": row.id},
            vehicle=sortie.vehicle_id,
            number=sortie.order + 1,
        )


def _launch(call: Call[LaunchPlan]) -> PlanRecord:
    """Upload every aircraft's next unflown sortie; each starts once it is read back.

    What is being launched already goes on as it was ordered: a second press changes nothing.
    """
    change, ctx = call.change, call.ctx
    row = change.get(PlanRecord, call.target)
    if row.state is PlanState.DRAFT:
        raise refuse(409, "not_authorised")
    open_incident(change, row.incident_id)
    sorties = change.session.exec(select(SortieRecord).where(SortieRecord.plan_id == row.id)).all()
    refuse_busy_vehicles(change.session, row.id, {s.vehicle_id for s in sorties})
    waiting: dict[str, SortieRecord] = {}
    for sortie in sorted(sorties, key=lambda item: item.order_index):
        if sortie.state in _READY:
            waiting.setdefault(sortie.vehicle_id, sortie)
        elif sortie.state not in (SortieState.RETURNED, SortieState.REPLACED):
            waiting[sortie.vehicle_id] = sortie
    launching = {s.id for s in waiting.values() if is_launching(change.session, s)}
    ready = [s for s in waiting.values() if s.state in _READY and s.id not in launching]
    if not ready and launching:
        return row
    if not ready:
        raise refuse(409, "nothing_to_launch")
    view = plan_view(change.session, row, change.t_ms)
    for sortie in ready:
        # Known before the next one's time is reckoned: it keeps apart from this one too.
        sortie.start_due_ms = None
    fences = fences_on_board(view.plan)
    rally = rally_on_board(view.plan, fences, rally_places(change.session))
    layers = layers_for(ctx, change.session, view.plan, ready)
    for vehicle_id in sorted({sortie.vehicle_id for sortie in ready}):
        leave_watch(change, vehicle_id)
    for sortie in sorted(ready, key=lambda item: _start_s(view.plan, item)):
        sortie.start_due_ms = _due_ms(view.plan, sortie, sorties, ready, change.t_ms)
        layer = layers.get(sortie.id)
        own = rally.get(sortie.vehicle_id, [])
        order_upload(ctx, change, sortie, row, view.plan, fences, own, layer, call.who.actor)
    note_launch(change, row, call.who.actor)
    return row


def _due_ms(
    plan: SearchPlan,
    sortie: SortieRecord,
    sorties: Sequence[SortieRecord],
    ready: Sequence[SortieRecord],
    now_ms: int,
) -> int:
    """Return when a sortie takes off: as far from each of the others as the plan says."""
    start_s = _start_s(plan, sortie)
    due_ms = now_ms + round((start_s - min(_start_s(plan, one) for one in ready)) * 1000)
    apart = [
        (other.start_due_ms, round(abs(start_s - _start_s(plan, other)) * 1000))
        for other in sorties
        if other.id != sortie.id and other.start_due_ms is not None
    ]
    moved = True
    while moved:
        moved = False
        for other_ms, gap_ms in apart:
            if abs(due_ms - other_ms) < gap_ms:
                due_ms, moved = other_ms + gap_ms, True
    return due_ms


def _start_s(plan: SearchPlan, sortie: SortieRecord) -> float:
    return next((s.start_s for s in plan.sorties if s.id == sortie.id), 0.0)


def _command(call: Call[VehicleOrder]) -> CommandRecord:
    """Order a vehicle to hold, go on, come home or land; the answer comes by `command`."""
    change, body, vehicle_id = call.change, call.body, call.target
    known = ordered_before(call)
    if known is not None:
        return known
    if body.action != "confirm":
        leave_watch(change, vehicle_id)
    if body.action not in ("resume", "confirm"):
        keep_on_ground(change, vehicle_id)
    row = order_vehicle(call, _BODIES[body.action](vehicle_id=vehicle_id))
    change.record(
        f"vehicle.{body.action}",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": vehicle_id},
        text="vehicle.ordered",
        vehicle=vehicle_id,
        action=both(f"words.order.{body.action}"),
    )
    return row


AUTHORISE = Operation(
    "plan.authorise", PLAN_AUTHORISE, AuthorisePlan, _authorise, targeted=True, batch=False
)
LAUNCH = Operation("plan.launch", FLIGHT_COMMAND, LaunchPlan, _launch, targeted=True, batch=False)
COMMAND = Operation(
    "vehicle.command", FLIGHT_COMMAND, VehicleOrder, _command, targeted=True, batch=False
)
