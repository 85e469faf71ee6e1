"""What the report of a flight anomaly says: the flight's own record and people's words."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel
from sqlmodel import Session, col, select

from field_api.features.flights.qualified import LOCAL
from field_api.features.flights.tables import Anomaly, SortieRecord, VehicleEventRecord
from field_api.features.incidents.tables import Incident
from field_api.features.plans.tables import PlanRecord
from field_api.features.roster.tables import Pilot, Vehicle

__all__ = ["TEMPLATE", "anomaly_document"]

TEMPLATE = Path(__file__).parent / "anomaly.typ"
MOST_WORDS = 30


class _Words(BaseModel):
    t_ms: int
    text: str


class AnomalyDocument(BaseModel):
    """The values of the report; empty where the registers have none, and said so."""

    id: str
    year: int
    vehicle_id: str
    aircraft: str
    product_code: str
    registration: str
    weight_class: str
    pilot: str
    licence: str
    purpose: str
    launch: str
    what: str
    t_ms: int
    landed_ms: int | None
    due_ms: int
    reported_ms: int | None
    reported_by: str
    text: str
    words: list[_Words]
    missing: list[str]


def anomaly_document(session: Session, row: Anomaly) -> AnomalyDocument:
    """Return what the report says as things stand in the transaction."""
    sortie = session.get_one(SortieRecord, row.id)
    vehicle = session.get(Vehicle, row.vehicle_id)
    plan = session.get(PlanRecord, sortie.plan_id)
    incident = session.get(Incident, sortie.incident_id)
    pilot = (plan.launched_by or plan.authorised_by or "") if plan else ""
    paper = session.exec(select(Pilot).where(Pilot.name == pilot).limit(1)).first()
    said = session.exec(
        select(VehicleEventRecord)
        .where(
            VehicleEventRecord.vehicle_id == row.vehicle_id,
            VehicleEventRecord.severity != "info",
            col(VehicleEventRecord.t_ms).between(row.t_ms - 60_000, row.landed_ms or row.due_ms),
        )
        .order_by(col(VehicleEventRecord.t_ms))
        .limit(MOST_WORDS)
    )
    values = {
        "product_code": (vehicle.product_code if vehicle else None) or "",
        "registration": (vehicle.registration if vehicle else None) or "",
        "weight_class": (vehicle.weight_class if vehicle else None) or "",
        "pilot": pilot,
        "licence": paper.licence if paper else "",
    }
    place = sortie.sortie.launch
    return AnomalyDocument(
        id=row.id,
        year=datetime.fromtimestamp((row.reported_ms or row.t_ms) / 1000, LOCAL).year,
        vehicle_id=row.vehicle_id,
        aircraft=vehicle.name if vehicle else row.vehicle_id,
        purpose=incident.title if incident else "",
        launch=f"{place.lat_deg:.6f}, {place.lon_deg:.6f} (WGS-84)",
        what=row.text_zh,
        t_ms=row.t_ms,
        landed_ms=row.landed_ms,
        due_ms=row.due_ms,
        reported_ms=row.reported_ms,
        reported_by=row.reported_by or "",
        text=row.text or "",
        words=[_Words(t_ms=event.t_ms, text=event.text_zh) for event in said],
        missing=[name for name, value in values.items() if not value],
        **values,
    )
