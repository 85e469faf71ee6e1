"""Cameras on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.messages import AimAngles, AimMission, AimPlace
from field_api.contract.messages.base import Fraction, SafeInt, StreamId
from field_api.core.wire import Body, View
from field_api.features.flights.messages import OrderBody

__all__ = [
    "AimBody",
    "CameraView",
    "GroundBody",
    "GroundView",
    "PhotoBody",
    "ReleaseCamera",
    "TakeCamera",
    "TrackBody",
]


class TakeCamera(Body):
    """Take control of an aircraft's camera."""

    over: bool = False
    """From whoever holds it: they see it at once."""


class ReleaseCamera(Body):
    """Give it up: it looks as the flight wants again."""


class TrackBody(Body):
    """Keep something that the detector follows in the picture; without a track, stop doing so."""

    stream_id: StreamId | None = None
    track_id: SafeInt | None = None


class PhotoBody(OrderBody):
    """Take a still picture, kept on board; the caller makes the order's id."""


class AimPixel(Body):
    """Look at what is at a point of the picture."""

    to: Literal["pixel"] = "pixel"
    x: Fraction
    """From the left."""
    y: Fraction
    """From the top."""
    aspect: Annotated[float, Field(gt=0.2, lt=5)] = 16 / 9
    """Width over height of the picture."""


class AimBody(Body):
    """Where the camera shall look, and how near; from its holder only."""

    target: (
        Annotated[AimAngles | AimPlace | AimMission | AimPixel, Field(discriminator="to")] | None
    ) = None
    zoom_percent: Annotated[float, Field(ge=0, le=100)] | None = None


class GroundBody(Body):
    """A point of a picture."""

    x: Fraction
    """From the left."""
    y: Fraction
    """From the top."""
    aspect: Annotated[float, Field(gt=0.2, lt=5)] = 16 / 9
    """Width over height of the picture."""
    t_ms: SafeInt | None = None
    """When the picture was captured, UTC, where that is known."""


class GroundView(View):
    """The ground that a point of a picture shows."""

    lat_deg: float
    lon_deg: float
    elevation_amsl_m: float
    error_m: float
    """Radius in which it lies in 95 of 100 cases."""
    distance_m: float
    """From the aircraft, over ground."""
    bearing_deg: float
    """From the aircraft, clockwise from true north."""


class CameraView(View):
    """Who holds an aircraft's camera."""

    id: str
    """The aircraft's."""
    version: int
    area: str
    holder_id: str | None
    """None while nobody does."""
    holder: str
    since_ms: int
    track_stream: str | None
    track_id: int | None
