"""Planning, assigning, entering, escalating and closing inspections."""

from sqlmodel import col, func, or_, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.inspections.calendar import local_day, year_span_ms
from field_api.features.inspections.chain import may_close
from field_api.features.inspections.forms import forms
from field_api.features.inspections.gathering import refusal_of, scene_of
from field_api.features.inspections.messages import (
    AssignInspection,
    CloseInspection,
    EnterPremises,
    EscalateInspection,
    OpenInspection,
)
from field_api.features.inspections.permissions import (
    INSPECTION_ASSIGN,
    INSPECTION_OPEN,
    INSPECTION_WORK,
)
from field_api.features.inspections.registers import Office, Officer
from field_api.features.inspections.settling import refuse_closed, settle_state
from field_api.features.inspections.tables import (
    Inspection,
    InspectionState,
    Paper,
    PaperState,
)
from field_api.features.registers.enterprises import Enterprise
from field_api.features.roster.tables import Terminal

__all__ = ["ASSIGN", "CLOSE", "ENTER", "ESCALATE", "OPEN"]


def _people(change: Change, officer_ids: list[str] | None, terminal_id: str | None) -> None:
    for one in officer_ids or ():
        change.get(Officer, one, field="officer_ids")
    if len(set(officer_ids or ())) != len(officer_ids or ()):
        raise refuse(422, "officer_twice", field="officer_ids")
    if terminal_id is not None:
        change.get(Terminal, terminal_id, field="terminal_id")


def _planned_or_done(change: Change, enterprise_id: str, year: str) -> int:
    """Count a year's inspections: entered, or still to come."""
    first_ms, after_ms = year_span_ms(year)
    entered = (col(Inspection.entered_ms) >= first_ms) & (col(Inspection.entered_ms) < after_ms)
    to_come = (col(Inspection.state) == InspectionState.PLANNED) & col(Inspection.day).startswith(
        year[:4]
    )
    return change.session.exec(
        select(func.count())
        .select_from(Inspection)
        .where(
            Inspection.enterprise_id == enterprise_id,
            # What the bureau goes on with is the street's visit, counted there.
            col(Inspection.escalated_from).is_(None),
            or_(entered, to_come),
        )
    ).one()


def _refuse_too_many(call: Call[OpenInspection], enterprise: Enterprise) -> None:
    settings = call.ctx.settings
    most = settings.visits_a_year
    for grade, own in settings.visits_a_year_by_grade.items():
        if grade == enterprise.grade:
            most = own
    day = call.body.day
    if most and _planned_or_done(call.change, enterprise.id, day) >= most:
        raise refuse(
            409,
            "visits_enough",
            field="source",
            enterprise=enterprise.name,
            year=day[:4],
            most=most,
        )


def _open(call: Call[OpenInspection]) -> Inspection:
    """Plan an inspection, or begin one on the spot; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Inspection, body, body.id)
    if known is not None:
        return known
    enterprise = change.get(Enterprise, body.enterprise_id, field="enterprise_id")
    office = change.get(Office, body.office_id, field="office_id")
    if office.tier == "street" and not enterprise.area.startswith(office.area):
        raise refuse(409, "enterprise_of_another_street", field="office_id", office=office.name)
    _people(change, body.officer_ids, body.terminal_id)
    if body.source == "plan":
        _refuse_too_many(call, enterprise)
    row = change.create(
        Inspection(
            **body.model_dump(),
            area=enterprise.area,
            tier=office.tier,
            state=InspectionState.PLANNED,
            opened_ms=change.t_ms,
            opened_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record(
        "inspection.opened",
        row.id,
        area=row.area,
        refs={"enterprise_id": enterprise.id},
        enterprise=enterprise.name,
        day=row.day,
        office=office.name,
    )
    return row


def _name(change: Change, row: Inspection) -> str:
    enterprise = change.session.get(Enterprise, row.enterprise_id)
    return enterprise.name if enterprise is not None else row.enterprise_id


def _assign(call: Call[AssignInspection]) -> Inspection:
    """Give an inspection to officers, a handheld and a day; what is None stays."""
    change, body = call.change, call.body
    row = change.get(Inspection, call.target)
    refuse_closed(row)
    _people(change, body.officer_ids, body.terminal_id)
    given = {name: value for name, value in body.model_dump().items() if value is not None}
    if all(getattr(row, name) == value for name, value in given.items()):
        change.repeated = True
        return row
    change.put(row)
    for name, value in given.items():
        setattr(row, name, value)
    change.record(
        "inspection.assigned",
        row.id,
        area=row.area,
        refs={"terminal_id": row.terminal_id or ""},
        enterprise=_name(change, row),
        day=row.day,
        officers=", ".join(row.officer_ids),
        terminal=row.terminal_id or "—",
    )
    return row


def _visits(change: Change, row: Inspection, t_ms: int) -> int:
    first_ms, after_ms = year_span_ms(local_day(t_ms))
    return change.session.exec(
        select(func.count())
        .select_from(Inspection)
        .where(
            Inspection.enterprise_id == row.enterprise_id,
            # What the bureau goes on with is the street's visit, counted there.
            col(Inspection.escalated_from).is_(None),
            col(Inspection.entered_ms) >= first_ms,
            col(Inspection.entered_ms) < after_ms,
        )
    ).one()


def _enter(call: Call[EnterPremises]) -> Inspection:
    """Note the entry: the enterprise's scan code, or the reason why none was scanned."""
    change, body = call.change, call.body
    row = change.get(Inspection, call.target)
    t_ms = min(body.t_ms, change.t_ms)
    if row.entered_ms is not None:
        if (row.entered_ms, row.scan_code) != (t_ms, body.scan_code):
            raise refuse(409, "already_entered")
        change.repeated = True
        return row
    refuse_closed(row)
    if body.scan_code is None and not body.emergency_reason:
        raise refuse(422, "scan_or_reason", field="scan_code")
    enterprise = change.session.get(Enterprise, row.enterprise_id)
    wanted = enterprise.scan_code if enterprise is not None else None
    if body.scan_code is not None and wanted and body.scan_code != wanted:
        raise refuse(409, "scan_code_of_another", field="scan_code")
    change.put(row)
    row.visit_number = _visits(change, row, t_ms) + 1
    row.entered_ms, row.scan_code = t_ms, body.scan_code
    row.emergency_reason = body.emergency_reason
    row.entered_lat_deg, row.entered_lon_deg = body.lat_deg, body.lon_deg
    row.state = InspectionState.ON_SITE
    change.record(
        "inspection.entered",
        row.id,
        area=row.area,
        refs={"t_ms": str(body.t_ms), "scan_code": body.scan_code or ""},
        enterprise=_name(change, row),
        visit=row.visit_number,
        why=body.emergency_reason,
    )
    return row


