"""Whether a draft is filled in: required fields, choices, days, amounts. Pure."""

from typing import Any

from field_api.features.inspections.facts import Draft, Refusal
from field_api.features.inspections.forms import Form, FormField

__all__ = ["filling"]


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _field(form: Form, field: FormField, draft: Draft, day: str) -> Refusal | None:
    value = draft.values.get(field.name)
    names = {"title": field.zh, "title_en": field.en}
    if field.kind == "hazards":
        if field.required and not draft.hazards and _empty(value):
            return Refusal(code="field_missing", field=field.name, values=names)
        return None
    if _empty(value):
        if field.required or field.name == form.due:
            return Refusal(code="field_missing", field=field.name, values=names)
        return None
    if field.kind == "choice" and value not in {choice.value for choice in field.choices}:
        return Refusal(code="field_not_a_choice", field=field.name, values=names)
    if field.kind == "money" and field.most is not None:
        amount = value if isinstance(value, int | float) else _number(value)
        if amount is None or amount > field.most:
            most = {"most": f"{field.most:g}"}
            return Refusal(code="amount_too_high", field=field.name, values=names | most)
    if field.name == form.due and str(value) < day:
        return Refusal(code="due_day_over", field=field.name, values=names)
    return None


def _number(value: Any) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def filling(form: Form, draft: Draft, day: str) -> list[Refusal]:
    """Return what is missing or wrong in a draft's fields, in the order of the form."""
    found = (_field(form, field, draft, day) for field in form.fields)
    return [refusal for refusal in found if refusal is not None]
