"""Flown tracks: the table and what clients read of coverage."""

from sqlmodel import Field, SQLModel

from field_api.wire import View
from mission_plans.plan import GeoPoint

__all__ = ["CoverageView", "FlownPiece", "GapView"]


class FlownPiece(SQLModel, table=True):
    """A piece of a sortie as flown, stored once by the node's id."""

    id: str = Field(primary_key=True)
    sortie_id: str = Field(index=True)
    vehicle_id: str
    last_ms: int
    samples_json: str
    watched_json: str
    """For every sample whether the aircraft's video was live and analysed at that moment."""


class GapView(View):
    """Ground that nobody has seen."""

    outline: list[GeoPoint]
    area_m2: float


class CoverageView(View):
    """Flown beside planned coverage of a plan's area, as shares of it."""

    plan_id: str
    area_m2: float
    planned_fraction: float
    flown_fraction: float
    """Passed low enough, whether or not the video arrived."""
    seen_fraction: float
    """Passed with live video under analysis: what counts as searched."""
    gaps: list[GapView]
    """Of what was seen, largest first."""
    seen_outlines: list[list[GeoPoint]]
    sample_count: int
