"""What every message is made of: its base class and the kinds of number and name in it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Fraction",
    "Message",
    "Milliseconds",
    "SafeInt",
    "StreamId",
    "VehicleId",
]


SafeInt = Annotated[int, Field(ge=-(2**53 - 1), le=2**53 - 1)]
"""An integer that JSON readers and databases keep exactly."""
Milliseconds = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""UTC milliseconds since 1970, or a length of time."""
Fraction = Annotated[float, Field(ge=0, le=1)]
VehicleId = Annotated[str, Field(min_length=1, max_length=40)]
"""A vehicle's id in the roster."""
StreamId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""A video stream's id, as it stands in addresses."""


class Message(BaseModel):
    """A wire value: unknown fields are ignored so that an older peer understands a newer one."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)
