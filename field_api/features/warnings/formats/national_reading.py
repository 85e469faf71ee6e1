"""The national exchange format as it comes: read leniently, every leniency noted."""

from xml.etree.ElementTree import Element

from field_api.features.warnings.formats.elements import (
    check_shape,
    choice_in,
    ring_of,
    text_of,
    texts_in,
    whole_number_in,
)
from field_api.features.warnings.formats.events import event_of_code
from field_api.features.warnings.formats.findings import Notes
from field_api.features.warnings.formats.model import (
    AREA_CODES,
    EVENT_CODE,
    Alert,
    Area,
    Certainty,
    Circle,
    Info,
    Level,
    Method,
    MsgType,
    Named,
    Place,
    Reference,
    Resource,
    Scope,
    Severity,
    Status,
    Urgency,
)
from field_api.features.warnings.formats.national_names import ALERT, AREA, INFO, SEVERITY_OF
from field_api.features.warnings.formats.values import circle_of, time_ms
from mission_plans.formats.xml_text import child, children, text_in

__all__ = ["read_national"]

MOST_AREAS = 2000


def read_national(root: Element, notes: Notes) -> Alert:
    """Return what a message says.

    Raises:
        UnreadableError: it lacks what says who sent which message when, to do what.
    """
    check_shape(root, ALERT, notes, frozenset({"info"}))
    infos = list(children(root, "info"))
    if sum(1 for info in infos for _ in children(info, "area")) > MOST_AREAS:
        raise notes.refuse("too_many_parts", root, "info", infos=len(infos), areas=MOST_AREAS)
    organisation = text_in(root, "sender")
    sent_ms = time_ms(text_in(root, "sendTime"))
    if sent_ms is None:
        raise notes.refuse("no_time", root, "sendTime", value=text_in(root, "sendTime")[:40])
    status = choice_in(root, "status", Status, notes)
    msg_type = choice_in(root, "msgType", MsgType, notes)
    for name, value in (
        ("identifier", text_in(root, "identifier")),
        ("senderCode", text_in(root, "senderCode")),
        ("status", status),
        ("msgType", msg_type),
    ):
        if not value:
            raise notes.refuse("missing", root, name)
    assert status is not None
    assert msg_type is not None
    first = text_in(root, "references")
    return Alert(
        identifier=text_in(root, "identifier"),
        sender=text_in(root, "senderCode"),
        sent_ms=sent_ms,
        status=status,
        msg_type=msg_type,
        scope=choice_in(root, "scope", Scope, notes) or Scope.PUBLIC,
        source=organisation,
        note=text_in(root, "note"),
        references=(Reference(identifier=first),) if first else (),
        infos=tuple(_read_info(info, organisation, notes) for info in infos),
        methods=_methods(root),
        classification=text_in(root, "secClassification"),
        phone=text_in(root, "phone"),
    )


def _methods(root: Element) -> tuple[Method, ...]:
    code = child(root, "code")
    if code is None:
        return ()
    return tuple(
        Method(
            name=text_in(each, "methodName"),
            message=text_in(each, "message"),
            audience_group=text_in(each, "audienceGrp"),
            audience_part=text_in(each, "audiencePrt"),
        )
        for each in children(code, "method")
    )


def _read_time(element: Element, name: str, notes: Notes) -> int | None:
    at = child(element, name)
    text = text_of(at)
    if at is None or not text:
        return None
    ms = time_ms(text)
    if ms is None:
        notes.add("no_time", at, value=text[:40])
    return ms


def _read_info(element: Element, organisation: str, notes: Notes) -> Info:
    check_shape(element, INFO, notes, frozenset({"resource", "area"}))
    code = text_in(element, "eventType")
    if not code:
        notes.add("no_event", element)
    colour = text_in(element, "severity")
    level = Level(colour.lower()) if colour.lower() in list(Level) else None
    if level is None and colour != "Unknown":
        notes.add("taken_as_unknown", element, element="severity")
    kind = event_of_code(code)
    return Info(
        language=text_in(element, "language"),
        categories=(kind.category,),
        event=kind.zh or code,
        urgency=choice_in(element, "urgency", Urgency, notes) or Urgency.UNKNOWN,
        severity=SEVERITY_OF[level] if level else Severity.UNKNOWN,
        certainty=choice_in(element, "certainty", Certainty, notes) or Certainty.UNKNOWN,
        level=level,
        event_codes=(Named(name=EVENT_CODE, value=code),) if code else (),
        effective_ms=_read_time(element, "effective", notes),
        onset_ms=_read_time(element, "onset", notes),
        expires_ms=_read_time(element, "expires", notes),
        sender_name=organisation,
        signer=text_in(element, "senderName"),
        headline=text_in(element, "headline"),
        description=text_in(element, "description"),
        instruction=text_in(element, "instruction"),
        web=text_in(element, "web"),
        resources=tuple(
            Resource(
                description=text_in(each, "resourceDesc"),
                size_bytes=whole_number_in(each, "size", notes),
                digest=text_in(each, "digest"),
            )
            for each in children(element, "resource")
        ),
        areas=tuple(_read_area(each, notes) for each in children(element, "area")),
    )


def _read_area(element: Element, notes: Notes) -> Area:
    check_shape(element, AREA, notes, frozenset({"polygon", "circle", "geocode"}))
    rings: list[tuple[Place, ...]] = []
    lines: list[tuple[Place, ...]] = []
    for at, text in texts_in(element, "polygon"):
        places = ring_of(at, text, notes)
        if places is None:
            continue
        closed = len(places) > 1 and places[0] == places[-1]
        if closed and len(set(places)) < 3:
            notes.add("ring_too_small", at)
        elif closed:
            rings.append(places[:-1])
        else:
            lines.append(places)
    circles: list[Circle] = []
    for at, text in texts_in(element, "circle"):
        circle = circle_of(text, "1")
        if circle is None:
            notes.add("no_circle", at, value=text[:60])
        else:
            circles.append(circle)
    codes = [code.strip() for _, text in texts_in(element, "geocode") for code in text.split(",")]
    return Area(
        description=text_in(element, "areaDesc"),
        polygons=tuple(rings),
        lines=tuple(lines),
        circles=tuple(circles),
        geocodes=tuple(Named(name=AREA_CODES, value=code) for code in codes if code),
    )
