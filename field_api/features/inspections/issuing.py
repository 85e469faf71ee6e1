"""Issuing and serving: from then on a paper never changes."""

from typing import Any

from field_api.core.blobs.tables import attach
from field_api.core.change import Change
from field_api.core.documents.issuing import issue_bytes
from field_api.core.documents.tables import Document
from field_api.core.errors import ApiError, refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.inspections.agreement import CitedHazard, Printed, differences
from field_api.features.inspections.calendar import days_left, local_day
from field_api.features.inspections.chain import may_issue
from field_api.features.inspections.forms import Form
from field_api.features.inspections.gathering import (
    draft_of,
    form_or_refuse,
    hazards_in_order,
    officers_of,
    refusal_of,
    scene_of,
)
from field_api.features.inspections.messages import (
    IssuePaper,
    PaperContent,
    PaperOffice,
    PaperOfficer,
    ServePaper,
)
from field_api.features.inspections.number_blocks import use_number
from field_api.features.inspections.permissions import INSPECTION_WORK
from field_api.features.inspections.registers import Office
from field_api.features.inspections.reviewing import contradicts, follow_issue
from field_api.features.inspections.settling import settle_state
from field_api.features.inspections.signing import device_signed, signatures_missing
from field_api.features.inspections.tables import ApprovalState, Inspection, Paper, PaperState
from field_api.features.inspections.typesetting import template_sha256, typeset
from field_api.features.law.tables import LawClause

__all__ = ["ISSUE", "SERVE"]

WITHOUT_NUMBER = ""
UNNUMBERED = "—"
MOST_DAYS_LATE = 31
"""How long after its day a paper may come in."""
URGENT_MS = 24 * 3_600_000
"""行政强制法 19."""


def _refuse_stranger(call: Call[IssuePaper], inspection: Inspection) -> None:
    usernames = {one.username for one in officers_of(call.change.session, inspection)}
    if call.who.user.username not in usernames:
        raise refuse(403, "not_an_officer_of_it")


def _printed(
    change: Change, form: Form, inspection: Inspection, row: Paper, content: PaperContent
) -> Printed:
    session = change.session
    office = session.get_one(Office, inspection.office_id)
    old = session.get(Paper, row.replaces) if row.replaces else None
    hazards = hazards_in_order(session, inspection, row.hazard_ids)

    def article(clause_id: str) -> str:
        clause = session.get(LawClause, clause_id)
        return clause.article if clause is not None else clause_id

    number = content.number if form.series else WITHOUT_NUMBER
    if old is not None:
        number = old.number or WITHOUT_NUMBER
    return Printed(
        form=form,
        values=row.values,
        office=PaperOffice(
            name=office.name,
            short_name=office.short_name,
            tier="street" if office.tier == "street" else "bureau",
        ),
        officers=[
            PaperOfficer(name=one.name, certificate=one.certificate)
            for one in officers_of(session, inspection)
        ],
        hazards=[
            CitedHazard(one.text, one.level.value, tuple(article(c) for c in one.clause_ids))
            for one in hazards
        ],
        number=number,
        issue=1 if old is None else old.issue + 1,
        replaces_number="" if old is None else old.number or WITHOUT_NUMBER,
    )


def _refuse_contradiction(call: Call[IssuePaper], form: Form, row: Paper) -> None:
    order = call.change.session.get(Paper, row.order_id) if row.order_id else None
    if order is None:
        return
    inspection = call.change.session.get_one(Inspection, order.inspection_id)
    hazards = hazards_in_order(call.change.session, inspection, order.hazard_ids)
    if contradicts(form, row, hazards):
        raise refuse(409, "conclusion_contradicts_check", field="values.conclusion")


def _refuse_wrong_day(day: str, today: str) -> None:
    """The day that is printed is that of issue; a handheld may have been away for some time."""
    late = -days_left(day, today)
    if late < 0:
        raise refuse(409, "day_in_future", field="content.day", day=day, today=today)
    if late > MOST_DAYS_LATE:
        raise refuse(
            409, "day_long_past", field="content.day", day=day, today=today, most=MOST_DAYS_LATE
        )


def _check(call: Call[IssuePaper], form: Form, inspection: Inspection, row: Paper) -> None:
    session, content = call.change.session, call.body.content
    _refuse_stranger(call, inspection)
    _refuse_wrong_day(content.day, local_day(call.change.t_ms))
    draft = draft_of(session, inspection, row)
    scene = scene_of(session, inspection, but=row.id)
    reasons = may_issue(form, scene, draft, content.day)
    reasons += signatures_missing(form, content.officers, content.signatures)
    if reasons:
        raise refusal_of(reasons[0])
    _refuse_contradiction(call, form, row)
    wrong = differences(_printed(call.change, form, inspection, row, content), content)
    if wrong:
        text = both("errors.content_differs", places=", ".join(wrong[:8]))
        raise ApiError(409, "content_differs", text.zh, text.en, field=wrong[0])


