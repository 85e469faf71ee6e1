"""Base classes and bounded types of everything that crosses the HTTP interface."""

import hashlib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Body",
    "Degrees",
    "Latitude",
    "LongText",
    "Longitude",
    "Milliseconds",
    "Name",
    "Sha256",
    "ShortText",
    "View",
    "digest",
]

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Degrees = Annotated[float, Field(ge=0, lt=360)]
Milliseconds = Annotated[int, Field(ge=0, le=4_102_444_800_000)]
"""UTC milliseconds up to the year 2100."""
Name = Annotated[str, Field(min_length=1, max_length=40)]
ShortText = Annotated[str, Field(min_length=1, max_length=120)]
LongText = Annotated[str, Field(max_length=4000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Body(BaseModel):
    """What a client sends: fields it does not know are refused by name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True
    )


class View(BaseModel):
    """What a client is sent."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def digest(body: BaseModel) -> str:
    """Return the SHA-256 of a body's canonical JSON: equal bodies, equal digests.

    A record keeps the digest of the body that made it, so that a client may repeat a request it
    got no answer to, and a different body under the same id is told apart.
    """
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()
