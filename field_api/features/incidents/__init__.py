"""Incidents and their timeline."""

from sqlmodel import col

from field_api.core.audit.tables import TimelineEntry
from field_api.core.feature import Feature
from field_api.core.records import RecordKind, Sync, ToldKind
from field_api.features.incidents.messages import IncidentView
from field_api.features.incidents.operations import CLOSE, LINK, OPEN
from field_api.features.incidents.permissions import (
    INCIDENT_CLOSE,
    INCIDENT_OPEN,
    INCIDENT_VIEW,
    TIMELINE_VIEW,
)
from field_api.features.incidents.records import incident_views
from field_api.features.incidents.routes import router
from field_api.features.incidents.tables import Incident, IncidentState

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="incidents",
    about="Incidents and their timeline",
    routers=(router,),
    records=(
        RecordKind(
            topic="incident",
            table=Incident,
            view_type=IncidentView,
            views=incident_views,
            reads=INCIDENT_VIEW,
            incident_column="id",
            sync=Sync.AREA,
            shown=lambda: col(Incident.state) == IncidentState.OPEN,
        ),
    ),
    told=(ToldKind("timeline", TimelineEntry, TIMELINE_VIEW),),
    operations=(OPEN, LINK, CLOSE),
    permissions=(INCIDENT_VIEW, INCIDENT_OPEN, INCIDENT_CLOSE, TIMELINE_VIEW),
)
