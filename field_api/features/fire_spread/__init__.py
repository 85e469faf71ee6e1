"""Wind at an incident, and a model's estimate of how its fire may spread."""

from sqlalchemy import and_
from sqlmodel import col

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.fire_spread.estimating import SpreadTurns
from field_api.features.fire_spread.messages import SpreadHead, WindView
from field_api.features.fire_spread.permissions import (
    SPREAD_MAKE,
    SPREAD_VIEW,
    WIND_REPORT,
    WIND_VIEW,
)
from field_api.features.fire_spread.records import spread_heads
from field_api.features.fire_spread.routes import router
from field_api.features.fire_spread.tables import SpreadEstimate, WindReading
from field_api.features.fire_spread.wind import REPORT, wind_views
from field_api.features.incidents.records import of_open_incident

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="fire_spread",
    about="Wind, and a model's estimate of how a fire may spread",
    routers=(router,),
    records=(
        RecordKind(
            topic="wind",
            table=WindReading,
            view_type=WindView,
            views=wind_views,
            reads=WIND_VIEW,
            shown=lambda: and_(
                col(WindReading.current).is_(True), of_open_incident(WindReading.incident_id)
            ),
        ),
        RecordKind(
            topic="fire_spread",
            table=SpreadEstimate,
            view_type=SpreadHead,
            views=spread_heads,
            reads=SPREAD_VIEW,
            shown=lambda: and_(
                col(SpreadEstimate.current).is_(True),
                of_open_incident(SpreadEstimate.incident_id),
            ),
        ),
    ),
    operations=(REPORT,),
    permissions=(WIND_VIEW, WIND_REPORT, SPREAD_VIEW, SPREAD_MAKE),
    parts=(lambda _ctx: SpreadTurns(),),
)
