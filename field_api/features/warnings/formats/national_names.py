"""The national exchange format (国家突发事件预警信息发布系统): CAP-like, and not CAP.

Standards by title: GB/T 34283-2017, GB/T 35965.1-2018, QX/T 433-2018. Fields and rules as restated
in public code that cites them (the standards themselves were not read): a blank instead of T in
times, a colour as severity, radii in METRES, lines beside rings, channels in `code/method`, and as
reference the identifier of the FIRST message of the event alone.
"""

from field_api.features.warnings.formats.model import Level, Severity

__all__ = ["ALERT", "AREA", "CHANNELS", "INFO", "NATIONAL", "RESOURCE", "SEVERITY_OF"]

NATIONAL = "http://com.icss.amp"
"""Namespace in the code that was read; others are taken too."""
CHANNELS = ("SMS", "LED", "SPEAKER", "TV", "BROADCAST", "WEB", "PHONE", "FAX")
SEVERITY_OF = {
    Level.RED: Severity.EXTREME,
    Level.ORANGE: Severity.SEVERE,
    Level.YELLOW: Severity.MODERATE,
    Level.BLUE: Severity.MINOR,
}
"""A convention of ours: no standard pairs the colours with CAP's words."""

ALERT = (
    "identifier",
    "sender",
    "senderCode",
    "phone",
    "sendTime",
    "status",
    "msgType",
    "scope",
    "code",
    "secClassification",
    "note",
    "references",
    "info",
)
INFO = (
    "language",
    "eventType",
    "urgency",
    "severity",
    "certainty",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "resource",
    "area",
)
AREA = ("areaDesc", "polygon", "circle", "geocode")
RESOURCE = ("resourceDesc", "size", "digest")
