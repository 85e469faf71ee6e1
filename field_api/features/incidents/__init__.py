"""Incidents and their timeline."""

from sqlmodel import col

from field_api.core.audit.tables import TimelineEntry
from field_api.core.feature import Feature
from field_api.core.records import RecordKind, Sync, ToldKind
from field_api.features.incidents.messages import FiguresView, IncidentView
from field_api.features.incidents.operations import CLOSE, LINK, MERGE, OPEN, REOPEN
from field_api.features.incidents.permissions import (
    INCIDENT_CLOSE,
    INCIDENT_EDIT,
    INCIDENT_OPEN,
    INCIDENT_VIEW,
    TIMELINE_VIEW,
)
from field_api.features.incidents.records import figures_views, incident_views
from field_api.features.incidents.room import COUNT, EDIT
from field_api.features.incidents.routes import router
from field_api.features.incidents.tables import Incident, IncidentFigures, IncidentState

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
        RecordKind(
            topic="incident_figures",
            table=IncidentFigures,
            view_type=FiguresView,
            views=figures_views,
            # Names of people, as in the timeline.
            reads=TIMELINE_VIEW,
        ),
    ),
    told=(ToldKind("timeline", TimelineEntry, TIMELINE_VIEW),),
    operations=(OPEN, EDIT, COUNT, LINK, MERGE, CLOSE, REOPEN),
    permissions=(INCIDENT_VIEW, INCIDENT_OPEN, INCIDENT_EDIT, INCIDENT_CLOSE, TIMELINE_VIEW),
)
