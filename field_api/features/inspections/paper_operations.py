"""Drafts: beginning, editing by several officers, approval, giving up."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both
from field_api.core.wire import digest
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.chain import may_begin
from field_api.features.inspections.filling import filling
from field_api.features.inspections.forms import Form
from field_api.features.inspections.gathering import (
    draft_of,
    form_or_refuse,
    hazards_in_order,
    refusal_of,
    scene_of,
)
from field_api.features.inspections.merging import decided, merged
from field_api.features.inspections.messages import (
    ApprovePaper,
    BeginPaper,
    DecideField,
    DropPaper,
    EditPaper,
    SubmitPaper,
)
from field_api.features.inspections.permissions import INSPECTION_APPROVE, INSPECTION_WORK
from field_api.features.inspections.tables import ApprovalState, Inspection, Paper, PaperState

__all__ = ["APPROVE", "BEGIN", "DECIDE", "DROP", "EDIT", "SUBMIT"]

HAZARD_IDS = "hazard_ids"
"""A field like the others, kept in a column of its own."""


def _known_fields(form: Form, values: dict[str, Any], place: str) -> None:
    names = {field.name for field in form.fields} | {HAZARD_IDS}
    for name in values:
        if name not in names:
            raise refuse(
                422, "field_unknown", field=f"{place}.{name}", name=name, form=form.title()
            )


def _begin(call: Call[BeginPaper]) -> Paper:
    """Begin a draft, where the chain allows it now; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Paper, body, body.id)
    if known is not None:
        return known
    inspection = change.get(Inspection, body.inspection_id, field="inspection_id")
    form = form_or_refuse(body.form)
    _known_fields(form, body.values, "values")
    for name in ("order_id", "replaces"):
        other_id = getattr(body, name)
        if other_id is not None:
            other = change.get(Paper, other_id, field=name)
            if other.enterprise_id != inspection.enterprise_id:
                raise refuse(409, "paper_of_another_enterprise", field=name)
            if name == "replaces" and other.inspection_id != inspection.id:
                raise refuse(409, "paper_of_another_inspection", field=name)
    by = call.who.actor.name
    row = Paper(
        **body.model_dump(exclude={"t_ms"}),
        area=inspection.area,
        enterprise_id=inspection.enterprise_id,
        office_id=inspection.office_id,
        state=PaperState.DRAFT,
        written={name: {"by": by, "t_ms": body.t_ms} for name in body.values},
        conflicts=[],
        approval=ApprovalState.NOT_NEEDED if form.approval == "none" else ApprovalState.NEEDED,
        begun_ms=min(body.t_ms, change.t_ms),
        begun_by=by,
        request_sha256=digest(body),
    )
    if body.replaces is not None:
        row.issue = change.session.get_one(Paper, body.replaces).issue + 1
    draft = draft_of(change.session, inspection, row)
    reasons = may_begin(form, scene_of(change.session, inspection, but=row.id), draft)
    if reasons:
        raise refusal_of(reasons[0])
    change.create(row)
    change.record(
        "paper.begun",
        row.id,
        area=row.area,
        refs={"inspection_id": inspection.id, "form": form.code},
        form=form.title(),
    )
    return row


def _draft(change: Change, paper_id: str) -> tuple[Paper, Form]:
    row = change.get(Paper, paper_id)
    if row.state is not PaperState.DRAFT:
        raise refuse(409, f"paper_is_{row.state.value}")
    return row, form_or_refuse(row.form)


def _take(change: Change, row: Paper, changed: dict[str, Any], by: str, t_ms: int) -> None:
    """Put fields into a draft; what was approved in another wording is asked for again."""
    fields = dict(changed)
    if HAZARD_IDS in fields:
        ids = fields.pop(HAZARD_IDS)
        inspection = change.session.get_one(Inspection, row.inspection_id)
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):  # pyright: ignore[reportUnknownVariableType]
            raise refuse(422, "hazard_ids_are_a_list", field=HAZARD_IDS)
        row.hazard_ids = [one.id for one in hazards_in_order(change.session, inspection, ids)]  # pyright: ignore[reportUnknownArgumentType]
    row.values = {**row.values, **fields}
    row.written = {**row.written, **{name: {"by": by, "t_ms": t_ms} for name in changed}}
    if changed and row.approval is ApprovalState.APPROVED:
        row.approval, row.approved_by, row.approved_ms = ApprovalState.NEEDED, None, None


def _edit(call: Call[EditPaper]) -> Paper:
    """Change fields of a draft: what nobody else changed is taken, of the others both are kept."""
    change, body = call.change, call.body
    row, form = _draft(change, call.target)
    _known_fields(form, body.now, "now")
    by = call.who.actor.name
    changed, conflicts = merged(
        {**row.values, HAZARD_IDS: row.hazard_ids},
        row.written,
        row.conflicts,
        was=body.was,
        now=body.now,
        by=by,
        t_ms=body.t_ms,
        ids=[new_id() for _ in body.now],
    )
    if not changed and conflicts == row.conflicts:
        change.repeated = True
        return row
    change.put(row)
    fresh = len(conflicts) > len(row.conflicts)
    row.conflicts = conflicts
    _take(change, row, changed, by, body.t_ms)
    names = {field.name: field for field in form.fields}
    told = [names[name] for name in body.now if name in names]
    change.record(
        "paper.edited_in_conflict" if fresh else "paper.edited",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "t_ms": str(body.t_ms)},
        form=form.title(),
        fields=Both("、".join(one.zh for one in told), ", ".join(one.en for one in told)),
    )
    return row


