"""Warning files, bytes to values and back; no network, no disk."""

from field_api.features.warnings.formats.cap_names import VERSIONS
from field_api.features.warnings.formats.cap_reading import read_cap
from field_api.features.warnings.formats.cap_rules import broken_rules, discouraged
from field_api.features.warnings.formats.cap_writing import write_cap
from field_api.features.warnings.formats.findings import (
    Format,
    Notes,
    Reading,
    UnreadableError,
    UnwritableError,
    Verdict,
)
from field_api.features.warnings.formats.national_names import NATIONAL
from field_api.features.warnings.formats.national_reading import read_national
from field_api.features.warnings.formats.national_writing import file_name, write_national
from field_api.features.warnings.formats.opening import open_file
from mission_plans.formats.xml_text import Lined, child, local_name

__all__ = [
    "Reading",
    "UnwritableError",
    "Verdict",
    "broken_rules",
    "discouraged",
    "file_name",
    "read_warning_file",
    "write_cap",
    "write_national",
]


def read_warning_file(data: bytes) -> Reading:
    """Return what a file says and what it is worth; a refused one says why. Never raises."""
    notes = Notes()
    kind: Format | None = None
    try:
        root, notes.findings = open_file(data)
        kind = _format_of(root)
        if kind is None:
            raise notes.refuse("no_warning", root, value=root.tag[:80])
        if kind == "national":
            alert = read_national(root, notes)
            return Reading(kind, alert, notes.findings)
        if kind != "cap-1.2":
            notes.add("older_version", root, version=kind.removeprefix("cap-"))
        alert = read_cap(root, notes)
    except UnreadableError as error:
        return Reading(kind, None, [*notes.findings, error.finding])
    rules = [*broken_rules(alert), *discouraged(alert)]
    return Reading(kind, alert, [*notes.findings, *rules])


def _format_of(root: Lined) -> Format | None:
    """Return a file's format by its namespace, or by the elements only the national one has."""
    if local_name(root) != "alert":
        return None
    namespace = root.tag.rpartition("}")[0].lstrip("{")
    if namespace in VERSIONS:
        return VERSIONS[namespace]
    if namespace == NATIONAL or child(root, "senderCode") is not None:
        return "national"
    return None
