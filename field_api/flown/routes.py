"""Coverage over HTTP."""

from fastapi import APIRouter

from field_api.contract.ids import RecordId
from field_api.flown.models import CoverageView
from field_api.flown.records import coverage_of
from field_api.services import Context, ViewerDep

__all__ = ["router"]

router = APIRouter(tags=["flown"])


@router.get("/plans/{plan_id}/coverage", operation_id="getCoverage")
def get_coverage(plan_id: RecordId, _who: ViewerDep, ctx: Context) -> CoverageView:
    """Return what was really flown and seen of a plan's area, beside what was planned."""
    return coverage_of(ctx, plan_id)
