"""The chain of documents: what may be begun, issued and closed now, and why not. Pure.

Each function returns every reason against it, the first one first; none means that it may be done.
"""

from collections.abc import Mapping

from field_api.features.inspections.facts import Draft, PaperFact, Refusal, Scene
from field_api.features.inspections.filling import filling
from field_api.features.inspections.findings import findings
from field_api.features.inspections.forms import Form

__all__ = ["may_begin", "may_close", "may_issue", "valid_on"]

ISSUED = ("issued", "served", "replaced")
_STANDS = ("issued", "served")


def _tier(form: Form, scene: Scene) -> list[Refusal]:
    street = scene.tier == "street"
    if street and form.approval == "urgent":
        code = "street_never_coerces"
    elif scene.tier in form.tiers or (street and form.empowered and scene.penalty_power):
        return []
    elif street:
        code = "street_without_penalty_power" if form.empowered else "form_of_the_bureau"
    else:
        code = "form_of_streets"
    return [Refusal(code=code, values={"form": form.code})]


def _open(scene: Scene) -> list[Refusal]:
    if scene.state in ("closed", "escalated"):
        return [Refusal(code=f"inspection_is_{scene.state}")]
    return []


def _order(form: Form, scene: Scene) -> list[Refusal]:
    issued = {paper.form for paper in scene.papers if paper.state in ISSUED}
    if form.after and not issued.intersection(form.after):
        return [
            Refusal(
                code="paper_out_of_order",
                values={"form": form.code, "after": ",".join(form.after)},
            )
        ]
    return []


def _follows(form: Form, draft: Draft) -> list[Refusal]:
    if not form.order:
        return []
    values = {"form": form.code, "order": ",".join(form.order)}
    order = draft.order
    if order is None:
        return [Refusal(code="order_needed", field="order_id", values=values)]
    if order.form not in form.order:
        return [Refusal(code="order_of_another_form", field="order_id", values=values)]
    if order.state == "replaced":
        return [Refusal(code="order_replaced", field="order_id", values=values)]
    if order.state != "served":
        return [Refusal(code="order_not_served", field="order_id", values=values)]
    if order.fulfilled:
        return [Refusal(code="order_fulfilled", field="order_id", values=values)]
    return []


def _replaces(form: Form, draft: Draft) -> list[Refusal]:
    old = draft.replaces
    if old is None:
        return []
    if old.form != form.code or old.state not in _STANDS:
        return [Refusal(code="replaces_nothing_issued", field="replaces")]
    return []


def may_begin(form: Form, scene: Scene, draft: Draft) -> list[Refusal]:
    """Say what stands against beginning a draft of a form."""
    return [
        *_open(scene),
        *_tier(form, scene),
        *_order(form, scene),
        *_follows(form, draft),
        *_replaces(form, draft),
    ]


def valid_on(day: str, valid_from: str | None, valid_to: str | None) -> bool:
    """Whether a certificate is valid on a day; both its days count."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def _officers(form: Form, scene: Scene, day: str) -> list[Refusal]:
    found = [
        Refusal(code="certificate_not_valid", values={"name": one.name, "day": day})
        for one in scene.officers
        if not valid_on(day, one.valid_from, one.valid_to)
    ]
    if len({one.certificate for one in scene.officers}) < form.officers:
        found.insert(0, Refusal(code="officers_needed", values={"officers": str(form.officers)}))
    return found


def _approval(form: Form, scene: Scene, draft: Draft) -> list[Refusal]:
    if form.approval == "none" or draft.approval == "approved":
        return []
    if draft.approval == "refused":
        return [Refusal(code="approval_refused")]
    if form.approved_afterwards and scene.source == "emergency":
        return []
    if form.approval == "urgent" and draft.urgent:
        return []
    return [Refusal(code="approval_needed")]


def may_issue(form: Form, scene: Scene, draft: Draft, day: str) -> list[Refusal]:
    """Say what stands against issuing a paper on a day (`YYYY-MM-DD`)."""
    reasons = may_begin(form, scene, draft)
    if draft.state != "draft":
        reasons.insert(0, Refusal(code=f"paper_is_{draft.state}"))
    if "party" in form.signers and not form.back_office and not scene.entered:
        reasons.append(Refusal(code="premises_not_entered"))
    return [
        *reasons,
        *_officers(form, scene, day),
        *(Refusal(code="field_in_conflict", field=name) for name in draft.conflicts),
        *filling(form, draft, day),
        *findings(draft.hazards, day),
        *_approval(form, scene, draft),
    ]


def _still_open(paper: PaperFact, forms: Mapping[str, Form]) -> bool:
    form = forms.get(paper.form)
    due = form is not None and bool(form.due)
    return due and paper.state in _STANDS and not paper.fulfilled


def may_close(scene: Scene, forms: Mapping[str, Form]) -> list[Refusal]:
    """Say what stands against closing an inspection."""
    reasons = _open(scene)
    for paper in scene.papers:
        if paper.state == "draft":
            reasons.append(Refusal(code="draft_still_open", values={"form": paper.form}))
        elif _still_open(paper, forms):
            reasons.append(Refusal(code="order_still_open", values={"form": paper.form}))
        elif paper.state in _STANDS and paper.approval not in ("not_needed", "approved"):
            reasons.append(Refusal(code="approval_still_open", values={"form": paper.form}))
    for hazard in scene.hazards:
        if hazard.state != "cleared" and hazard.measure != "transfer":
            reasons.append(Refusal(code="hazard_still_open", values={"text": hazard.text[:60]}))
    return reasons
