"""Making plans: from a drawn area, from gaps, from where the missing most likely are."""

from field_api.core.feature import Feature
from field_api.features.planning.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(name="planning", routers=(router,))
