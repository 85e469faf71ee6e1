"""Giving aircraft in the air the sorties of an authorised plan, in the place of what they fly."""

from sqlmodel import col, select

from field_api.contract.messages import RetaskSortie, SortieState
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.features.flights.airspace import fences_on_board, rally_on_board
from field_api.features.flights.leaving_watch import leave_watch
from field_api.features.flights.messages import RetaskPlan
from field_api.features.flights.orders import note_launch, order_sortie
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.return_layers import layers_for
from field_api.features.flights.tables import CommandRecord, CommandState, SortieRecord
from field_api.features.incidents.records import open_incident
from field_api.features.plans.records import plan_view
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.views import rally_places

__all__ = ["RETASK"]

_IN_FLIGHT = (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING)
_READY = (SortieState.AUTHORISED, SortieState.FAILED)


def _retask(call: Call[RetaskPlan]) -> PlanRecord:
    """Give every aircraft of the plan that flies another plan its first sortie, in the air.

    Those of its aircraft that stand on the ground are left to a launch. What is ordered already
    and not answered goes on as it was ordered: a second press changes nothing.
    """
    change, ctx = call.change, call.ctx
    row = change.get(PlanRecord, call.target)
    if row.state is PlanState.DRAFT:
        raise refuse(409, "not_authorised")
    open_incident(change, row.incident_id)
    sorties = change.session.exec(select(SortieRecord).where(SortieRecord.plan_id == row.id)).all()
    first: dict[str, SortieRecord] = {}
    for sortie in sorted(sorties, key=lambda item: item.order_index):
        if sortie.state in _READY:
            first.setdefault(sortie.vehicle_id, sortie)
    ready = [s for s in first.values() if _flies_another(call, s)]
    waiting = [s for s in ready if _is_ordered(call, s)]
    ready = [s for s in ready if s not in waiting]
    if not ready and waiting:
        return row
    if not ready:
        raise refuse(409, "nobody_to_retask")
    view = plan_view(change.session, row, change.t_ms)
    layers = layers_for(ctx, change.session, view.plan, ready)
    fences = fences_on_board(view.plan)
    rally = rally_on_board(view.plan, fences, rally_places(change.session))
    author = call.who.actor
    for sortie in ready:
        leave_watch(change, sortie.vehicle_id)
        layer = layers.get(sortie.id)
        own = rally.get(sortie.vehicle_id, [])
        order_sortie(ctx, change, RetaskSortie, sortie, row, view.plan, fences, own, layer, author)
        change.record(
            "sortie.retask_ordered",
            sortie.id,
            incident_id=sortie.incident_id,
            refs={"vehicle_id": sortie.vehicle_id},
            vehicle=sortie.vehicle_id,
        )
    note_launch(change, row, author)
    return row


def _flies_another(call: Call[RetaskPlan], sortie: SortieRecord) -> bool:
    query = select(SortieRecord.id).where(
        SortieRecord.vehicle_id == sortie.vehicle_id,
        SortieRecord.id != sortie.id,
        col(SortieRecord.state).in_(_IN_FLIGHT),
    )
    return call.change.session.exec(query.limit(1)).first() is not None


def _is_ordered(call: Call[RetaskPlan], sortie: SortieRecord) -> bool:
    query = select(CommandRecord.id).where(
        CommandRecord.sortie_id == sortie.id,
        CommandRecord.action == "retask_sortie",
        col(CommandRecord.state).in_((CommandState.SENT, CommandState.ACCEPTED)),
    )
    return call.change.session.exec(query.limit(1)).first() is not None


RETASK = Operation("plan.retask", FLIGHT_COMMAND, RetaskPlan, _retask, targeted=True, batch=False)
