"""What an issued paper does to its hazards, and what a review does to its order."""

from field_api.core.change import Change
from field_api.core.texts import Both
from field_api.features.inspections.forms import Form
from field_api.features.inspections.gathering import hazards_in_order
from field_api.features.inspections.settling import settle_state
from field_api.features.inspections.tables import Hazard, HazardState, Inspection, Paper

__all__ = ["REVIEW", "follow_issue"]

REVIEW = "REVIEW"
_CLEARED = "cleared"


def _order(change: Change, hazards: list[Hazard], paper: Paper) -> None:
    for hazard in hazards:
        if hazard.state is HazardState.FOUND:
            change.put(hazard)
            hazard.state = HazardState.ORDERED
            hazard.due_day = paper.due_day or hazard.due_day


def _done(hazard: Hazard) -> bool:
    return hazard.state is HazardState.CLEARED or hazard.check_result == _CLEARED


def _review(change: Change, review: Paper) -> None:
    order = change.session.get_one(Paper, review.order_id)
    inspection = change.session.get_one(Inspection, order.inspection_id)
    hazards = hazards_in_order(change.session, inspection, order.hazard_ids)
    for hazard in hazards:
        if hazard.check_result == _CLEARED and hazard.state is not HazardState.CLEARED:
            change.put(hazard)
            hazard.state = HazardState.CLEARED
    if not hazards or not all(_done(hazard) for hazard in hazards):
        return
    change.put(order)
    order.fulfilled_ms = review.issued_ms
    change.record(
        "paper.fulfilled",
        order.id,
        area=order.area,
        refs={"review": review.id},
        number=order.number or Both("—", "—"),
    )
    if order.inspection_id != review.inspection_id:
        settle_state(change, inspection)


def follow_issue(change: Change, form: Form, inspection: Inspection, paper: Paper) -> None:
    """Carry on what follows from a paper that was issued just now."""
    if form.code == REVIEW and paper.order_id is not None:
        _review(change, paper)
    elif form.about == "hazards" and form.code != "RECORD":
        _order(change, hazards_in_order(change.session, inspection, paper.hazard_ids), paper)
