"""What is asked when a package is taken out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["TakePackage"]


class TakePackage(BaseModel):
    """Why an incident's records leave the command post; it stands in the trail."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=2, max_length=400)]
