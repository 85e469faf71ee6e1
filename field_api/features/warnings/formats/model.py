"""A warning message as files carry it: one model for CAP 1.2 and for the national exchange format.

Names are those of CAP 1.2 (OASIS 2010), which is the richer of the two. What only the national
format has stands in fields that say so. Times are UTC milliseconds, whole seconds; places WGS-84.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from field_api.core.wire import Latitude, Longitude

__all__ = [
    "AREA_CODES",
    "EVENT_CODE",
    "LEVEL_PARAMETER",
    "Alert",
    "Area",
    "Category",
    "Certainty",
    "Circle",
    "Info",
    "Level",
    "Method",
    "MsgType",
    "Named",
    "Place",
    "Reference",
    "Resource",
    "ResponseType",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
]

EVENT_CODE = "CN-eventType"
"""`valueName` of the five-character national event code among CAP's event codes."""
AREA_CODES = "GB/T2260-12"
"""`valueName` of administrative area codes among CAP's geocodes."""
LEVEL_PARAMETER = "ChinaWarningLevel"
"""`valueName` of the statutory colour among CAP's parameters: a round trip loses nothing."""


class Level(StrEnum):
    """The four statutory levels (突发事件应对法 2024, Art. 63), first the gravest."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class Status(StrEnum):
    """How the message is to be handled."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MsgType(StrEnum):
    """What the message does."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Scope(StrEnum):
    """Who is meant to read it."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class Category(StrEnum):
    """What sort of event."""

    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class ResponseType(StrEnum):
    """What people shall do, in a word."""

    SHELTER = "Shelter"
    EVACUATE = "Evacuate"
    PREPARE = "Prepare"
    EXECUTE = "Execute"
    AVOID = "Avoid"
    MONITOR = "Monitor"
    ASSESS = "Assess"
    ALL_CLEAR = "AllClear"
    NONE = "None"


class Urgency(StrEnum):
    """How soon to act."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Severity(StrEnum):
    """How grave."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """How sure."""

    OBSERVED = "Observed"
    VERY_LIKELY = "VeryLikely"
    """Of the national format; CAP 1.2 has given it up and says Likely."""
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Named(_Value):
    """A value and what names it: CAP's `valueName` and `value`."""

    name: str
    value: str


class Place(_Value):
    """A corner or centre."""

    lat_deg: Latitude
    lon_deg: Longitude


class Circle(_Value):
    """A round area; a radius of 0 is a point."""

    centre: Place
    radius_m: Annotated[float, Field(ge=0)]


class Area(_Value):
    """Where: in words, as drawn, and by codes."""

    description: str
    polygons: tuple[tuple[Place, ...], ...] = ()
    """Rings without their closing point."""
    circles: tuple[Circle, ...] = ()
    lines: tuple[tuple[Place, ...], ...] = ()
    """Open lines, of the national format only."""
    geocodes: tuple[Named, ...] = ()
    altitude_ft: float | None = None
    """Feet above mean sea level, as CAP has it."""
    ceiling_ft: float | None = None


class Resource(_Value):
    """A file that belongs to the message."""

    description: str
    mime_type: str = ""
    size_bytes: int | None = None
    uri: str = ""
    content: str = ""
    """CAP's `derefUri`: the file itself, base64."""
    digest: str = ""
    """SHA-1, hexadecimal."""


class Info(_Value):
    """What is said in one language."""

    language: str = ""
    categories: tuple[Category, ...] = ()
    event: str = ""
    responses: tuple[ResponseType, ...] = ()
    urgency: Urgency = Urgency.UNKNOWN
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    level: Level | None = None
    """The statutory level, where the message is of this country."""
    audience: str = ""
    event_codes: tuple[Named, ...] = ()
    effective_ms: int | None = None
    onset_ms: int | None = None
    expires_ms: int | None = None
    sender_name: str = ""
    """The issuing body (发布单位)."""
    signer: str = ""
    """Who signed it (签发员), of the national format only."""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Named, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Reference(_Value):
    """An earlier message; the national format names it by its identifier alone."""

    identifier: str
    sender: str = ""
    sent_ms: int | None = None


class Method(_Value):
    """A channel of the national format: by what, to whom, in which words."""

    name: str
    message: str = ""
    audience_group: str = ""
    audience_part: str = ""


class Alert(_Value):
    """A message."""

    identifier: str
    sender: str
    """CAP: an id on the internet. National: `senderCode`, 14 digits."""
    sent_ms: int
    status: Status
    msg_type: MsgType
    scope: Scope
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    methods: tuple[Method, ...] = ()
    classification: str = ""
    """`secClassification` of the national format: None or Inner."""
    phone: str = ""
    """Of the national format."""
