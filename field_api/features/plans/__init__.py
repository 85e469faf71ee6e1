"""Search plans: what was computed and decided."""

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.plans.improvement import PlanImprover
from field_api.features.plans.messages import PlanHead
from field_api.features.plans.operations import STATE_FACTS
from field_api.features.plans.permissions import (
    PLAN_AUTHORISE,
    PLAN_MAKE,
    PLAN_OVERRIDE,
    PLAN_VIEW,
)
from field_api.features.plans.records import plan_heads
from field_api.features.plans.routes import router
from field_api.features.plans.tables import PlanRecord

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="plans",
    about="Search plans: compute, authorise, launch",
    routers=(router,),
    records=(
        RecordKind(
            topic="plan",
            table=PlanRecord,
            view_type=PlanHead,
            views=plan_heads,
            reads=PLAN_VIEW,
        ),
    ),
    operations=(STATE_FACTS,),
    permissions=(PLAN_VIEW, PLAN_MAKE, PLAN_AUTHORISE, PLAN_OVERRIDE),
    parts=(lambda ctx: PlanImprover(ctx.settings.terrain_file, ctx.settings.improve_s),),
)
