"""A warning file's bytes to its root element: hostile ones are refused before anything is read.

No document type and no entity is let in, so that nothing is fetched and nothing unfolds; size,
depth and length of texts are bounded.
"""

from field_api.core.errors import Finding
from field_api.features.warnings.formats.findings import UnreadableError, found
from mission_plans.formats.contents import Note
from mission_plans.formats.encoding import decode
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.xml_text import Lined, line_of, read_xml

__all__ = ["MOST_BYTES", "open_file"]

MOST_BYTES = 1_000_000
MOST_ELEMENTS = 20_000
LONGEST_TEXT = 200_000
"""Characters of one element: a polygon of some thousand corners, a picture of 150 kB."""


def open_file(data: bytes) -> tuple[Lined, list[Finding]]:
    """Return the root element, and what had to be mended to read it.

    Raises:
        UnreadableError: no XML, or nothing an honest warning holds.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableError(found("too_big", "file", most=MOST_BYTES // 1000))
    try:
        decoded = decode(data)
        root, notes = read_xml(decoded)
    except PlanFileError as error:
        told = Finding(where=error.where, name="XML", text_zh=error.zh, text_en=error.en)
        raise UnreadableError(told) from error
    for number, element in enumerate(root.iter()):
        if number >= MOST_ELEMENTS:
            raise UnreadableError(found("too_many_elements", "file", most=MOST_ELEMENTS))
        if len(element.text or "") > LONGEST_TEXT:
            where = line_of(element)
            raise UnreadableError(found("too_long", "file", where, most=LONGEST_TEXT))
    return root, [_finding(note) for note in [*decoded.notes, *notes]]


def _finding(note: Note) -> Finding:
    return Finding(where="file", name="XML", text_zh=note.zh, text_en=note.en)
