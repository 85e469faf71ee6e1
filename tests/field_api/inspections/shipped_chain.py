"""An inspection with the forms that ship, filled from what each requires."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from field_api.contract.ids import new_id
from field_api.features.inspections.forms import Form, FormField, forms
from tests.field_api.inspections.world import Case

__all__ = ["ShippedCase", "needed", "orders", "value_of"]

DUE_DAYS = 14


def _due(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=DUE_DAYS)).isoformat()


def value_of(form: Form, one: FormField, day: str) -> Any:
    """Return an ordinary value of a field on a day."""
    match one.kind:
        case "day":
            return _due(day) if one.name == form.due else day
        case "time":
            return f"{day}T14:05"
        case "number":
            return 1
        case "money":
            return 150
        case "choice":
            return one.choices[0].value
        case "yes_no":
            return True
        case "things":
            return [["储罐", "10 m³", "1"]]
        case "questions":
            return [["何时拆除?", "上个月。"]]
        case _:
            return f"{one.zh}:示例"


def needed(form: Form) -> list[FormField]:
    """Return the fields without which a paper is not issued; its hazards are none of them."""
    return [
        one
        for one in form.fields
        if (one.required or one.name == form.due) and one.kind != "hazards"
    ]


def orders(form: Form) -> list[Form]:
    """Return the forms that a form refers to."""
    return [forms()[code] for code in form.order]


@dataclass
class ShippedCase(Case):
    """One inspection that goes through the chain as far as a form needs."""

    issued: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    hazards: list[str] = field(default_factory=list[str])

    def values(self, form: Form) -> dict[str, Any]:
        """Return a value for each field that a form requires."""
        return {one.name: value_of(form, one, self.day) for one in needed(form)}

    def about(self, form: Form, order: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what a draft of a form is about and refers to."""
        more: dict[str, Any] = {}
        if form.about == "hazards" or any(f.kind == "hazards" for f in form.fields):
            more["hazard_ids"] = self.hazards
        if order is not None:
            more["order_id"] = order["id"]
        return more

    async def draft(
        self, form: Form, order: dict[str, Any] | None = None, **values: Any
    ) -> dict[str, Any]:
        """Begin a draft with all that its form requires."""
        return await self.begin(
            form.code, {**self.values(form), **values}, **self.about(form, order)
        )

    async def make(self, form: Form, order: dict[str, Any] | None = None) -> dict[str, Any]:
        """Begin, approve where needed, and issue a paper with its bytes."""
        paper = await self.draft(form, order)
        if form.approval != "none":
            # The answer says who approved it: that is printed too.
            paper = await self.approve(paper)
        self.issued[form.code] = await self.issue(paper)
        return self.issued[form.code]

    async def prepare(self, form: Form) -> None:
        """Issue what comes before a form, enter, and find a hazard where it is about one."""
        for code in form.after[:1]:
            if code not in self.issued:
                before = forms()[code]
                await self.prepare(before)
                await self.make(before)
        if "party" in form.signers and not self.hazards:
            await self.enter()
            self.hazards.append((await self.find())["id"])

    async def ordered(self, form: Form) -> dict[str, Any]:
        """Return a served paper of a form, made with all that comes before it."""
        await self.prepare(form)
        return await self.serve(await self.make(form))

    async def clear(self) -> None:
        """Note that everything found is put right."""
        for one in self.hazards:
            body = {"id": new_id(), "t_ms": self.post.clock(), "result": "cleared"}
            await self.send(f"hazards/{one}/check", body)

    async def clear_left(self) -> None:
        """Note it of what no review has cleared."""
        duty = await self.post.sign_in("duty")
        for one in self.hazards:
            if (await duty.get(f"hazards/{one}")).json()["state"] != "cleared":
                body = {"id": new_id(), "t_ms": self.post.clock(), "result": "cleared"}
                await self.send(f"hazards/{one}/check", body)
