"""The forms of enforcement documents, as data: fields, order, who signs, what must be approved.

`forms.json` is read here and bundled into the web pages: command post and handheld apply the same
rules to the same data, checked against the same examples (`tests/vectors/`).
"""

import json
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from field_api.core.texts import Both

__all__ = ["FieldCap", "FieldWhen", "Form", "FormField", "form_of", "forms", "orders_something"]

FILE = Path(__file__).with_name("forms.json")

FieldKind = Literal[
    "text",
    "long_text",
    "day",
    "time",
    "number",
    "money",
    "choice",
    "yes_no",
    "hazards",
    "things",
    "questions",
]
"""`hazards`: those of the paper, in their order; `things`: rows of name, specification, quantity;
`questions`: rows of question and answer."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldChoice(_Strict):
    """One value of a choice."""

    value: str
    zh: str
    en: str


class FieldWhen(_Strict):
    """Another field of the same form has this value."""

    field: str
    value: str


class FieldCap(FieldWhen):
    """The highest amount, CNY, where another field has this value."""

    most: float


class FormField(_Strict):
    """One field of a form."""

    name: str
    zh: str
    en: str
    kind: FieldKind
    required: bool = False
    fill: str = ""
    """Where its first value comes from, e.g. `enterprise.name`, `office.court`, `order.number`."""
    choices: tuple[FieldChoice, ...] = ()
    hint_zh: str = ""
    hint_en: str = ""
    most: float | None = None
    """The highest amount of money, CNY."""
    caps: tuple[FieldCap, ...] = ()
    """Lower ones in some cases."""
    required_when: FieldWhen | None = None
    """Required in this case too."""


class Form(_Strict):
    """One kind of document."""

    code: str
    zh: str
    en: str
    zh_2025: str = ""
    """Its name since the ministry of justice's templates of 2025, where it differs."""
    zh_street: str = ""
    """Its name when a street issues it, where it differs."""
    en_street: str = ""
    series: str
    """Of its numbers, between the district's short name and the year, e.g. `应急检记`; or empty."""
    tiers: tuple[Literal["bureau", "street"], ...]
    empowered: bool = False
    """A street that was given the power to punish (行政处罚法 24) issues it too."""
    after: tuple[str, ...] = ()
    """Any of these must be issued in the same inspection before; empty for none."""
    order: tuple[str, ...] = ()
    """Forms of the one paper it refers to (`order_id`), which must have been served."""
    approval: Literal["none", "before", "urgent"] = "none"
    """`before`: approved before it is issued; `urgent`: before, or within 24 hours where it is
    marked urgent."""
    approved_afterwards: bool = False
    """In an emergency inspection the approval may come after it was issued."""
    officers: int = 2
    signers: tuple[Literal["officer", "party", "witness", "approver", "recorder"], ...]
    """Who signs or refuses before it is issued; `officer` means each of the two."""
    due: str = ""
    """The field until when what it orders must be done; a paper that `fulfils` it ends that."""
    fulfils: Literal["none", "hazards", "always"] = "none"
    """Whether it fulfils the paper it refers to: once all hazards are cleared, or in any case."""
    about: Literal["none", "hazards"] = "none"
    copies: int = 2
    back_office: bool = False
    """Made at a desk, not on site."""
    remedy: Literal["none", "choice", "reconsideration_first"] = "none"
    """What it tells the party: reconsideration within 60 days or a suit within 6 months, or
    reconsideration first (行政复议法 23: penalties on the spot). Needs the office's both places."""
    basis: str
    """The law it stands on."""
    basis_street: str = ""
    """The law a street's stands on, where it differs."""
    notice_zh: str = ""
    notice_en: str = ""
    """What whoever fills it in should know."""
    fields: tuple[FormField, ...]

    def title(self, tier: str = "bureau") -> Both:
        """Return what a bureau or a street calls it."""
        if tier == "street" and self.zh_street:
            return Both(self.zh_street, self.en_street or self.en)
        return Both(self.zh, self.en)


def orders_something(form: Form) -> bool:
    """Whether it orders what another paper, its review or decision, must find done."""
    return any(each.fulfils != "none" and form.code in each.order for each in forms().values())


@cache
def forms() -> dict[str, Form]:
    """Return all forms by their codes, in the order of the chain."""
    text = FILE.read_text(encoding="utf-8")
    return {given["code"]: Form.model_validate(given) for given in json.loads(text)["forms"]}


def form_of(code: str) -> Form | None:
    """Return a form, None for an unknown one."""
    return forms().get(code)