def _drop_drafts(change: Change, street: Inspection) -> None:
    """A street's drafts are never issued once the bureau goes on; what they say stays readable."""
    drafts = select(Paper).where(Paper.inspection_id == street.id, Paper.state == PaperState.DRAFT)
    for paper in change.session.exec(drafts).all():
        change.put(paper)
        paper.state = PaperState.DROPPED


def _escalate(call: Call[EscalateInspection]) -> Inspection:
    """Hand a street's inspection to the bureau, which goes on in one of its own."""
    change, body = call.change, call.body
    known = change.known(Inspection, body, body.id, escalated_from=call.target)
    if known is not None:
        return known
    street = change.get(Inspection, call.target)
    refuse_closed(street)
    if street.tier != "street":
        raise refuse(409, "not_a_streets_inspection")
    office = change.get(Office, body.office_id, field="office_id")
    if office.tier != "bureau":
        raise refuse(409, "escalates_to_the_bureau", field="office_id")
    if not body.reason:
        raise refuse(422, "escalation_needs_reason", field="reason")
    row = change.create(
        Inspection(
            id=body.id,
            area=street.area,
            enterprise_id=street.enterprise_id,
            office_id=office.id,
            tier=office.tier,
            sector=street.sector,
            kind=street.kind,
            source="transfer",
            day=street.day,
            officer_ids=[],
            note=body.reason,
            state=InspectionState.PLANNED,
            # The bureau goes on with what was seen on site: nobody enters a second time for it.
            entered_ms=street.entered_ms,
            scan_code=street.scan_code,
            emergency_reason=street.emergency_reason,
            escalated_from=street.id,
            opened_ms=change.t_ms,
            opened_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.put(street)
    street.state, street.escalated_to = InspectionState.ESCALATED, row.id
    street.escalated_reason = body.reason
    _drop_drafts(change, street)
    settle_state(change, row)
    change.record(
        "inspection.escalated",
        row.id,
        area=row.area,
        refs={"escalated_from": street.id},
        enterprise=_name(change, row),
        office=office.name,
        why=body.reason,
    )
    return row


def _close(call: Call[CloseInspection]) -> Inspection:
    """End an inspection of which nothing is open."""
    change, body = call.change, call.body
    row = change.get(Inspection, call.target)
    if row.state is InspectionState.CLOSED:
        change.repeated = True
        return row
    reasons = may_close(scene_of(change.session, row, with_hazards=True), forms())
    if reasons:
        raise refusal_of(reasons[0])
    if row.state is InspectionState.PLANNED and not body.reason:
        raise refuse(422, "closing_needs_reason", field="reason")
    change.put(row)
    row.state, row.closed_reason = InspectionState.CLOSED, body.reason
    row.closed_ms = change.t_ms
    if row.escalated_from is not None:
        street = change.session.get_one(Inspection, row.escalated_from)
        change.put(street)
        street.closed_ms = change.t_ms
    change.record(
        "inspection.closed",
        row.id,
        area=row.area,
        enterprise=_name(change, row),
        state=both("words.inspection.closed"),
        why=body.reason,
    )
    return row


OPEN = Operation("inspection.open", INSPECTION_OPEN, OpenInspection, _open, makes=Inspection)
ASSIGN = Operation("inspection.assign", INSPECTION_ASSIGN, AssignInspection, _assign, targeted=True)
ENTER = Operation("inspection.enter", INSPECTION_WORK, EnterPremises, _enter, targeted=True)
ESCALATE = Operation(
    "inspection.escalate",
    INSPECTION_WORK,
    EscalateInspection,
    _escalate,
    makes=Inspection,
    targeted=True,
)
CLOSE = Operation("inspection.close", INSPECTION_WORK, CloseInspection, _close, targeted=True)
