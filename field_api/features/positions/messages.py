"""Handheld positions on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.core.wire import Body, Latitude, Longitude, Milliseconds

__all__ = ["PositionBody"]


class PositionBody(Body):
    """A handheld's position."""

    t_ms: Milliseconds
    """Of the fix itself, not of sending it."""
    lat_deg: Latitude
    lon_deg: Longitude
    accuracy_m: Annotated[float, Field(ge=0, le=1e6)] | None = None
    battery_fraction: Annotated[float, Field(ge=0, le=1)] | None = None
