"""An incident's records as one package that proves itself."""

from field_api.core.feature import Feature
from field_api.features.after_action.permissions import INCIDENT_PACKAGE
from field_api.features.after_action.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="after_action",
    about="An incident's records as one package that proves itself",
    routers=(router,),
    permissions=(INCIDENT_PACKAGE,),
)
