"""Handheld positions: the newest of each."""

from typing import Annotated

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.wire import Body, Latitude, Longitude, Milliseconds, View

__all__ = ["LastPosition", "NearestTerminal", "PositionBody"]


class LastPosition(SQLModel, table=True):
    """Where a handheld last said it was; tracks are not kept (PIPL 28: sensitive)."""

    terminal_id: str = Field(primary_key=True)
    t_ms: int
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None = None
    battery_fraction: float | None = None


class PositionBody(Body):
    """A handheld's position."""

    t_ms: Milliseconds
    lat_deg: Latitude
    lon_deg: Longitude
    accuracy_m: Annotated[float, Limited(ge=0, le=1e6)] | None = None
    battery_fraction: Annotated[float, Limited(ge=0, le=1)] | None = None


class NearestTerminal(View):
    """A handheld and how far it is, along the ellipsoid."""

    terminal_id: str
    holder: str
    team_id: str | None
    lat_deg: float
    lon_deg: float
    t_ms: int
    distance_m: float
    bearing_deg: float
    """From the asked place to the handheld."""
    busy: bool
    """It has a task that is not finished."""
