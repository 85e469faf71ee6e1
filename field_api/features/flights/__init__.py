"""Flights: authorised, launched, ordered, flown, and what they covered."""

from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from field_api.contract.messages import (
    CommandResult,
    FlownTrack,
    SortieEvent,
    VehicleEvent,
    VehicleState,
)
from field_api.core.bus import Value, ValueKind
from field_api.core.feature import Feature, NodeMessage, NodeValue, Timer
from field_api.core.records import RecordKind
from field_api.core.services import Services
from field_api.features.flights.abort import ABORT
from field_api.features.flights.anomalies import REPORT_ANOMALY, warn_due
from field_api.features.flights.answers import (
    take_result,
    take_sortie_event,
    take_vehicle_event,
)
from field_api.features.flights.departures import give_up_late
from field_api.features.flights.expiry import expire_unanswered
from field_api.features.flights.flown import take_flown
from field_api.features.flights.following import Following
from field_api.features.flights.guiding import FLY_TO, FOLLOW, LOOK_AGAIN
from field_api.features.flights.messages import (
    AnomalyView,
    CommandView,
    FlownView,
    SortieView,
    StationView,
    VehicleEventView,
)
from field_api.features.flights.operations import AUTHORISE, COMMAND, LAUNCH
from field_api.features.flights.permissions import (
    ANOMALY_REPORT,
    FLIGHT_COMMAND,
    SORTIE_VIEW,
    VEHICLE_VIEW,
)
from field_api.features.flights.relief import relieve_due
from field_api.features.flights.retask import RETASK
from field_api.features.flights.routes import router
from field_api.features.flights.stations import KEEP_WATCH
from field_api.features.flights.tables import (
    Anomaly,
    CommandRecord,
    CommandState,
    FlownPiece,
    SortieRecord,
    Station,
    StationState,
    VehicleEventRecord,
)
from field_api.features.flights.views import (
    anomaly_views,
    command_views,
    flown_views,
    sortie_views,
    station_views,
    vehicle_event_views,
)
from field_api.features.flights.watching import Watching, hear
from field_api.features.incidents.records import of_open_incident

__all__ = ["FEATURE"]

VEHICLE_STATE = ValueKind("vehicle_state", VehicleState, VEHICLE_VIEW)


def _take_state(ctx: Services, node_id: str, state: VehicleState) -> None:
    ctx.presence.heard_vehicle(node_id, state.vehicle_id)
    ctx.bus.publish(VEHICLE_STATE, state.key, state)


def _hear(ctx: Services, value: Value) -> None:
    hear(ctx, value)
    ctx.part(Following).hear(value)


def _of_open_incident_or_waiting() -> ColumnElement[bool]:
    waiting = (CommandState.SENT, CommandState.ACCEPTED)
    return or_(of_open_incident(CommandRecord.incident_id), col(CommandRecord.state).in_(waiting))


FEATURE = Feature(
    name="flights",
    about="Flights, their steps, orders to vehicles, what was flown",
    routers=(router,),
    records=(
        RecordKind(
            topic="sortie",
            table=SortieRecord,
            view_type=SortieView,
            views=sortie_views,
            reads=SORTIE_VIEW,
            shown=lambda: of_open_incident(SortieRecord.incident_id),
        ),
        RecordKind(
            topic="command",
            table=CommandRecord,
            view_type=CommandView,
            views=command_views,
            reads=SORTIE_VIEW,
            shown=_of_open_incident_or_waiting,
        ),
        RecordKind(
            topic="anomaly",
            table=Anomaly,
            view_type=AnomalyView,
            views=anomaly_views,
            reads=SORTIE_VIEW,
            shown=lambda: col(Anomaly.reported_ms).is_(None),
        ),
        RecordKind(
            topic="station",
            table=Station,
            view_type=StationView,
            views=station_views,
            reads=SORTIE_VIEW,
            shown=lambda: col(Station.state) != StationState.OVER,
        ),
        RecordKind(
            topic="flown",
            table=FlownPiece,
            view_type=FlownView,
            views=flown_views,
            reads=SORTIE_VIEW,
        ),
        RecordKind(
            topic="vehicle_event",
            table=VehicleEventRecord,
            view_type=VehicleEventView,
            views=vehicle_event_views,
            reads=SORTIE_VIEW,
        ),
    ),
    values=(VEHICLE_STATE,),
    node_values=(NodeValue(VehicleState, _take_state),),
    permissions=(SORTIE_VIEW, VEHICLE_VIEW, FLIGHT_COMMAND, ANOMALY_REPORT),
    operations=(
        AUTHORISE,
        LAUNCH,
        COMMAND,
        REPORT_ANOMALY,
        ABORT,
        FLY_TO,
        FOLLOW,
        LOOK_AGAIN,
        KEEP_WATCH,
        RETASK,
    ),
    timers=(
        Timer("orders unanswered", 1.0, expire_unanswered),
        Timer("anomaly reports", 30.0, warn_due),
        Timer("departures", 1.0, give_up_late),
        Timer("reliefs", 1.0, relieve_due),
        Timer("watched video", 2.0, lambda ctx: ctx.part(Watching).write()),
    ),
    node_messages=(
        NodeMessage(SortieEvent, take_sortie_event),
        NodeMessage(CommandResult, take_result),
        NodeMessage(VehicleEvent, take_vehicle_event),
        NodeMessage(FlownTrack, take_flown),
    ),
    parts=(Watching, Following),
    hears=_hear,
)
