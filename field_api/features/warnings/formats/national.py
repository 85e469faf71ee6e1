"""The national exchange format (国家突发事件预警信息发布系统): CAP-like, and not CAP.

Standards by title: GB/T 34283-2017, GB/T 35965.1-2018, QX/T 433-2018. Fields and rules as restated
in public code that cites them (the standards themselves were not read): a blank instead of T in
times, a colour as severity, radii in METRES, lines beside rings, channels in `code/method`, and as
reference the identifier of the FIRST message of the event alone.
"""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from field_api.features.warnings.formats.elements import (
    check_shape,
    choice_in,
    ring_of,
    text_of,
    texts_in,
    whole_number_in,
)
from field_api.features.warnings.formats.events import event_of_code
from field_api.features.warnings.formats.findings import Notes, UnwritableError, found
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
from field_api.features.warnings.formats.values import (
    BEIJING,
    circle_of,
    decimal_text,
    time_ms,
    time_text,
)
from mission_plans.formats.xml_text import child, children, text_in

__all__ = ["CHANNELS", "NATIONAL", "SEVERITY_OF", "file_name", "read_national", "write_national"]

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
MOST_AREAS = 2000


# --- reading -----------------------------------------------------------------------------------


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


# --- writing -----------------------------------------------------------------------------------


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
