"""The map base, from local data only."""

from field_api.core.feature import Feature
from field_api.core.roles import VIEW
from field_api.features.maps.base import MapBase
from field_api.features.maps.permissions import MAP_VIEW
from field_api.features.maps.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="map",
    about="The map base, from local data",
    routers=(router,),
    permissions=(MAP_VIEW, VIEW),
    parts=(lambda ctx: MapBase(ctx.settings.terrain_file),),
)