def _decide(call: Call[DecideField]) -> Paper:
    """Decide which of two values of a field stands."""
    change, body = call.change, call.body
    row, form = _draft(change, call.target)
    answer = decided(row.conflicts, body.conflict_id, take=body.take)
    if answer is None:
        raise refuse(404, "unknown_field_conflict", field="conflict_id")
    changed, row_conflicts = answer
    change.put(row)
    row.conflicts = row_conflicts
    _take(change, row, changed, call.who.actor.name, change.t_ms)
    change.record(
        "paper.decided",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id},
        form=form.title(),
    )
    return row


def _submit(call: Call[SubmitPaper]) -> Paper:
    """Ask for approval of what is filled in, or of an urgent measure afterwards."""
    change = call.change
    row = change.get(Paper, call.target)
    form = form_or_refuse(row.form)
    if row.approval in (ApprovalState.ASKED, ApprovalState.APPROVED):
        change.repeated = True
        return row
    if row.approval is ApprovalState.NOT_NEEDED:
        raise refuse(409, "approval_not_needed", form=form.title())
    if row.state is PaperState.DRAFT:
        inspection = change.session.get_one(Inspection, row.inspection_id)
        draft = draft_of(change.session, inspection, row)
        missing = filling(form, draft, local_day(change.t_ms))
        if missing:
            raise refusal_of(missing[0])
    change.put(row)
    row.approval = ApprovalState.ASKED
    change.record(
        "paper.submitted",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id},
        form=form.title(),
    )
    return row


def _approval_fields(form: Form, row: Paper) -> dict[str, str]:
    """What a draft says of its approval, by the fields that its form has for it."""
    given = {
        "approval.opinion": row.opinion or "同意",
        "approval.name": row.approved_by or "",
        "approval.day": local_day(row.approved_ms or 0),
    }
    return {field.name: given[field.fill] for field in form.fields if field.fill in given}


def _approve(call: Call[ApprovePaper]) -> Paper:
    """Answer a paper that asks for approval, or an urgent measure afterwards."""
    change, body = call.change, call.body
    row = change.get(Paper, call.target)
    form = form_or_refuse(row.form)
    to = ApprovalState.APPROVED if body.approve else ApprovalState.REFUSED
    if row.approval is to and row.opinion == body.opinion:
        change.repeated = True
        return row
    if row.approval is not ApprovalState.ASKED:
        raise refuse(409, "approval_not_asked")
    if not body.approve and not body.opinion:
        raise refuse(422, "refusal_needs_opinion", field="opinion")
    change.put(row)
    row.approval, row.opinion = to, body.opinion
    row.approved_by, row.approved_ms = call.who.actor.name, change.t_ms
    if body.approve and row.state is PaperState.DRAFT:
        row.values = {**row.values, **_approval_fields(form, row)}
    late = row.approval_due_ms is not None and change.t_ms > row.approval_due_ms
    if late and row.approval_late_ms is None:
        row.approval_late_ms = change.t_ms
    change.record(
        f"paper.{to.value}",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id},
        text="paper.answered",
        form=form.title(),
        answer=Both("批准", "approved") if body.approve else Both("不批准", "refused"),
        late=Both(",已超过24小时", ", after the 24 hours") if late else Both("", ""),
        opinion=body.opinion,
    )
    return row


def _drop(call: Call[DropPaper]) -> Paper:
    """Give a draft up: it is never issued."""
    change = call.change
    row = change.get(Paper, call.target)
    if row.state is PaperState.DROPPED:
        change.repeated = True
        return row
    row, form = _draft(change, call.target)
    change.put(row)
    row.state = PaperState.DROPPED
    change.record(
        "paper.dropped",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id},
        form=form.title(),
        why=call.body.reason,
    )
    return row


BEGIN = Operation("paper.begin", INSPECTION_WORK, BeginPaper, _begin, makes=Paper)
EDIT = Operation("paper.edit", INSPECTION_WORK, EditPaper, _edit, targeted=True)
DECIDE = Operation("paper.decide", INSPECTION_WORK, DecideField, _decide, targeted=True)
SUBMIT = Operation("paper.submit", INSPECTION_WORK, SubmitPaper, _submit, targeted=True)
APPROVE = Operation(
    "paper.approve", INSPECTION_APPROVE, ApprovePaper, _approve, targeted=True, batch=False
)
DROP = Operation("paper.drop", INSPECTION_WORK, DropPaper, _drop, targeted=True)
