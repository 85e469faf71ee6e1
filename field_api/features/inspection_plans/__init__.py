"""The yearly inspection plan: by street, sector and month, approved by the bureau."""

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.inspection_plans.messages import InspectionPlanView
from field_api.features.inspection_plans.operations import APPROVE, SUBMIT, WRITE
from field_api.features.inspection_plans.routes import plan_views, router
from field_api.features.inspection_plans.tables import InspectionPlan
from field_api.features.inspections.permissions import INSPECTION_VIEW

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="inspection_plans",
    about="The yearly inspection plan",
    routers=(router,),
    records=(
        RecordKind(
            topic="inspection_plan",
            table=InspectionPlan,
            view_type=InspectionPlanView,
            views=plan_views,
            reads=INSPECTION_VIEW,
            incident_column=None,
        ),
    ),
    operations=(WRITE, SUBMIT, APPROVE),
)
