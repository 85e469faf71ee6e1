"""What an issued paper does to its hazards, and what a review does to its order."""

from field_api.core.change import Change
from field_api.features.inspections.forms import Form, orders_something
from field_api.features.inspections.gathering import hazards_in_order
from field_api.features.inspections.settling import settle_state
from field_api.features.inspections.tables import Hazard, HazardState, Inspection, Paper

__all__ = ["contradicts", "follow_issue"]

_CLEARED = "cleared"
CONCLUSION = "conclusion"
DONE = ("done", "resume")
"""Conclusions of a review that find everything done."""


def _order(change: Change, hazards: list[Hazard], paper: Paper) -> None:
    for hazard in hazards:
        due_day = paper.due_day or hazard.due_day
        found = hazard.state is HazardState.FOUND
        if found or hazard.due_day != due_day:
            change.put(hazard)
            hazard.due_day = due_day
        if found:
            hazard.state = HazardState.ORDERED


def _clear(change: Change, hazards: list[Hazard]) -> bool:
    """Clear what the re-check found done; return whether that is all."""
    for hazard in hazards:
        if hazard.check_result == _CLEARED and hazard.state is not HazardState.CLEARED:
            change.put(hazard)
            hazard.state = HazardState.CLEARED
    return all(hazard.state is HazardState.CLEARED for hazard in hazards)


def _fulfil(change: Change, form: Form, paper: Paper) -> None:
    order = change.session.get_one(Paper, paper.order_id)
    inspection = change.session.get_one(Inspection, order.inspection_id)
    hazards = hazards_in_order(change.session, inspection, order.hazard_ids)
    if form.fulfils == "hazards" and not (_clear(change, hazards) and _says_done(form, paper)):
        return
    change.put(order)
    order.fulfilled_ms = paper.issued_ms
    change.record(
        "paper.fulfilled",
        order.id,
        area=order.area,
        refs={"fulfilled_by": paper.id},
        number=order.number or "—",
    )
    if order.inspection_id != paper.inspection_id:
        settle_state(change, inspection)


def _says_done(form: Form, paper: Paper) -> bool:
    """Whether the conclusion, where a form has one, is that all is done."""
    if all(field.name != CONCLUSION for field in form.fields):
        return True
    return paper.values.get(CONCLUSION) in DONE


def contradicts(form: Form, paper: Paper, hazards: list[Hazard]) -> bool:
    """Whether a conclusion says that all is done while a hazard of the order is not."""
    open_ = [
        h for h in hazards if h.state is not HazardState.CLEARED and h.check_result != _CLEARED
    ]
    return form.fulfils == "hazards" and paper.values.get(CONCLUSION) in DONE and bool(open_)


def follow_issue(change: Change, form: Form, inspection: Inspection, paper: Paper) -> None:
    """Carry on what follows from a paper that was issued just now."""
    if form.fulfils != "none" and paper.order_id is not None:
        _fulfil(change, form, paper)
    elif form.about == "hazards" and orders_something(form):
        _order(change, hazards_in_order(change.session, inspection, paper.hazard_ids), paper)
