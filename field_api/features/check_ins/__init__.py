"""Whether people in the field are well: check-in timers and roll calls."""

from sqlmodel import and_, col

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind, Sync
from field_api.features.check_ins.messages import CheckInView, RollAskView, RollCallView
from field_api.features.check_ins.operations import SAY, SET, STOP
from field_api.features.check_ins.overdue import raise_overdue
from field_api.features.check_ins.permissions import (
    CHECK_IN_OWN,
    CHECK_IN_SAY,
    CHECK_IN_SET,
    CHECK_IN_VIEW,
)
from field_api.features.check_ins.records import check_in_views, roll_ask_views, roll_call_views
from field_api.features.check_ins.roll_calls import ANSWER, CALL, END
from field_api.features.check_ins.routes import router
from field_api.features.check_ins.tables import CheckIn, RollAsk, RollCall
from field_api.features.incidents.records import of_open_incident

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="check_ins",
    about="Check-in timers and roll calls",
    routers=(router,),
    records=(
        RecordKind(
            topic="check_in",
            table=CheckIn,
            view_type=CheckInView,
            views=check_in_views,
            reads=CHECK_IN_VIEW,
            own_reads=CHECK_IN_OWN,
            sync=Sync.OWN,
            shown=lambda: and_(
                col(CheckIn.ended_ms).is_(None), of_open_incident(CheckIn.incident_id)
            ),
        ),
        RecordKind(
            topic="roll_call",
            table=RollCall,
            view_type=RollCallView,
            views=roll_call_views,
            reads=CHECK_IN_VIEW,
            shown=lambda: of_open_incident(RollCall.incident_id),
        ),
        RecordKind(
            topic="roll_ask",
            table=RollAsk,
            view_type=RollAskView,
            views=roll_ask_views,
            reads=CHECK_IN_VIEW,
            own_reads=CHECK_IN_OWN,
            sync=Sync.OWN,
            shown=lambda: and_(
                col(RollAsk.answered_ms).is_(None),
                col(RollAsk.closed).is_(False),
                of_open_incident(RollAsk.incident_id),
            ),
        ),
    ),
    operations=(SET, STOP, SAY, CALL, ANSWER, END),
    permissions=(CHECK_IN_VIEW, CHECK_IN_OWN, CHECK_IN_SET, CHECK_IN_SAY),
    timers=(Timer("overdue check-ins", 1.0, raise_overdue),),
)
