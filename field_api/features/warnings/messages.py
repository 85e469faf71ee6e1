"""Warnings on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.errors import Finding
from field_api.core.registers.outline import Outline
from field_api.core.wire import Body, LongText, Milliseconds, View
from field_api.features.warnings.formats import Verdict
from field_api.features.warnings.formats.findings import Format
from field_api.features.warnings.formats.model import Category, Level, ResponseType
from field_api.features.warnings.tables import DraftState, Origin, Shape, WarningState

__all__ = [
    "ApproveDraft",
    "CancelWarning",
    "DiscardDraft",
    "DraftWarning",
    "EditDraft",
    "EventKindView",
    "PublishDraft",
    "ReachView",
    "ReachedHandheld",
    "SeenWarning",
    "Target",
    "WarningDraftView",
    "WarningFileView",
    "WarningReceiptView",
    "WarningSetupView",
    "WarningView",
]

Certain = Literal["Observed", "Likely", "Possible"]
Channel = Literal["SMS", "LED", "SPEAKER", "TV", "BROADCAST", "WEB", "PHONE", "FAX"]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$")]
AreaCodes = Annotated[list[AreaCode], Field(max_length=200)]
Outlines = Annotated[list[Outline], Field(max_length=20)]
OptionalText = Annotated[str, Field(max_length=120)]


class _Content(Body):
    """What a warning says; of a draft anything may be missing."""

    drill: bool = False
    event_code: Annotated[str, Field(max_length=10, pattern=r"^[0-9A-Za-z]*$")] = ""
    event: OptionalText = ""
    """Left out, the name of the code."""
    level: Level | None = None
    onset_ms: Milliseconds | None = None
    expires_ms: Milliseconds | None = None
    area_codes: AreaCodes = Field(default=[])
    """Streets or communities."""
    outlines: Outlines = Field(default=[])
    """Drawn parts; with codes, both count."""
    area_text: Annotated[str, Field(max_length=500)] = ""
    """The area in words; left out, the names of the codes."""
    description: LongText = ""
    instruction: LongText = ""
    responses: Annotated[list[ResponseType], Field(max_length=9)] = Field(default=[])
    certainty: Certain = "Likely"
    channels: Annotated[list[Channel], Field(max_length=8)] = Field(default=["WEB"])
    issuer: OptionalText = ""


class DraftWarning(_Content):
    """Begin a draft."""

    id: RecordId
    incident_id: RecordId | None = None
    amends_id: RecordId | None = None
    """The warning in force that it shall take the place of."""


class EditDraft(_Content):
    """Put a draft's whole content anew; an approval is taken back by it."""

    version: int
    """The version that was looked at."""


class DiscardDraft(Body):
    """Throw a draft away."""

    version: int


class ApproveDraft(Body):
    """Approve a draft as it stands."""

    version: int


class PublishDraft(Body):
    """Publish an approved draft."""

    id: RecordId
    """The new warning's."""
    version: int


class CancelWarning(Body):
    """Lift a warning (解除)."""

    reason: Annotated[LongText, Field(min_length=1)]


class SeenWarning(Body):
    """Say that one has seen it."""

    id: RecordId
    t_ms: Milliseconds


class Target(Body):
    """A target area that is asked about."""

    area_codes: AreaCodes = Field(default=[])
    outlines: Outlines = Field(default=[])


class WarningDraftView(View):
    """A draft, and what it still lacks."""

    id: str
    version: int
    area: str
    state: DraftState
    incident_id: str | None
    amends_id: str | None
    drill: bool
    event_code: str
    event: str
    level: Level | None
    onset_ms: int | None
    expires_ms: int | None
    area_codes: list[str]
    outlines: list[Outline]
    area_text: str
    description: str
    instruction: str
    responses: list[ResponseType]
    certainty: Certain
    channels: list[Channel]
    issuer: str
    author: str
    created_ms: int
    changed_by: str
    changed_ms: int
    approved_by: str | None
    approved_ms: int | None
    warning_id: str | None
    missing: list[Finding]
    """Of the eight mandatory items and the end: each with what to do."""


class WarningView(View):
    """A warning that was published here or received."""

    id: str
    version: int
    area: str
    origin: Origin
    state: WarningState
    incident_id: str | None
    amends_id: str | None
    followed_by_id: str | None
    drill: bool
    identifier: str
    sender: str
    sent_ms: int
    event_code: str
    event: str
    level: Level | None
    severity: str
    onset_ms: int | None
    expires_ms: int | None
    area_codes: list[str]
    shapes: list[Shape]
    area_text: str
    headline: str
    description: str
    instruction: str
    issuer: str
    drafted_by: str | None
    approved_by: str | None
    published_by: str
    ended_ms: int | None
    ended_by: str | None
    end_reason: str
    source_name: str | None


class WarningReceiptView(View):
    """Who has seen a warning on which handheld."""

    id: str
    version: int
    area: str
    warning_id: str
    terminal_id: str
    name: str
    seen_ms: int
    received_ms: int


class ReachedHandheld(View):
    """A handheld that a warning concerns."""

    terminal_id: str
    holder: str
    holder_en: str
    why: Literal["place", "area", "unplaced"]
    """By position, by the areas of the account, or because its place is not known."""


class ReachView(View):
    """Whom a target area reaches."""

    handhelds: list[ReachedHandheld]
    total: int
    """Handhelds there are."""


class WarningFileView(View):
    """What a file is worth; nothing of it is stored."""

    verdict: Verdict
    format: Format | None
    findings: list[Finding]
    does: Literal["warn", "update", "cancel", "nothing"]
    """What taking it in would do."""
    warning: WarningView | None
    """As it would be shown."""


class EventKindView(View):
    """A kind of event that is warned of."""

    code: str
    zh: str
    en: str
    category: Category


class WarningSetupView(View):
    """What a new draft begins with."""

    issuer: str
    events: list[EventKindView]
