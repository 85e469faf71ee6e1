"""The probability map of an incident on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.core.wire import Body, Name, View
from mission_plans.probability.probability_map import Attraction, Clue, LastKnown
from mission_plans.values.plan import Vegetation

__all__ = ["LikelihoodHead", "LikelihoodView", "MakeLikelihood", "ProfileView"]


class MakeLikelihood(Body):
    """Who is missing, where they were last known, and what speaks for or against places."""

    last_known: Annotated[list[LastKnown], Field(min_length=1, max_length=10)]
    profile: Name = "hiker_mountain_temperate"
    radius_m: Annotated[float, Field(ge=500, le=20_000)] = 3000.0
    vegetation: Vegetation = "scrub"
    clues: Annotated[list[Clue], Field(max_length=100)] = Field(default=[])
    attractions: Annotated[list[Attraction], Field(max_length=50)] = Field(default=[])


class ProfileView(View):
    """A kind of lost person the map can be made for."""

    id: str
    name_zh: str
    name_en: str
    distance_km: list[float]
    """Within which 25, 50, 75 and 95 % were found."""


class LikelihoodHead(View):
    """That a map was made or made anew; it is fetched by its incident."""

    incident_id: str
    version: int
    revision: int
    made_ms: int
    made_by: str


class LikelihoodView(View):
    """The map and what searching has made of it."""

    incident_id: str
    version: int
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
