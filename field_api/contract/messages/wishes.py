"""What the command post wants of a vehicle or a node right now: of each key only the newest counts.

A wish is not an order: it is not kept, not answered and not repeated. What became of it is seen in
the state that the vehicle or the node tells of itself.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from field_api.contract.messages.base import Message, Milliseconds, VehicleId
from field_api.contract.messages.looking import DetectorRules
from mission_plans.values.plan import GeoPoint

__all__ = [
    "AimAngles",
    "AimMission",
    "AimPlace",
    "CameraAim",
    "CameraTarget",
    "FollowTo",
    "Wish",
    "wish_adapter",
]


class AimAngles(Message):
    """Look in a direction, as seen from the aircraft."""

    to: Literal["angles"] = "angles"
    pitch_deg: Annotated[float, Field(ge=-90, le=45)]
    """Against the horizon: 0 level, -90 straight down."""
    yaw_deg: Annotated[float, Field(ge=-180, le=180)] = 0.0
    """Against the nose, clockwise."""


class AimPlace(Message):
    """Keep a place on the ground in the picture, whatever the aircraft does."""

    to: Literal["place"] = "place"
    place: GeoPoint
    altitude_amsl_m: float | None = None
    """None takes the ground of the node's terrain model."""


class AimMission(Message):
    """Look as the flight wants: what it was planned with."""

    to: Literal["mission"] = "mission"


CameraTarget = Annotated[AimAngles | AimPlace | AimMission, Field(discriminator="to")]


class CameraAim(Message):
    """Where an aircraft's camera shall look, and how near."""

    kind: Literal["camera_aim"] = "camera_aim"
    vehicle_id: VehicleId
    t_ms: Milliseconds
    """When it was wished, by the command post's clock; too old a wish is not followed."""
    target: CameraTarget | None = None
    """None leaves the direction."""
    zoom_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    """Of the camera's range, 0 the widest; None leaves it."""

    @property
    def key(self) -> str:
        """What a newer wish replaces: direction and nearness are wished apart."""
        return f"camera_aim/{self.vehicle_id}/{'zoom' if self.target is None else 'target'}"


class FollowTo(Message):
    """Where the handheld is that an aircraft follows by order; nothing without that order."""

    kind: Literal["follow_to"] = "follow_to"
    vehicle_id: VehicleId
    t_ms: Milliseconds
    """When it was wished, by the command post's clock."""
    terminal_id: Annotated[str, Field(min_length=1, max_length=40)]
    place: GeoPoint
    seen_ms: Milliseconds
    """When it was there, by its own clock."""

    @property
    def key(self) -> str:
        """What a newer wish replaces."""
        return f"follow_to/{self.vehicle_id}"


Wish = Annotated[CameraAim | FollowTo | DetectorRules, Field(discriminator="kind")]
wish_adapter: TypeAdapter[Wish] = TypeAdapter(Wish)
"""Reads a wish from the wire."""
