"""The state of an inspection as its papers have it."""

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.features.inspections.forms import forms
from field_api.features.inspections.gathering import scene_of
from field_api.features.inspections.states import state_by_papers
from field_api.features.inspections.tables import Inspection, InspectionState

__all__ = ["refuse_closed", "settle_state"]


def refuse_closed(row: Inspection) -> None:
    """Refuse what belongs to an inspection that goes on no more.

    Raises:
        ApiError: 409, it is closed, or the bureau goes on with it.
    """
    if row.state is InspectionState.CLOSED:
        raise refuse(409, "inspection_is_closed")
    if row.state is InspectionState.ESCALATED:
        raise refuse(409, "inspection_is_escalated")


def settle_state(change: Change, row: Inspection) -> None:
    """Put an open inspection into the state that its papers say."""
    if row.state in (InspectionState.CLOSED, InspectionState.ESCALATED):
        return
    change.session.flush()
    scene = scene_of(change.session, row)
    state = InspectionState(state_by_papers(scene.entered, scene.papers, forms()))
    if state is not row.state:
        change.put(row)
        row.state = state
