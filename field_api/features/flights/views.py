"""What clients see of flights, and the queries that other features ask."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.contract.messages import SortieState
from field_api.features.flights.messages import (
    AnomalyView,
    CommandView,
    FlownView,
    SortieView,
    StationView,
    VehicleEventView,
)
from field_api.features.flights.tables import (
    Anomaly,
    CommandRecord,
    FlownPiece,
    SortieRecord,
    SortieStep,
    Station,
    VehicleEventRecord,
)

__all__ = [
    "AIRBORNE",
    "anomaly_views",
    "command_views",
    "flown_span_ms",
    "flown_views",
    "flying_incident",
    "sortie_views",
    "station_views",
    "vehicle_event_views",
]

_UNDER_WAY = (
    SortieState.UPLOADED,
    SortieState.STARTING,
    SortieState.FLYING,
    SortieState.PAUSED,
    SortieState.RETURNING,
)
AIRBORNE = _UNDER_WAY[1:]
_ENDED = (SortieState.RETURNED, SortieState.FAILED, SortieState.REPLACED)


def sortie_views(_session: Session, rows: Sequence[SortieRecord]) -> list[SortieView]:
    """Return sorties as clients see them."""
    return [
        SortieView(
            id=row.id,
            version=row.version,
            area=row.area,
            plan_id=row.plan_id,
            incident_id=row.incident_id,
            vehicle_id=row.vehicle_id,
            order=row.order_index,
            state=row.state,
            state_t_ms=row.state_t_ms,
            author=row.author,
            text_zh=row.text_zh,
            text_en=row.text_en,
            start_due_ms=row.start_due_ms,
            sortie=row.sortie,
        )
        for row in rows
    ]


def anomaly_views(_session: Session, rows: Sequence[Anomaly]) -> list[AnomalyView]:
    """Return anomalies as clients see them."""
    return [AnomalyView.model_validate(row.model_dump(exclude={"warned"})) for row in rows]


def command_views(_session: Session, rows: Sequence[CommandRecord]) -> list[CommandView]:
    """Return orders as clients see them."""
    return [CommandView.model_validate(row) for row in rows]


def station_views(_session: Session, rows: Sequence[Station]) -> list[StationView]:
    """Return watched places as clients see them."""
    return [StationView.model_validate(row) for row in rows]


def flown_views(_session: Session, rows: Sequence[FlownPiece]) -> list[FlownView]:
    """Return pieces of track as clients see them."""
    return [
        FlownView(
            id=row.id,
            version=row.version,
            sortie_id=row.sortie_id,
            vehicle_id=row.vehicle_id,
            incident_id=row.incident_id,
            points=[(s.lon_deg, s.lat_deg, s.altitude_amsl_m, s.t_ms) for s in row.samples],
        )
        for row in rows
    ]


def vehicle_event_views(
    _session: Session, rows: Sequence[VehicleEventRecord]
) -> list[VehicleEventView]:
    """Return what vehicles said as clients see it."""
    return [VehicleEventView.model_validate(row) for row in rows]


def flying_incident(session: Session, vehicle_id: str) -> str | None:
    """Return the incident that a vehicle is on a sortie for."""
    return session.exec(
        select(SortieRecord.incident_id)
        .where(SortieRecord.vehicle_id == vehicle_id, col(SortieRecord.state).in_(_UNDER_WAY))
        .order_by(col(SortieRecord.state_t_ms).desc())
        .limit(1)
    ).first()


def flown_span_ms(session: Session, plan_id: str) -> tuple[int | None, int | None, bool]:
    """Return a plan's first take-off, its last landing, and whether the take-off has happened.

    Without one it is when the first aircraft is due to take off, None while nothing is launched;
    the landing is None until every sortie has ended.
    """
    rows = session.exec(select(SortieRecord).where(SortieRecord.plan_id == plan_id)).all()
    flying = select(SortieStep.t_ms).where(
        col(SortieStep.sortie_id).in_([row.id for row in rows]),
        SortieStep.state == SortieState.FLYING.value,
    )
    took_off_ms = session.exec(flying.order_by(col(SortieStep.t_ms)).limit(1)).first()
    if took_off_ms is None:
        due = [row.start_due_ms for row in rows if row.start_due_ms is not None]
        return min(due, default=None), None, False
    ended = all(row.state in _ENDED for row in rows)
    return took_off_ms, max(row.state_t_ms for row in rows) if ended else None, True
