"""Tasks for handhelds, with receipts and reports."""

from typing import Any

from sqlmodel import Session

from field_api.core.blobs.tables import missing_of_body
from field_api.core.feature import Feature, Timer
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.services import Services
from field_api.features.incidents.records import of_open_incident
from field_api.features.tasks.escalation import escalate_due
from field_api.features.tasks.messages import TaskView
from field_api.features.tasks.operations import ASSIGN, CANCEL, MOVE, REPORT
from field_api.features.tasks.permissions import TASK_ASSIGN, TASK_OWN, TASK_VIEW, TASK_WORK
from field_api.features.tasks.placing import follow_places
from field_api.features.tasks.pressing import HAND_OVER, REMIND
from field_api.features.tasks.records import task_views
from field_api.features.tasks.routes import router
from field_api.features.tasks.tables import Task

__all__ = ["FEATURE"]


def _missing(_ctx: Services, session: Session, row: Record, body: dict[str, Any]) -> list[str]:
    return missing_of_body(session, body) if isinstance(row, Task) else []


FEATURE = Feature(
    name="tasks",
    about="Tasks for handhelds",
    routers=(router,),
    records=(
        RecordKind(
            topic="task",
            table=Task,
            view_type=TaskView,
            views=task_views,
            reads=TASK_VIEW,
            own_reads=TASK_OWN,
            sync=Sync.OWN,
            shown=lambda: of_open_incident(Task.incident_id),
            shows_media=True,
        ),
    ),
    operations=(ASSIGN, CANCEL, MOVE, REPORT, REMIND, HAND_OVER),
    permissions=(TASK_VIEW, TASK_OWN, TASK_ASSIGN, TASK_WORK),
    timers=(
        Timer("task escalation", 1.0, escalate_due),
        Timer("places of alerts that people were sent to", 1.0, follow_places),
    ),
    media_missing=_missing,
)
