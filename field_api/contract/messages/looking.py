"""How a vision node looks: what the command post wants of it, and what it says it does."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.messages.base import Message, StreamId
from field_api.contract.messages.sightings import ModelReference, PictureRegion

__all__ = ["DetectorReport", "DetectorRules", "IgnoredRegions", "ModelName", "Thresholds"]

IgnoredRegions = Annotated[
    dict[StreamId, Annotated[list[PictureRegion], Field(max_length=16)]], Field(max_length=32)
]
"""Parts of each stream's picture, as the camera sends it, of which nothing is reported."""

Threshold = Annotated[float, Field(ge=0.05, le=0.95)]
Thresholds = Annotated[dict[Literal["person", "smoke"], Threshold], Field(max_length=2)]
"""Lowest confidence, by what is found."""

ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class DetectorRules(Message):
    """What a node shall look with; a wish, but kept by the node until another one comes.

    The node says in `DetectorReport.rules_version` which rules it follows, and the command post
    wishes again until that is the version it keeps.
    """

    kind: Literal["detector_rules"] = "detector_rules"
    node_id: Annotated[str, Field(min_length=1, max_length=40)]
    version: Annotated[int, Field(ge=1, le=2**31)]
    thresholds: Thresholds = Field(default={})
    """Replaces the node's own; a label that is missing keeps the node's own."""
    ignored: IgnoredRegions = Field(default={})
    model: ModelName | None = None
    """Name of a model that the node has; None takes the one of its own settings."""

    @property
    def key(self) -> str:
        """What a newer wish replaces."""
        return f"detector_rules/{self.node_id}"


class DetectorReport(Message):
    """What a vision node looks with."""

    rules_version: Annotated[int, Field(ge=0, le=2**31)] = 0
    """Of the command post's rules that it follows; 0 where it has none."""
    model: ModelReference
    models: Annotated[list[ModelName], Field(max_length=64)] = Field(default=[])
    """Those it has and could look with."""
    thresholds: Thresholds = Field(default={})
    """In force, per label."""
    streams: Annotated[list[StreamId], Field(max_length=32)] = Field(default=[])
    trouble: Annotated[str, Field(max_length=200)] = ""
    """Why it doesn't follow a rule, e.g. a model whose file is damaged."""
