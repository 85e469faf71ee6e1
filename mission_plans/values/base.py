"""What every planning value is made of: immutable, strict, finite."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MOST_POINTS", "GeoPoint", "Latitude", "Longitude", "Ring", "Value"]

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Value(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GeoPoint(Value):
    """A point on the ground, WGS-84."""

    lat_deg: Latitude
    lon_deg: Longitude


MOST_POINTS = 20_000
"""Of one outline; planning simplifies what is finer than can be flown."""

Ring = Annotated[list[GeoPoint], Field(min_length=3, max_length=MOST_POINTS)]
"""A closed outline without its closing point."""
