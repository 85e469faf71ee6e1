"""Whether what was printed is what the draft says. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from field_api.features.inspections.forms import Form, FormField
from field_api.features.inspections.messages import (
    PaperContent,
    PaperField,
    PaperOffice,
    PaperOfficer,
)

__all__ = ["CitedHazard", "Printed", "differences"]


@dataclass(frozen=True, slots=True)
class CitedHazard:
    """A hazard as the draft has it."""

    text: str
    level: str
    articles: tuple[str, ...]
    """Of its clauses, each to be found in what is cited."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What the content must show."""

    form: Form
    values: Mapping[str, Any]
    office: PaperOffice
    officers: Sequence[PaperOfficer]
    hazards: Sequence[CitedHazard]
    number: str
    """Empty for a form without numbers."""
    issue: int
    replaces_number: str


_EMPTY: tuple[Any, ...] = (None, "", [], {})
_BY_APPROVAL = ("approval.", "review.")
"""Fills of fields that no draft has: who approved writes them."""


def _digits(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


def _words(text: Any) -> list[str]:
    return str(text).split()


def _amount(text: Any) -> Decimal | None:
    """Return a number as it may be printed: `2000`, `2,000.00`, `2000元`."""
    try:
        amount = Decimal(re.sub(r"[,，\s元¥]", "", str(text)))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _same_rows(value: Any, rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of the draft; a head that only the print has is left out."""
    if not isinstance(value, list):
        return False
    given = cast("list[Any]", value)
    wanted = [[_words(cell) for cell in row] for row in given if isinstance(row, list)]
    printed = [[_words(cell) for cell in row] for row in rows]
    return len(wanted) == len(given) and wanted in (printed, printed[1:])


def _fits(field: FormField, value: Any, shown: PaperField) -> bool:
    """Whether a printed field says the value; how days and times are written is the template's."""
    text = shown.text.strip()
    if value in _EMPTY:
        return field.fill.startswith(_BY_APPROVAL) or not (text or shown.rows)
    match field.kind:
        case "choice":
            choice = next((c for c in field.choices if c.value == value), None)
            return choice is not None and text in (choice.zh, choice.value)
        case "yes_no":
            return text in (("是", "true") if value is True else ("否", "false"))
        case "day" | "time":
            digits = _digits(str(value))
            return _digits(text) == digits if digits else _words(text) == _words(value)
        case "number" | "money":
            amount = _amount(value)
            same = _words(text) == _words(value)
            return same if amount is None else amount == _amount(text)
        case "things" | "questions":
            return _same_rows(value, shown.rows)
        case _:
            return _words(text) == _words(value)


def _fields(wanted: Printed, content: PaperContent) -> list[str]:
    shown = {field.name: field for field in content.fields}
    known = {field.name: field for field in wanted.form.fields}
    found = [f"content.fields.{name}" for name in shown if name not in known]
    for name, field in known.items():
        if field.kind == "hazards" and wanted.hazards:
            continue
        value = wanted.values.get(name)
        if name not in shown:
            if value not in _EMPTY:
                found.append(f"content.fields.{name}")
        elif not _fits(field, value, shown[name]):
            found.append(f"content.fields.{name}")
    return found


def _hazards(wanted: Printed, content: PaperContent) -> list[str]:
    if len(content.hazards) != len(wanted.hazards):
        return ["content.hazards"]
    found: list[str] = []
    for at, (shown, hazard) in enumerate(zip(content.hazards, wanted.hazards, strict=True)):
        cited = all(
            any(article in clause for clause in shown.clauses) for article in hazard.articles
        )
        same = shown.text.split() == hazard.text.split() and shown.level == hazard.level
        if not same or not cited or len(shown.clauses) > len(hazard.articles):
            found.append(f"content.hazards.{at}")
    return found


def differences(wanted: Printed, content: PaperContent) -> list[str]:
    """Return the places in which the content is not what the draft says; empty for none."""
    found: list[str] = []
    if content.form != wanted.form.code:
        found.append("content.form")
    if content.title != wanted.form.title(wanted.office.tier).zh:
        found.append("content.title")
    if (content.number, content.issue) != (wanted.number, wanted.issue):
        found.append("content.number")
    if content.replaces_number != wanted.replaces_number:
        found.append("content.replaces_number")
    office = content.office
    if (office.name, office.tier) != (wanted.office.name, wanted.office.tier):
        found.append("content.office")

    def pairs(officers: Sequence[PaperOfficer]) -> list[tuple[str, str]]:
        return sorted((one.name, one.certificate) for one in officers)

    if pairs(content.officers) != pairs(wanted.officers):
        found.append("content.officers")
    return [*found, *_fields(wanted, content), *_hazards(wanted, content)]
