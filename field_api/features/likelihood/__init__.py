"""Where the missing may be: the probability map of an incident and what searching made of it."""

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.likelihood.messages import LikelihoodHead
from field_api.features.likelihood.records import KeptMaps, likelihood_heads
from field_api.features.likelihood.routes import MAKE, router
from field_api.features.likelihood.tables import LikelihoodRecord
from field_api.features.plans.permissions import PLAN_VIEW

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="likelihood",
    about="Where the missing may be, and what is searched",
    routers=(router,),
    records=(
        RecordKind(
            topic="likelihood",
            table=LikelihoodRecord,
            view_type=LikelihoodHead,
            views=likelihood_heads,
            reads=PLAN_VIEW,
            incident_column="id",
        ),
    ),
    operations=(MAKE,),
    parts=(lambda _ctx: KeptMaps(),),
)
