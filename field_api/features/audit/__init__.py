"""The audit trail for auditors."""

from field_api.core.feature import Feature
from field_api.features.audit.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(name="audit", about="The hash-chained audit trail", routers=(router,))
