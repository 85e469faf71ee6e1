"""Reading estimates."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.fire_spread.messages import SpreadHead, SpreadView
from field_api.features.fire_spread.tables import SpreadEstimate
from field_api.features.incidents.tables import Incident
from mission_plans.fire.rate import fuels

__all__ = ["WIND_STALE_MS", "spread_heads", "spread_view"]

WIND_STALE_MS = 3_600_000
"""An hour: in hills the wind turns with the sun."""


def spread_heads(_session: Session, rows: Sequence[SpreadEstimate]) -> list[SpreadHead]:
    """Return what the tail tells of estimates."""
    return [SpreadHead.model_validate(row) for row in rows]


def spread_view(session: Session, row: SpreadEstimate) -> SpreadView:
    """Return a whole estimate."""
    fuel = fuels()[row.inputs.fuel]
    incident = session.get(Incident, row.incident_id)
    return SpreadView(
        **row.model_dump(exclude={"request_sha256", "inputs", "result"}),
        **dict(row.result),
        inputs=row.inputs,
        wind_stale=row.made_ms - row.wind_observed_ms > WIND_STALE_MS,
        fuel_zh=fuel.name_zh,
        fuel_en=fuel.name_en,
        fuel_factor=fuel.factor,
        spots=fuel.spots,
        drill=bool(incident and incident.drill),
    )
