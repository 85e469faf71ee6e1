"""The probability map of an incident: table and wire shapes."""

from typing import Annotated

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.wire import Body, Name, View
from mission_plans.probability.probability_map import Attraction, Clue, LastKnown
from mission_plans.probability.sweep_width import Vegetation

__all__ = ["LikelihoodRecord", "LikelihoodView", "MakeLikelihood", "ProfileView"]


class LikelihoodRecord(SQLModel, table=True):
    """What an incident's map is made from; the newest replaces the one before."""

    incident_id: str = Field(primary_key=True, foreign_key="incident.id")
    body_json: str
    revision: int = 1
    made_ms: int
    made_by: str


class MakeLikelihood(Body):
    """Who is missing, where they were last known, and what speaks for or against places."""

    last_known: Annotated[list[LastKnown], Limited(min_length=1, max_length=10)]
    profile: Name = "hiker_mountain_temperate"
    radius_m: Annotated[float, Limited(ge=500, le=20_000)] = 3000.0
    vegetation: Vegetation = "scrub"
    clues: Annotated[list[Clue], Limited(max_length=100)] = Limited(default=[])
    attractions: Annotated[list[Attraction], Limited(max_length=50)] = Limited(default=[])


class ProfileView(View):
    """A kind of lost person the map can be made for."""

    id: str
    name_zh: str
    name_en: str
    distance_km: list[float]
    """Within which 25, 50, 75 and 95 % were found."""


class LikelihoodView(View):
    """The map and what searching has made of it."""

    incident_id: str
    request: MakeLikelihood
    searched: float
    """Chance that the search so far would have found them: 0.68 is "68 % already searched"."""
    on_map: float
    """Probability that they are on the map at all, before searching."""
    detection: float
    """Chance that one pass finds a person, for the cameras flown or of the roster."""
    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float
    image_url: str
    """Transparent picture of where they may be now, for those bounds."""
    made_ms: int
    made_by: str
