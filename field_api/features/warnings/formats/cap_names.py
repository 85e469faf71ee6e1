"""Names of CAP 1.2 (OASIS Standard, 1 July 2010) in the order its schema demands."""

from typing import Literal

__all__ = [
    "ALERT",
    "ALERT_MANY",
    "AREA",
    "AREA_MANY",
    "INFO",
    "INFO_MANY",
    "NAMESPACE",
    "RESOURCE",
    "SIGNATURE",
    "VERSIONS",
]

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
VERSIONS: dict[str, Literal["cap-1.0", "cap-1.1", "cap-1.2"]] = {
    "http://www.incident.com/cap/1.0": "cap-1.0",
    "urn:oasis:names:tc:emergency:cap:1.0": "cap-1.0",
    "urn:oasis:names:tc:emergency:cap:1.1": "cap-1.1",
    NAMESPACE: "cap-1.2",
}
SIGNATURE = "Signature"
ALERT = (
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "source",
    "scope",
    "restriction",
    "addresses",
    "code",
    "note",
    "references",
    "incidents",
    "info",
    SIGNATURE,
)
ALERT_MANY = frozenset({"code", "info", SIGNATURE})
INFO = (
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "eventCode",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
    "contact",
    "parameter",
    "resource",
    "area",
)
INFO_MANY = frozenset({"category", "responseType", "eventCode", "parameter", "resource", "area"})
RESOURCE = ("resourceDesc", "mimeType", "size", "uri", "derefUri", "digest")
AREA = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
AREA_MANY = frozenset({"polygon", "circle", "geocode"})
