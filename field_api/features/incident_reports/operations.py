"""Stating what reports need; drafting, editing, approving and issuing reports."""

from datetime import datetime

from sqlmodel import col, func, select

from field_api.core.change import Change
from field_api.core.documents.issuing import issue, next_number
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.incident_reports.clocks import case_of, propose_follow_up, start_first
from field_api.features.incident_reports.gathering import FIGURES_TOLD, facts_of, gather
from field_api.features.incident_reports.grading import level_of
from field_api.features.incident_reports.messages import (
    AskApproval,
    DecideReport,
    DraftReport,
    DropReport,
    EditReport,
    SayFacts,
    SayLevel,
)
from field_api.features.incident_reports.paper import TEMPLATE, paper_of
from field_api.features.incident_reports.permissions import REPORT_APPROVE, REPORT_WRITE
from field_api.features.incident_reports.rules import BUREAU_ZONE
from field_api.features.incident_reports.tables import (
    IncidentReport,
    ReportCase,
    ReportClock,
    ReportStage,
    ReportState,
    Section,
)
from field_api.features.incident_reports.wording import draft_sections, draft_title
from field_api.features.incidents.tables import Incident

__all__ = ["ASK", "DECIDE", "DRAFT", "DROP", "EDIT", "FACTS", "LEVEL"]

DOCUMENT_KIND = "incident_report"
CITY_ZH = "市应急管理局、区人民政府"
"""To whom, where no duty says it."""


def _of_incident(change: Change, incident_id: str) -> tuple[Incident, ReportCase]:
    incident = change.get(Incident, incident_id, field="incident_id")
    return incident, case_of(change, incident)


def _turned(change: Change, incident: Incident, case: ReportCase, *, told: bool) -> None:
    """Clocks follow what was stated: an earlier start, a higher level, a figure after a report."""
    change.session.flush()
    start_first(change, incident, case, level_of(change.session, incident))
    if told:
        propose_follow_up(change, incident, case, change.t_ms)


def _facts(call: Call[SayFacts]) -> ReportCase:
    """State what reports need besides the incident; every version is kept."""
    change, body = call.change, call.body
    incident, case = _of_incident(change, call.target)
    given = body.model_dump(exclude_none=True)
    asked = {name: value for name, value in given.items() if getattr(case, name) != value}
    if not asked:
        change.repeated = True
        return case
    if body.happened_ms is not None and body.happened_ms > incident.opened_ms:
        raise refuse(422, "happened_after_told", field="happened_ms")
    change.put(case)
    for name, value in asked.items():
        setattr(case, name, value)
    case.stated_ms, case.stated_by = change.t_ms, call.who.actor.name
    _turned(change, incident, case, told=any(name in FIGURES_TOLD for name in asked))
    change.record(
        "report.facts",
        case.id,
        incident_id=incident.id,
        by=call.who.actor.name,
        what=both("words.report_facts", count=len(asked)),
    )
    return case


def _level(call: Call[SayLevel]) -> ReportCase:
    """Say another level than the reckoned one, with the reason; or take the reckoned one again."""
    change, body = call.change, call.body
    incident, case = _of_incident(change, call.target)
    if (case.level_said, case.level_reason) == (body.level, body.reason):
        change.repeated = True
        return case
    if body.level is not None and not body.reason:
        raise refuse(422, "level_needs_reason", field="reason")
    change.put(case)
    case.level_said, case.level_reason = body.level, body.reason if body.level else ""
    case.stated_ms, case.stated_by = change.t_ms, call.who.actor.name
    _turned(change, incident, case, told=True)
    level = body.level.value if body.level else "reckoned"
    change.record(
        "report.level",
        case.id,
        incident_id=incident.id,
        by=call.who.actor.name,
        level=both(f"words.level.{level}"),
        why=case.level_reason,
    )
    return case


def _recipient(change: Change, incident_id: str, stage: ReportStage) -> str:
    if stage is ReportStage.SITUATION:
        return ""
    named = select(ReportClock.recipient).where(
        ReportClock.incident_id == incident_id,
        col(ReportClock.is_law).is_(True),
        ReportClock.stage == stage.value,
    )
    return change.session.exec(named.limit(1)).first() or CITY_ZH


