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
        when = field.required_when
        asked = when is not None and _is(draft.values.get(when.field), when.value)
        if field.required or asked or field.name == form.due:
            return Refusal(code="field_missing", field=field.name, values=names)
        return None
    if field.kind == "choice" and value not in {choice.value for choice in field.choices}:
        return Refusal(code="field_not_a_choice", field=field.name, values=names)
    most = _most(field, draft)
    if field.kind == "money" and most is not None:
        amount = _number(value)
        if amount is None or amount > most:
            cap = {"most": f"{most:g}"}
            return Refusal(code="amount_too_high", field=field.name, values=names | cap)
    if field.name == form.due and str(value) < day:
        return Refusal(code="due_day_over", field=field.name, values=names)
    return None


def _is(value: Any, wanted: str) -> bool:
    """Whether a field has a value; that of yes and no is written `true` and `false`."""
    return str(value).lower() == wanted if isinstance(value, bool) else value == wanted


def _most(field: FormField, draft: Draft) -> float | None:
    caps = [cap.most for cap in field.caps if _is(draft.values.get(cap.field), cap.value)]
    return min([*caps, *([field.most] if field.most is not None else [])], default=None)


def _number(value: Any) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def filling(form: Form, draft: Draft, day: str) -> list[Refusal]:
    """Return what is missing or wrong in a draft's fields, in the order of the form."""
    found = (_field(form, field, draft, day) for field in form.fields)
    return [refusal for refusal in found if refusal is not None]
