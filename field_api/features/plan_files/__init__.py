"""Plan and map files in and out: read without storing, and written from plans and flights."""

from field_api.core.feature import Feature
from field_api.features.plan_files.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="plan_files",
    about="Plan and map files: what one holds, and plans, flown tracks and alerts as files",
    routers=(router,),
)