def _draft(call: Call[DraftReport]) -> IncidentReport:
    """Draft a report from what is known now; each figure names its record, gaps are named too."""
    change, body = call.change, call.body
    known_before = change.known(IncidentReport, body, body.id, incident_id=call.target)
    if known_before is not None:
        return known_before
    began_ms = call.ctx.clock()
    incident, case = _of_incident(change, call.target)
    change.session.flush()
    known = gather(change.session, incident, case)
    count = select(func.count()).where(
        IncidentReport.incident_id == incident.id,
        IncidentReport.stage == body.stage,
        IncidentReport.state != ReportState.DROPPED,
    )
    ordinal = change.session.exec(count).one() + 1
    row = change.create(
        IncidentReport(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            stage=body.stage,
            ordinal=ordinal,
            state=ReportState.DRAFT,
            drill=incident.drill,
            title=draft_title(known, body.stage, ordinal),
            recipient=_recipient(change, incident.id, body.stage),
            sections=draft_sections(known, body.stage),
            facts=facts_of(known),
            level=known.level,
            as_of_ms=change.t_ms,
            drafted_in_ms=call.ctx.clock() - began_ms,
            drafted_ms=change.t_ms,
            drafted_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record("report.drafted", row.id, incident_id=incident.id, title=row.title)
    return row


def _looked_at(
    change: Change, report_id: str, version: int, *states: ReportState
) -> IncidentReport:
    row = change.get(IncidentReport, report_id)
    if row.state not in states:
        raise refuse(409, f"report_is_{row.state.value}")
    return change.put(row, seen_version=version)


def _edit(call: Call[EditReport]) -> IncidentReport:
    """Change words of a draft; one that waits for approval becomes a draft again."""
    change, body = call.change, call.body
    row = _looked_at(change, call.target, body.version, ReportState.DRAFT, ReportState.ASKED)
    texts = {each.key: each.text for each in body.sections}
    unknown = texts.keys() - {each.key for each in row.sections}
    if unknown:
        raise refuse(422, "unknown_section", field="sections", key=sorted(unknown)[0])
    if body.title is not None:
        if row.drill and "演练" not in body.title:
            raise refuse(422, "drill_in_title", field="title")
        row.title = body.title
    if body.recipient is not None:
        row.recipient = body.recipient
    row.sections = [
        Section(
            key=each.key,
            text=texts.get(each.key, each.text),
            sources=each.sources,
            gaps=each.gaps,
        )
        for each in row.sections
    ]
    row.state = ReportState.DRAFT
    row.edited_ms, row.edited_by = change.t_ms, call.who.actor.name
    change.record("report.edited", row.id, incident_id=row.incident_id, title=row.title)
    return row


def _ask(call: Call[AskApproval]) -> IncidentReport:
    """Ask a commander to approve it."""
    change = call.change
    row = _looked_at(change, call.target, call.body.version, ReportState.DRAFT)
    row.state = ReportState.ASKED
    row.asked_ms, row.asked_by = change.t_ms, call.who.actor.name
    change.record(
        "report.asked", row.id, incident_id=row.incident_id, by=row.asked_by, title=row.title
    )
    return row


def _decide(call: Call[DecideReport]) -> IncidentReport:
    """Approve the report that was looked at: it is set as a document and never changes again."""
    change, body, name = call.change, call.body, call.who.actor.name
    states = (ReportState.DRAFT, ReportState.ASKED)
    row = _looked_at(change, call.target, body.version, *states)
    row.decided_ms, row.decided_by, row.opinion = change.t_ms, name, body.opinion
    if not body.approve:
        if not body.opinion:
            raise refuse(422, "report_needs_opinion", field="opinion")
        row.state = ReportState.DRAFT
        change.record(
            "report.sent_back",
            row.id,
            incident_id=row.incident_id,
            by=name,
            title=row.title,
            why=body.opinion,
        )
        return row
    year = datetime.fromtimestamp(change.t_ms / 1000, BUREAU_ZONE).year
    prefix = "西应急演报" if row.drill else "西应急报"
    number = next_number(change.session, DOCUMENT_KIND, year, prefix)
    document = issue(
        change,
        call.ctx.blobs,
        row,
        TEMPLATE,
        paper_of(row, number, name, change.t_ms),
        kind=DOCUMENT_KIND,
        number=number,
        incident_id=row.incident_id,
    )
    row.state, row.number = ReportState.ISSUED, number
    row.document_id, row.sha256 = document.id, document.sha256
    if row.stage is not ReportStage.SITUATION:
        case = change.put(change.get(ReportCase, row.incident_id))
        case.reported_ms = max(case.reported_ms or 0, row.as_of_ms)
    change.record(
        "report.issued",
        row.id,
        incident_id=row.incident_id,
        refs={"document": document.sha256},
        by=name,
        number=number,
        title=row.title,
    )
    return row


def _drop(call: Call[DropReport]) -> IncidentReport:
    """Say that a draft is not wanted; an issued report stays."""
    change = call.change
    states = (ReportState.DRAFT, ReportState.ASKED)
    row = _looked_at(change, call.target, call.body.version, *states)
    row.state = ReportState.DROPPED
    change.record("report.dropped", row.id, incident_id=row.incident_id, title=row.title)
    return row


FACTS = Operation("report.facts", REPORT_WRITE, SayFacts, _facts, targeted=True, batch=False)
LEVEL = Operation("report.level", REPORT_APPROVE, SayLevel, _level, targeted=True, batch=False)
DRAFT = Operation("report.draft", REPORT_WRITE, DraftReport, _draft, targeted=True, batch=False)
EDIT = Operation("report.edit", REPORT_WRITE, EditReport, _edit, targeted=True, batch=False)
ASK = Operation("report.ask", REPORT_WRITE, AskApproval, _ask, targeted=True, batch=False)
DECIDE = Operation(
    "report.decide", REPORT_APPROVE, DecideReport, _decide, targeted=True, batch=False
)
DROP = Operation("report.drop", REPORT_WRITE, DropReport, _drop, targeted=True, batch=False)
