"""XML from outside: no entities, no external references, errors with line and column."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mission_plans.formats.errors import PlanFileError

__all__ = ["MAX_BYTES", "children", "local_name", "number_of", "read_xml", "text_of"]

MAX_BYTES = 20_000_000


def read_xml(data: bytes, where: str = "file") -> Element:
    """Return the root of an XML document.

    Raises:
        PlanFileError: too large, not XML (with line and column), or with entities, which an honest
            map or mission file has no use for.
    """
    if len(data) > MAX_BYTES:
        raise PlanFileError(where, f"{len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        return fromstring(data, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise PlanFileError(f"{where} line {line} column {column}", f"not XML ({error})") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise PlanFileError(where, f"refused: {error!r}") from error


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct children of a name, whatever their namespace."""
    return (child for child in element if local_name(child) == name)


def text_of(element: Element, name: str, where: str) -> str:
    """Return the text of a child.

    Raises:
        PlanFileError: there is none.
    """
    found = next(children(element, name), None)
    if found is None or not (found.text or "").strip():
        raise PlanFileError(f"{where}/{name}", "missing")
    return (found.text or "").strip()


def number_of(element: Element, name: str, where: str) -> float:
    """Return a child's number.

    Raises:
        PlanFileError: missing, or no finite number.
    """
    return finite(text_of(element, name, where), f"{where}/{name}")


def finite(text: str, where: str) -> float:
    """Return a finite number.

    Raises:
        PlanFileError: it is none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise PlanFileError(where, f"{text[:40]!r} is no number") from error
    if not abs(value) < 1e12:
        raise PlanFileError(where, f"{text[:40]!r} is no number of this world")
    return value
