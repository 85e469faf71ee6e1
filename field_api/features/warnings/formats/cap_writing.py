"""CAP 1.2, strictly: in the schema's order, times in `+08:00`, nothing that breaks a rule."""

from xml.etree.ElementTree import Element, SubElement, tostring

from field_api.features.warnings.formats.cap_names import NAMESPACE
from field_api.features.warnings.formats.cap_rules import broken_rules
from field_api.features.warnings.formats.findings import UnwritableError
from field_api.features.warnings.formats.model import (
    LEVEL_PARAMETER,
    Alert,
    Area,
    Certainty,
    Info,
    Named,
    Place,
    Reference,
    Resource,
)
from field_api.features.warnings.formats.values import decimal_text, scaled, time_text

__all__ = ["write_cap"]

UNKNOWN_KIND = "application/octet-stream"
"""What RFC 2046 calls a file of unknown kind: CAP demands some kind."""


def write_cap(alert: Alert) -> bytes:
    """Return a message as a CAP 1.2 file.

    Raises:
        UnwritableError: it breaks rules of the standard; says which.
    """
    broken = broken_rules(alert)
    if broken:
        raise UnwritableError(broken)
    root = Element(f"{{{NAMESPACE}}}alert")
    _put(root, "identifier", alert.identifier)
    _put(root, "sender", alert.sender)
    _put(root, "sent", time_text(alert.sent_ms))
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.msg_type)
    _put(root, "source", alert.source)
    _put(root, "scope", alert.scope)
    _put(root, "restriction", alert.restriction)
    _put(root, "addresses", _quoted(alert.addresses))
    for code in alert.codes:
        _put(root, "code", code)
    _put(root, "note", alert.note)
    _put(root, "references", " ".join(_triple(each) for each in alert.references))
    _put(root, "incidents", _quoted(alert.incidents))
    for info in alert.infos:
        _write_info(SubElement(root, f"{{{NAMESPACE}}}info"), info)
    return tostring(root, "utf-8", xml_declaration=True, default_namespace=NAMESPACE)


def _put(parent: Element, name: str, text: str) -> None:
    """Add a child; what is empty is left out."""
    if text:
        SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _put_time(parent: Element, name: str, ms: int | None) -> None:
    _put(parent, name, "" if ms is None else time_text(ms))


def _put_pairs(parent: Element, name: str, pairs: tuple[Named, ...]) -> None:
    for pair in pairs:
        inner = SubElement(parent, f"{{{NAMESPACE}}}{name}")
        _put(inner, "valueName", pair.name)
        _put(inner, "value", pair.value)


def _quoted(words: tuple[str, ...]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _triple(reference: Reference) -> str:
    sent = time_text(reference.sent_ms or 0)
    return f"{reference.sender},{reference.identifier},{sent}"


def _write_info(element: Element, info: Info) -> None:
    _put(element, "language", info.language)
    for category in info.categories:
        _put(element, "category", category)
    _put(element, "event", info.event)
    for response in info.responses:
        _put(element, "responseType", response)
    _put(element, "urgency", info.urgency)
    _put(element, "severity", info.severity)
    certainty = info.certainty
    _put(element, "certainty", "Likely" if certainty is Certainty.VERY_LIKELY else certainty)
    _put(element, "audience", info.audience)
    _put_pairs(element, "eventCode", info.event_codes)
    _put_time(element, "effective", info.effective_ms)
    _put_time(element, "onset", info.onset_ms)
    _put_time(element, "expires", info.expires_ms)
    _put(element, "senderName", info.sender_name)
    _put(element, "headline", info.headline)
    _put(element, "description", info.description)
    _put(element, "instruction", info.instruction)
    _put(element, "web", info.web)
    _put(element, "contact", info.contact)
    if info.level is not None:
        colour = Named(name=LEVEL_PARAMETER, value=info.level.capitalize())
        _put_pairs(element, "parameter", (colour,))
    _put_pairs(element, "parameter", info.parameters)
    for resource in info.resources:
        _write_resource(SubElement(element, f"{{{NAMESPACE}}}resource"), resource)
    for area in info.areas:
        _write_area(SubElement(element, f"{{{NAMESPACE}}}area"), area)


def _write_resource(element: Element, resource: Resource) -> None:
    _put(element, "resourceDesc", resource.description)
    _put(element, "mimeType", resource.mime_type or UNKNOWN_KIND)
    _put(element, "size", "" if resource.size_bytes is None else str(resource.size_bytes))
    _put(element, "uri", resource.uri)
    _put(element, "derefUri", resource.content)
    _put(element, "digest", resource.digest)


def _corner(place: Place) -> str:
    return f"{decimal_text(place.lat_deg)},{decimal_text(place.lon_deg)}"


def _write_area(element: Element, area: Area) -> None:
    _put(element, "areaDesc", area.description)
    for ring in area.polygons:
        _put(element, "polygon", " ".join(_corner(place) for place in (*ring, ring[0])))
    for circle in area.circles:
        radius_km = decimal_text(scaled(circle.radius_m, "0.001"))
        _put(element, "circle", f"{_corner(circle.centre)} {radius_km}")
    _put_pairs(element, "geocode", area.geocodes)
    _put(element, "altitude", "" if area.altitude_ft is None else decimal_text(area.altitude_ft))
    _put(element, "ceiling", "" if area.ceiling_ft is None else decimal_text(area.ceiling_ft))
