"""Detector settings on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.messages import PictureRegion, Thresholds
from field_api.contract.messages.looking import IgnoredRegions, ModelName
from field_api.core.wire import Body, View

__all__ = ["DetectorView", "TuneDetector"]


class TuneDetector(Body):
    """What a vision node shall look with from now on; all of it, not only what changes."""

    seen_version: Annotated[int, Field(ge=0, le=2**31)]
    """Of the settings that the person looked at, 0 where there were none."""
    thresholds: Thresholds = Field(default={})
    ignored: IgnoredRegions = Field(default={})
    model: ModelName | None = None
    reason: Annotated[str, Field(min_length=2, max_length=400)]


class DetectorView(View):
    """A vision node's rules."""

    id: str
    """The node's."""
    version: int
    area: str
    thresholds: Thresholds
    ignored: dict[str, list[PictureRegion]]
    model: str | None
    reason: str
    changed_ms: int
    changed_by: str