def _document(
    call: Call[IssuePaper], form: Form, row: Paper, number: str, old: Paper | None
) -> Document:
    before = call.change.session.get(Document, old.document_id) if old is not None else None
    return issue_bytes(
        call.change,
        call.ctx.blobs,
        row,
        typeset(call.body.content),
        call.body.content,
        template_sha256=template_sha256(form.code),
        kind=f"paper.{form.code}",
        number=number,
        incident_id=None,
        replaces=before,
    )


def _issue(call: Call[IssuePaper]) -> Paper:
    """Issue a paper: its number, content and signatures stand from now on. Repeating is safe."""
    change, body = call.change, call.body
    row = change.get(Paper, call.target)
    if row.issue_sha256 is not None and row.issue_sha256 == digest(body):
        change.repeated = True
        return row
    form = form_or_refuse(row.form)
    inspection = change.session.get_one(Inspection, row.inspection_id)
    _check(call, form, inspection, row)
    old = change.session.get(Paper, row.replaces) if row.replaces else None
    if old is not None and old.number:
        row.number, row.issue = old.number, old.issue + 1
    elif form.series:
        use_number(change, call.who, inspection, form.code, body.content.number)
        row.number = body.content.number
    elif old is not None:
        row.issue = old.issue + 1
    document = _document(call, form, row, row.number or row.id, old)
    change.put(row)
    row.state, row.issue_sha256 = PaperState.ISSUED, digest(body)
    row.content = body.content.model_dump(mode="json")
    row.document_id, row.sha256, row.issuer_sha256 = document.id, document.sha256, body.sha256
    row.device_key, row.device_signature = body.device_key, body.device_signature
    row.device_signed = device_signed(body.sha256, body.device_key, body.device_signature)
    row.issued_ms, row.issued_by = min(body.t_ms, change.t_ms), call.who.actor.name
    row.day = body.content.day
    row.due_day = str(row.values[form.due]) if form.due else None
    if form.approval == "urgent" and row.approval is not ApprovalState.APPROVED:
        row.approval_due_ms = row.issued_ms + URGENT_MS
    if old is not None:
        change.put(old)
        old.state, old.replaced_by = PaperState.REPLACED, row.id
    for one in body.content.attachments:
        attach(change, one.sha256, "paper", row.id, role="attachment", t_ms=one.t_ms)
    _tell(change, form, row, document)
    follow_issue(change, form, inspection, row)
    settle_state(change, inspection)
    return row


def _tier(row: Paper) -> str:
    """Return who issued a paper, as it says itself."""
    return row.content["office"]["tier"] if row.content is not None else "bureau"


def _tell(change: Change, form: Form, row: Paper, document: Document) -> None:
    refs: dict[str, str] = {
        "inspection_id": row.inspection_id,
        "document": document.sha256,
        "issuer_sha256": row.issuer_sha256 or "",
    }
    title, number = form.title(_tier(row)), row.number or UNNUMBERED
    place: Any = {"area": row.area, "refs": refs}
    change.record("paper.issued", row.id, **place, form=title, number=number)
    if row.sha256 != row.issuer_sha256:
        change.record("paper.bytes_differ", row.id, **place, form=title, number=number)
    if row.device_signed is False:
        change.record("paper.device_signature_wrong", row.id, **place, form=title, number=number)


def _serve(call: Call[ServePaper]) -> Paper:
    """Note that a paper was handed over: how, and to whom."""
    change, body = call.change, call.body
    row = change.get(Paper, call.target)
    if row.state is PaperState.SERVED and (row.served_way, row.served_to) == (
        body.way,
        body.receiver,
    ):
        change.repeated = True
        return row
    if row.state is not PaperState.ISSUED:
        raise refuse(409, f"paper_is_{row.state.value}")
    change.put(row)
    row.state = PaperState.SERVED
    row.served_ms, row.served_way = min(body.t_ms, change.t_ms), body.way
    row.served_to = body.receiver
    change.record(
        "paper.served",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "way": body.way},
        form=form_or_refuse(row.form).title(_tier(row)),
        number=row.number or UNNUMBERED,
        way=both(f"words.served.{body.way}"),
        receiver=body.receiver,
        note=body.note,
    )
    return row


ISSUE = Operation("paper.issue", INSPECTION_WORK, IssuePaper, _issue, targeted=True)
SERVE = Operation("paper.serve", INSPECTION_WORK, ServePaper, _serve, targeted=True)
