"""Reading one element after the other: leniently, and every leniency is noted."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TypeVar
from xml.etree.ElementTree import Element

from field_api.features.warnings.formats.findings import Notes
from field_api.features.warnings.formats.model import Named, Place
from field_api.features.warnings.formats.values import places_of
from mission_plans.formats.xml_text import child, children, local_name

__all__ = [
    "check_shape",
    "choice_in",
    "choices_in",
    "named_in",
    "ring_of",
    "text_of",
    "texts_in",
    "whole_number_in",
]

E = TypeVar("E", bound=StrEnum)


def text_of(element: Element | None) -> str:
    """Return an element's text without the blanks and line breaks around it."""
    return "" if element is None else (element.text or "").strip()


def texts_in(element: Element, name: str) -> Iterator[tuple[Element, str]]:
    """Yield the children of a name that are not empty, with their text."""
    for found in children(element, name):
        if text := text_of(found):
            yield found, text


def check_shape(
    element: Element, order: Sequence[str], notes: Notes, many: frozenset[str] = frozenset()
) -> None:
    """Note children that the format does not know, that stand out of order, or too often."""
    last, misplaced, seen = 0, False, set[str]()
    for inner in element:
        name = local_name(inner)
        if name not in order:
            notes.add("unknown_element", inner)
            continue
        if name in seen and name not in many:
            notes.add("again", inner)
        seen.add(name)
        at = order.index(name)
        if at < last and not misplaced:
            misplaced = True
            notes.add("out_of_order", inner)
        last = max(last, at)


def choice_in(element: Element, name: str, kind: type[E], notes: Notes) -> E | None:
    """Return the value of an enumerated child, None where it is missing or no value of it."""
    found = child(element, name)
    text = text_of(found)
    if found is None or not text:
        return None
    try:
        return kind(text)
    except ValueError:
        options = ", ".join(kind)
        notes.add("no_such_value", found, value=text[:40], options=options)
        return None


def choices_in(element: Element, name: str, kind: type[E], notes: Notes) -> tuple[E, ...]:
    """Return the values of children that may come several times; what is no value is left out."""
    values: list[E] = []
    for found, text in texts_in(element, name):
        try:
            values.append(kind(text))
        except ValueError:
            notes.add("no_such_value", found, value=text[:40], options=", ".join(kind))
    return tuple(values)


def named_in(element: Element, name: str, notes: Notes) -> tuple[Named, ...]:
    """Return CAP's pairs of `valueName` and `value`; a pair without a value says nothing."""
    pairs: list[Named] = []
    for found in children(element, name):
        key, value = text_of(child(found, "valueName")), text_of(child(found, "value"))
        if key and value:
            pairs.append(Named(name=key, value=value))
        else:
            notes.add("empty_pair", found, pair=key or value or name)
    return tuple(pairs)


def whole_number_in(element: Element, name: str, notes: Notes) -> int | None:
    """Return a child's whole number, None where it is missing or none."""
    found = child(element, name)
    text = text_of(found)
    if found is None or not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text)
    notes.add("no_number", found, value=text[:40])
    return None


def ring_of(element: Element, text: str, notes: Notes) -> tuple[Place, ...] | None:
    """Return the places of a polygon, its closing point among them; None for what is none."""
    places = places_of(text)
    if places is None:
        # Seen in real feeds: a comma after the pair.
        places = places_of(" ".join(pair.rstrip(",") for pair in text.split()))
        if places is not None:
            notes.add("commas_after_pairs", element)
    if places is None:
        notes.add("no_polygon", element)
        return None
    return tuple(places)
