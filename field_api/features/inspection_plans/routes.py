"""The yearly inspection plan over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Path
from sqlmodel import Session, select

from field_api.core.access import Principal
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.inspection_plans.messages import InspectionPlanView, PlanProgress
from field_api.features.inspection_plans.operations import APPROVE, SUBMIT, WRITE
from field_api.features.inspection_plans.progress import months_ended, rows_of
from field_api.features.inspection_plans.tables import InspectionPlan
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.permissions import INSPECTION_VIEW

__all__ = ["plan_views", "router"]

router = Routes(tags=["inspection plans"])


def plan_views(_session: Session, rows: Sequence[InspectionPlan]) -> list[InspectionPlanView]:
    """Return plans as clients see them."""
    return [InspectionPlanView.model_validate(row) for row in rows]


@router.get("/inspection-plans/{year}", operation_id="getInspectionPlan")
def get_plan(
    year: Annotated[int, Path(ge=2020, le=2100)],
    who: Annotated[Principal, Depends(require(INSPECTION_VIEW))],
    ctx: Context,
) -> PlanProgress:
    """Return a year's plan, if there is one, against what is fixed and done in that year."""
    today = local_day(ctx.clock())
    with ctx.store.read(who.viewer) as session:
        of_year = select(InspectionPlan).where(InspectionPlan.year == year)
        plan = session.exec(of_year.limit(1)).first()
        targets = [
            target
            for target in (plan.targets if plan is not None else [])
            if who.viewer.in_area(target.area)
        ]
        rows = rows_of(
            session,
            year,
            today,
            targets,
            ctx.settings.visits_a_year,
            {str(grade): most for grade, most in ctx.settings.visits_a_year_by_grade.items()},
        )
        return PlanProgress(
            year=year,
            month=months_ended(year, today),
            plan=None if plan is None else plan_views(session, [plan])[0],
            rows=rows,
        )


serve_operation(
    router,
    WRITE,
    "/inspection-plans",
    operation_id="writeInspectionPlan",
    returns=InspectionPlanView,
)
for operation, name in ((SUBMIT, "submit"), (APPROVE, "approve")):
    serve_operation(
        router,
        operation,
        f"/inspection-plans/{{plan_id}}/{name}",
        operation_id=f"{name}InspectionPlan",
        returns=InspectionPlanView,
        target="plan_id",
    )
