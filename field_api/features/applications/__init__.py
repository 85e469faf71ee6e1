"""Emergency flight applications: filled from a plan, handed in, answered."""

from field_api.core.documents.issuing import document_views
from field_api.core.documents.tables import Document, DocumentView
from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.applications.messages import ApplicationView
from field_api.features.applications.operations import ANSWER, EDIT, MAKE, SUBMIT
from field_api.features.applications.records import application_views, applied_for
from field_api.features.applications.routes import router
from field_api.features.applications.tables import ApplicationRecord
from field_api.features.incidents.records import of_open_incident
from field_api.features.plans.permissions import PLAN_VIEW
from field_api.features.plans.records import bound_by

__all__ = ["FEATURE"]

# What was applied for is what is flown: nothing is improved behind the application's back.
bound_by(applied_for)

FEATURE = Feature(
    name="applications",
    about="Flight applications: filled, edited, handed in, answered",
    routers=(router,),
    records=(
        RecordKind(
            topic="application",
            table=ApplicationRecord,
            view_type=ApplicationView,
            views=application_views,
            reads=PLAN_VIEW,
            shown=lambda: of_open_incident(ApplicationRecord.incident_id),
        ),
        RecordKind(
            topic="document",
            table=Document,
            view_type=DocumentView,
            views=document_views,
            reads=PLAN_VIEW,
        ),
    ),
    operations=(MAKE, EDIT, SUBMIT, ANSWER),
)
