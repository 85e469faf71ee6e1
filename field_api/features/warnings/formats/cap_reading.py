"""CAP 1.0, 1.1 and 1.2 as they come: every leniency is noted, what can't be understood refused."""

import csv
import re
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from xml.etree.ElementTree import Element

from field_api.features.warnings.formats import cap_names as names
from field_api.features.warnings.formats.elements import (
    check_shape,
    choice_in,
    choices_in,
    named_in,
    ring_of,
    text_of,
    texts_in,
    whole_number_in,
)
from field_api.features.warnings.formats.findings import Notes
from field_api.features.warnings.formats.model import (
    LEVEL_PARAMETER,
    Alert,
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    Level,
    MsgType,
    Named,
    Place,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from field_api.features.warnings.formats.values import circle_of, exact_ms, time_ms
from mission_plans.formats.xml_text import child, children, text_in

__all__ = ["read_cap"]

E = TypeVar("E", bound=StrEnum)
METRES_PER_KM = "1000"
MOST_INFOS = 50
MOST_AREAS = 2000


def read_cap(root: Element, notes: Notes) -> Alert:
    """Return what a CAP message says.

    Raises:
        UnreadableError: it lacks what says who sent which message when, to do what, to whom.
    """
    check_shape(root, names.ALERT, notes, names.ALERT_MANY)
    for signature in children(root, names.SIGNATURE):
        notes.add("signature", signature)
    infos = list(children(root, "info"))
    areas = sum(1 for info in infos for _ in children(info, "area"))
    if len(infos) > MOST_INFOS or areas > MOST_AREAS:
        raise notes.refuse("too_many_parts", root, "info", infos=MOST_INFOS, areas=MOST_AREAS)
    return Alert(
        identifier=_needed(root, "identifier", notes),
        sender=_needed(root, "sender", notes),
        sent_ms=_needed_time(root, notes),
        status=_needed_choice(root, "status", Status, notes),
        msg_type=_needed_choice(root, "msgType", MsgType, notes),
        scope=_needed_choice(root, "scope", Scope, notes),
        source=text_in(root, "source"),
        restriction=text_in(root, "restriction"),
        addresses=_words(text_in(root, "addresses")),
        codes=tuple(text for _, text in texts_in(root, "code")),
        note=text_in(root, "note"),
        references=_references(root, notes),
        incidents=_words(text_in(root, "incidents")),
        infos=tuple(_info(info, notes) for info in infos),
    )


# --- what must be there ----------------------------------------------------------------------


def _needed(root: Element, name: str, notes: Notes) -> str:
    text = text_in(root, name)
    if not text:
        raise notes.refuse("missing", root, name)
    return text


def _needed_time(root: Element, notes: Notes) -> int:
    _needed(root, "sent", notes)
    ms = _time(root, "sent", notes)
    if ms is None:
        raise notes.refuse("no_time", root, "sent", value=text_in(root, "sent")[:40])
    return ms


def _needed_choice(root: Element, name: str, kind: type[E], notes: Notes) -> E:
    value = _needed(root, name, notes)
    try:
        return kind(value)
    except ValueError:
        said, options = value[:40], ", ".join(kind)
        refusal = notes.refuse("no_such_value", root, name, value=said, options=options)
        raise refusal from None


# --- parts -----------------------------------------------------------------------------------


def _time(element: Element, name: str, notes: Notes) -> int | None:
    found = child(element, name)
    text = text_of(found)
    if found is None or not text:
        return None
    exact = exact_ms(text)
    if exact is not None:
        return exact
    ms = time_ms(text)
    notes.add("no_time" if ms is None else "inexact_time", found, value=text[:40])
    return ms


def _words(text: str) -> tuple[str, ...]:
    """Return words between blanks, quoted where they hold blanks themselves."""
    if not text:
        return ()
    flat = re.sub(r"\s+", " ", text)
    (row,) = csv.reader([flat], delimiter=" ", skipinitialspace=True)
    return tuple(word for word in row if word)


def _references(root: Element, notes: Notes) -> tuple[Reference, ...]:
    found = child(root, "references")
    references: list[Reference] = []
    for triple in text_of(found).split():
        sender, comma, rest = triple.partition(",")
        identifier, _, sent = rest.rpartition(",")
        sent_ms = time_ms(sent) if sent else None
        if comma and sender and identifier and sent_ms is not None:
            references.append(Reference(identifier=identifier, sender=sender, sent_ms=sent_ms))
        elif found is not None:
            notes.add("no_reference", found, value=triple[:80])
    return tuple(references)


def _unknown_if_empty(element: Element, name: str, kind: type[E], unknown: E, notes: Notes) -> E:
    """Return a value that the standard lets be unknown; its absence is read as that."""
    found = child(element, name)
    if not text_of(found):
        notes.add("taken_as_unknown", element if found is None else found, element=name)
    return choice_in(element, name, kind, notes) or unknown


def _certainty(element: Element, notes: Notes) -> Certainty:
    found = child(element, "certainty")
    text = text_of(found)
    if found is None or not text:
        at = found if found is not None else element
        notes.add("taken_as_unknown", at, element="certainty")
        return Certainty.UNKNOWN
    if text in ("Very Likely", "VeryLikely"):
        # CAP 1.2, 3.2.2: given up, to be taken as Likely.
        notes.add("very_likely", found)
        return Certainty.LIKELY
    return choice_in(element, "certainty", Certainty, notes) or Certainty.UNKNOWN


def _info(element: Element, notes: Notes) -> Info:
    check_shape(element, names.INFO, notes, names.INFO_MANY)
    categories = choices_in(element, "category", Category, notes)
    if not categories:
        notes.add("no_category", element)
    event = text_in(element, "event")
    if not event:
        notes.add("no_event", element)
    parameters = named_in(element, "parameter", notes)
    level, others = _level(parameters)
    return Info(
        language=text_in(element, "language"),
        categories=categories or (Category.OTHER,),
        event=event or text_in(element, "headline"),
        responses=choices_in(element, "responseType", ResponseType, notes),
        urgency=_unknown_if_empty(element, "urgency", Urgency, Urgency.UNKNOWN, notes),
        severity=_unknown_if_empty(element, "severity", Severity, Severity.UNKNOWN, notes),
        certainty=_certainty(element, notes),
        level=level,
        audience=text_in(element, "audience"),
        event_codes=named_in(element, "eventCode", notes),
        effective_ms=_time(element, "effective", notes),
        onset_ms=_time(element, "onset", notes),
        expires_ms=_time(element, "expires", notes),
        sender_name=text_in(element, "senderName"),
        headline=text_in(element, "headline"),
        description=text_in(element, "description"),
        instruction=text_in(element, "instruction"),
        web=text_in(element, "web"),
        contact=text_in(element, "contact"),
        parameters=others,
        resources=tuple(_resource(each, notes) for each in children(element, "resource")),
        areas=tuple(_area(each, notes) for each in children(element, "area")),
    )


def _level(parameters: tuple[Named, ...]) -> tuple[Level | None, tuple[Named, ...]]:
    """Return the statutory level among parameters, and the others."""
    for index, each in enumerate(parameters):
        if each.name == LEVEL_PARAMETER and each.value.lower() in list(Level):
            return Level(each.value.lower()), parameters[:index] + parameters[index + 1 :]
    return None, parameters


def _resource(element: Element, notes: Notes) -> Resource:
    check_shape(element, names.RESOURCE, notes)
    return Resource(
        description=text_in(element, "resourceDesc"),
        mime_type=text_in(element, "mimeType"),
        size_bytes=whole_number_in(element, "size", notes),
        uri=text_in(element, "uri"),
        content=text_in(element, "derefUri"),
        digest=text_in(element, "digest"),
    )


def _area(element: Element, notes: Notes) -> Area:
    check_shape(element, names.AREA, notes, names.AREA_MANY)
    return Area(
        description=text_in(element, "areaDesc"),
        polygons=_polygons(element, notes),
        circles=_circles(element, notes),
        geocodes=named_in(element, "geocode", notes),
        altitude_ft=_feet(element, "altitude", notes),
        ceiling_ft=_feet(element, "ceiling", notes),
    )


def _polygons(element: Element, notes: Notes) -> tuple[tuple[Place, ...], ...]:
    rings: list[tuple[Place, ...]] = []
    for found, text in texts_in(element, "polygon"):
        places = ring_of(found, text, notes)
        if places is None:
            continue
        if places[0] == places[-1]:
            places = places[:-1]
        else:
            notes.add("ring_open", found)
        # A corner that is said twice is said once.
        places = places[:1] + tuple(b for a, b in pairwise(places) if a != b)
        if len(set(places)) < 3:
            notes.add("ring_too_small", found)
            continue
        rings.append(places)
    return tuple(rings)


def _circles(element: Element, notes: Notes) -> tuple[Circle, ...]:
    circles: list[Circle] = []
    for found, text in texts_in(element, "circle"):
        circle = circle_of(text, METRES_PER_KM)
        if circle is None:
            notes.add("no_circle", found, value=text[:60])
        else:
            circles.append(circle)
    return tuple(circles)


def _feet(element: Element, name: str, notes: Notes) -> float | None:
    found = child(element, name)
    text = text_of(found)
    if found is None or not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("inf")
    if abs(value) < 1_000_000:
        return value
    notes.add("no_number", found, value=text[:40])
    return None
