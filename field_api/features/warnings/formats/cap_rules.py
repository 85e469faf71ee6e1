"""Rules of CAP 1.2 that its schema does not check.

They stand in the text of the standard; the list is that of the validator in google/cap-library.
"""

import re
from collections.abc import Iterator
from typing import cast

import shapely

from field_api.core.errors import Finding
from field_api.features.warnings.formats.findings import found
from field_api.features.warnings.formats.model import Alert, Area, Info, MsgType, Resource, Scope

__all__ = ["broken_rules", "discouraged"]

NOT_IN_IDS = re.compile(r"[\s,<&]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&(?:[a-z]{2,8}|#\d{1,6});")


def broken_rules(alert: Alert) -> list[Finding]:
    """Return what makes a message no valid CAP 1.2."""
    return [*_of_alert(alert), *_of_parts(alert)]


def discouraged(alert: Alert) -> list[Finding]:
    """Return what is allowed and misleads readers."""
    findings: list[Finding] = []
    for number, info in enumerate(alert.infos, 1):
        for name in ("headline", "description", "instruction"):
            if MARKUP.search(getattr(info, name)):
                findings.append(found("markup", name, f"info {number}"))
    for reference in alert.references:
        if (reference.sent_ms or 0) > alert.sent_ms:
            findings.append(found("reference_later", "references", value=reference.identifier[:80]))
    said = [(info.description, info.language) for info in alert.infos if info.description]
    if len({text for text, _ in said}) < len(set(said)):
        findings.append(found("same_in_two_languages", "description"))
    return findings


def _of_alert(alert: Alert) -> Iterator[Finding]:
    for name, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not value:
            yield found("missing", name)
        elif NOT_IN_IDS.search(value):
            yield found("not_in_ids", name)
    needs = alert.msg_type in (MsgType.UPDATE, MsgType.CANCEL, MsgType.ACK, MsgType.ERROR)
    if needs and not alert.references:
        yield found("references_missing", "references", kind=alert.msg_type.value)
    for reference in alert.references:
        if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
            yield found("references_itself", "references")
        elif not reference.sender or reference.sent_ms is None:
            yield found("reference_half", "references", value=reference.identifier[:80])
        elif NOT_IN_IDS.search(reference.sender) or NOT_IN_IDS.search(reference.identifier):
            yield found("not_in_ids", "references")
    if alert.restriction and alert.scope is not Scope.RESTRICTED:
        yield found("restriction_alone", "restriction")
    if alert.scope is Scope.RESTRICTED and not alert.restriction:
        yield found("restriction_missing", "restriction")
    if alert.scope is Scope.PRIVATE and not alert.addresses:
        yield found("addresses_missing", "addresses")
    for name in ("addresses", "incidents"):
        words: tuple[str, ...] = getattr(alert, name)
        if any(not word or '"' in word for word in words):
            yield found("quote_in_word", name)
    if any(NOT_IN_XML.search(text) for text in _texts(alert.model_dump())):
        yield found("control_character", "alert")


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a dumped model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast(dict[str, object], value).values():
            yield from _texts(inner)
    elif isinstance(value, tuple):
        for inner in cast(tuple[object, ...], value):
            yield from _texts(inner)


def _of_parts(alert: Alert) -> Iterator[Finding]:
    for number, info in enumerate(alert.infos, 1):
        where = f"info {number}"
        yield from _of_info(info, alert.sent_ms, where)
        for at, resource in enumerate(info.resources, 1):
            yield from _of_resource(resource, f"{where} resource {at}")
        for at, area in enumerate(info.areas, 1):
            yield from _of_area(area, f"{where} area {at}")


def _of_info(info: Info, sent_ms: int, where: str) -> Iterator[Finding]:
    if not info.categories:
        yield found("missing", "category", where)
    if not info.event:
        yield found("missing", "event", where)
    if info.expires_ms is not None and info.expires_ms < sent_ms:
        yield found("expires_before_sent", "expires", where)
    for name, pairs in (("eventCode", info.event_codes), ("parameter", info.parameters)):
        if any(not pair.name or not pair.value for pair in pairs):
            yield found("empty_pair", name, where, pair=name)


def _of_resource(resource: Resource, where: str) -> Iterator[Finding]:
    if not resource.description:
        yield found("missing", "resourceDesc", where)
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", resource.uri)
    if resource.uri and not absolute and not resource.content:
        yield found("uri_relative", "uri", where)


def _of_area(area: Area, where: str) -> Iterator[Finding]:
    if not area.description:
        yield found("missing", "areaDesc", where)
    if area.lines:
        yield found("lines_not_in_cap", "polygon", where)
    for ring in area.polygons:
        corners = [(place.lon_deg, place.lat_deg) for place in ring]
        if len(set(corners)) < 3:
            yield found("ring_too_small", "polygon", where)
        elif not shapely.Polygon(corners).is_valid:
            yield found("ring_crosses_itself", "polygon", where)
    if any(not pair.name or not pair.value for pair in area.geocodes):
        yield found("empty_pair", "geocode", where, pair="geocode")
    if area.ceiling_ft is not None:
        if area.altitude_ft is None:
            yield found("ceiling_alone", "ceiling", where)
        elif area.ceiling_ft <= area.altitude_ft:
            yield found("ceiling_below", "ceiling", where)
