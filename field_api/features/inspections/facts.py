"""What the chain's rules are told: plain values, the same here and on the handheld.

The examples in `tests/vectors/inspections/` are made of these shapes.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ClauseFact", "Draft", "HazardFact", "OfficerFact", "PaperFact", "Refusal", "Scene"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Refusal(_Fact):
    """Why something may not be done: `errors.CODE` has the words."""

    code: str
    field: str | None = None
    values: dict[str, str] = Field(default={})


class OfficerFact(_Fact):
    """An officer of the inspection."""

    name: str
    certificate: str
    valid_from: str | None = None
    valid_to: str | None = None


class ClauseFact(_Fact):
    """A clause that a hazard cites."""

    id: str
    level: Literal["ordinary", "major"] = "ordinary"
    standing: Literal["verified", "unverified", "confirmed"] = "verified"
    in_force_from: str | None = None
    in_force_to: str | None = None
    known: bool = True
    """It stands in the register."""


class HazardFact(_Fact):
    """A hazard that a paper is about."""

    id: str
    text: str = ""
    level: Literal["ordinary", "major"] = "ordinary"
    state: Literal["found", "ordered", "rectified", "cleared"] = "found"
    measure: str = "rectify"
    confirmed: bool = False
    disputed: bool = False
    conflicts: bool = False
    clauses: tuple[ClauseFact, ...] = ()


class PaperFact(_Fact):
    """Another paper."""

    id: str = ""
    form: str
    state: Literal["draft", "issued", "served", "replaced", "dropped"]
    due_day: str | None = None
    fulfilled: bool = False
    urgent: bool = False
    approval: Literal["not_needed", "needed", "asked", "approved", "refused"] = "not_needed"


class Scene(_Fact):
    """The inspection around a paper."""

    tier: Literal["bureau", "street"] = "bureau"
    penalty_power: bool = False
    source: Literal["plan", "complaint", "transfer", "emergency"] = "plan"
    state: Literal["planned", "on_site", "decided", "rectifying", "closed", "escalated"] = "on_site"
    entered: bool = True
    officers: tuple[OfficerFact, ...] = ()
    papers: tuple[PaperFact, ...] = ()
    hazards: tuple[HazardFact, ...] = ()
    """All of the inspection: asked when it is closed."""


class Draft(_Fact):
    """The paper itself."""

    state: Literal["draft", "issued", "served", "replaced", "dropped"] = "draft"
    values: dict[str, Any] = Field(default={})
    hazards: tuple[HazardFact, ...] = ()
    conflicts: tuple[str, ...] = ()
    """Fields of which two values are kept."""
    order: PaperFact | None = None
    """The paper it refers to."""
    replaces: PaperFact | None = None
    urgent: bool = False
    approval: Literal["not_needed", "needed", "asked", "approved", "refused"] = "not_needed"
