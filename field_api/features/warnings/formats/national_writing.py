"""The national exchange format, written: empty elements too, as its systems do."""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from field_api.features.warnings.formats.findings import UnwritableError, found
from field_api.features.warnings.formats.model import (
    AREA_CODES,
    EVENT_CODE,
    Alert,
    Area,
    Certainty,
    Info,
    Place,
)
from field_api.features.warnings.formats.national_names import NATIONAL
from field_api.features.warnings.formats.values import BEIJING, decimal_text, time_text

__all__ = ["file_name", "write_national"]


def write_national(alert: Alert) -> bytes:
    """Return a message as a file of the national format.

    Raises:
        UnwritableError: it lacks what that format needs; says what.
    """
    missing = [
        *(
            found("missing", name)
            for name, value in (
                ("identifier", alert.identifier),
                ("senderCode", alert.sender),
                ("sender", alert.source),
                ("code", alert.methods),
                ("info", alert.infos),
            )
            if not value
        ),
        *(
            found("missing", "eventType", f"info {number}")
            for number, info in enumerate(alert.infos, 1)
            if not _code(info)
        ),
    ]
    if missing:
        raise UnwritableError(missing)
    root = Element("alert", {"xmlns": NATIONAL})
    _put(root, "identifier", alert.identifier)
    _put(root, "sender", alert.source)
    _put(root, "senderCode", alert.sender)
    _put(root, "phone", alert.phone)
    _put(root, "sendTime", time_text(alert.sent_ms, " "))
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.msg_type)
    _put(root, "scope", alert.scope)
    code = SubElement(root, "code")
    for method in alert.methods:
        each = SubElement(code, "method")
        _put(each, "methodName", method.name)
        _put(each, "message", method.message)
        _put(each, "audienceGrp", method.audience_group)
        _put(each, "audiencePrt", method.audience_part)
    _put(root, "secClassification", alert.classification)
    _put(root, "note", alert.note)
    _put(root, "references", alert.references[0].identifier if alert.references else "")
    for info in alert.infos:
        _write_info(SubElement(root, "info"), info)
    return tostring(root, "utf-8", xml_declaration=True)


def _put(parent: Element, name: str, text: str) -> None:
    """Add a child; this format writes empty ones too."""
    SubElement(parent, name).text = text or None


def _put_time(parent: Element, name: str, ms: int | None) -> None:
    _put(parent, name, "" if ms is None else time_text(ms, " "))


def _code(info: Info) -> str:
    return next((each.value for each in info.event_codes if each.name == EVENT_CODE), "")


def _write_info(element: Element, info: Info) -> None:
    certainty = Certainty.UNKNOWN if info.certainty is Certainty.POSSIBLE else info.certainty
    _put(element, "language", info.language)
    _put(element, "eventType", _code(info))
    _put(element, "urgency", info.urgency)
    _put(element, "severity", info.level.capitalize() if info.level else "Unknown")
    _put(element, "certainty", certainty)
    _put_time(element, "effective", info.effective_ms)
    _put_time(element, "onset", info.onset_ms)
    _put_time(element, "expires", info.expires_ms)
    _put(element, "senderName", info.signer)
    _put(element, "headline", info.headline)
    _put(element, "description", info.description)
    _put(element, "instruction", info.instruction)
    _put(element, "web", info.web)
    for resource in info.resources:
        inner = SubElement(element, "resource")
        _put(inner, "resourceDesc", resource.description)
        _put(inner, "size", "" if resource.size_bytes is None else str(resource.size_bytes))
        _put(inner, "digest", resource.digest)
    for area in info.areas:
        _write_area(SubElement(element, "area"), area)


def _write_area(element: Element, area: Area) -> None:
    def corners(places: tuple[Place, ...]) -> str:
        return " ".join(f"{decimal_text(at.lat_deg)},{decimal_text(at.lon_deg)}" for at in places)

    _put(element, "areaDesc", area.description)
    shapes = [*(corners((*ring, ring[0])) for ring in area.polygons), *map(corners, area.lines)]
    for text in shapes or [""]:
        _put(element, "polygon", text)
    rounds = [f"{corners((c.centre,))} {decimal_text(c.radius_m)}" for c in area.circles]
    for text in rounds or [""]:
        _put(element, "circle", text)
    codes = [code.value for code in area.geocodes if code.name == AREA_CODES]
    _put(element, "geocode", ",".join(codes))


def file_name(alert: Alert) -> str:
    """Return the name that the national rule gives a file: 46 characters and its ending."""
    info = alert.infos[0]
    at = datetime.fromtimestamp((info.effective_ms or alert.sent_ms) // 1000, BEIJING)
    colour = info.level.upper() if info.level else "UNKNOWN"
    kind = alert.msg_type.upper()
    return f"{alert.sender}_{at:%Y%m%d%H%M%S}_{_code(info)}_{colour}_{kind}.XML"
