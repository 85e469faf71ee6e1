"""Reports of incidents upwards: duties and their clocks, drafts, approval, what was sent."""

from sqlmodel import col

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind
from field_api.features.incident_reports.clocks import keep_clocks
from field_api.features.incident_reports.messages import (
    CaseView,
    ClockView,
    ReportView,
    SendingView,
)
from field_api.features.incident_reports.operations import (
    ASK,
    DECIDE,
    DRAFT,
    DROP,
    EDIT,
    FACTS,
    LEVEL,
)
from field_api.features.incident_reports.permissions import (
    REPORT_APPROVE,
    REPORT_VIEW,
    REPORT_WRITE,
)
from field_api.features.incident_reports.records import (
    case_views,
    clock_views,
    report_views,
    sending_views,
)
from field_api.features.incident_reports.routes import router
from field_api.features.incident_reports.sending import ACKNOWLEDGE, SENT
from field_api.features.incident_reports.tables import (
    ClockState,
    IncidentReport,
    ReportCase,
    ReportClock,
    ReportSending,
    ReportState,
)

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="incident_reports",
    about="Reports of incidents upwards, and the clocks of the duties to report",
    routers=(router,),
    records=(
        RecordKind(
            topic="report_case",
            table=ReportCase,
            view_type=CaseView,
            views=case_views,
            reads=REPORT_VIEW,
            history=True,
        ),
        RecordKind(
            topic="report_clock",
            table=ReportClock,
            view_type=ClockView,
            views=clock_views,
            reads=REPORT_VIEW,
            shown=lambda: col(ReportClock.state) == ClockState.RUNNING,
        ),
        RecordKind(
            topic="incident_report",
            table=IncidentReport,
            view_type=ReportView,
            views=report_views,
            reads=REPORT_VIEW,
            # What waits for a commander is seen from every screen.
            shown=lambda: col(IncidentReport.state).in_([ReportState.DRAFT, ReportState.ASKED]),
        ),
        RecordKind(
            topic="report_sending",
            table=ReportSending,
            view_type=SendingView,
            views=sending_views,
            reads=REPORT_VIEW,
        ),
    ),
    operations=(FACTS, LEVEL, DRAFT, EDIT, ASK, DECIDE, DROP, SENT, ACKNOWLEDGE),
    permissions=(REPORT_VIEW, REPORT_WRITE, REPORT_APPROVE),
    timers=(Timer("clocks of duties to report", 1.0, keep_clocks),),
)
