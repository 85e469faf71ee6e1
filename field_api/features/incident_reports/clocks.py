"""Starting, stopping and telling of the clocks of duties to report."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from field_api.contract.ids import new_id
from field_api.core.change import Change
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both
from field_api.features.incident_reports.grading import level_of
from field_api.features.incident_reports.rules import SOON_MS, Started, applies, due_ms, started
from field_api.features.incident_reports.tables import (
    ClockState,
    Level,
    ReportCase,
    ReportClock,
    ReportSending,
)
from field_api.features.incidents.records import open_incident
from field_api.features.incidents.tables import Incident, IncidentFigures, IncidentState
from field_api.features.law.tables import (
    ClauseStanding,
    DutyStage,
    DutyStart,
    ReportDuty,
)

__all__ = ["case_of", "keep_clocks", "meet", "propose_follow_up", "start_first", "start_repeated"]

FRESH_MS = 7 * 86_400_000
"""An incident opened longer ago, before there were clocks, gets none of itself."""
AT_ONCE = 200
"""Most incidents that one look deals with."""


def _duties(session: Session, stage: DutyStage, *starts: DutyStart) -> list[ReportDuty]:
    found = select(ReportDuty).where(
        ReportDuty.stage == stage,
        col(ReportDuty.start).in_(starts),
        col(ReportDuty.active).is_(True),
    )
    return list(session.exec(found.order_by(col(ReportDuty.code))))


def _clocks(session: Session, incident_id: str) -> list[ReportClock]:
    return list(
        session.exec(select(ReportClock).where(ReportClock.incident_id == incident_id)).all()
    )


def _start(change: Change, incident: Incident, duty: ReportDuty, at: Started) -> None:
    change.create(
        ReportClock(
            id=new_id(),
            area=incident.area,
            incident_id=incident.id,
            duty_id=duty.id,
            name=duty.name,
            name_en=duty.name_en or duty.name,
            stage=duty.stage,
            way=duty.way,
            recipient=duty.recipient,
            recipient_en=duty.recipient_en or duty.recipient,
            basis=duty.basis,
            is_law=duty.standing is not ClauseStanding.UNVERIFIED,
            start=duty.start,
            start_ms=at.t_ms,
            start_assumed=at.assumed,
            due_ms=due_ms(duty, at.t_ms),
            state=ClockState.RUNNING,
        ),
        fresh_id=True,
    )


def case_of(change: Change, incident: Incident) -> ReportCase:
    """Return an incident's case; made, and its first clocks started, where there is none yet."""
    case = change.session.get(ReportCase, incident.id)
    if case is None:
        case = change.create(
            ReportCase(id=incident.id, area=incident.area, incident_id=incident.id)
        )
        change.session.flush()
        start_first(change, incident, case, None)
        change.record("report.clocks_started", case.id, title=incident.title)
    return case


def start_first(change: Change, incident: Incident, case: ReportCase, level: Level | None) -> None:
    """Start the clocks of first reports that the incident lacks, and put assumed starts right."""
    there = {clock.duty_id: clock for clock in _clocks(change.session, incident.id)}
    starts = (DutyStart.RECEIVED, DutyStart.HAPPENED)
    for duty in _duties(change.session, DutyStage.FIRST, *starts):
        at = started(duty.start, incident.opened_ms, case.happened_ms)
        clock = there.get(duty.id)
        if clock is None:
            if applies(duty, incident.kind.value, level):
                _start(change, incident, duty, at)
        elif clock.state is ClockState.RUNNING and clock.start_ms != at.t_ms:
            change.put(clock)
            clock.start_ms, clock.start_assumed = at.t_ms, at.assumed
            clock.due_ms, clock.warned = due_ms(duty, at.t_ms), 0


def _start_lacking(
    change: Change, incident: Incident, duties: Iterable[ReportDuty], at_ms: int
) -> None:
    """Start the clocks of some duties unless one of the same duty runs."""
    running = {
        clock.duty_id
        for clock in _clocks(change.session, incident.id)
        if clock.state is ClockState.RUNNING
    }
    level = level_of(change.session, incident)
    for duty in duties:
        if duty.id not in running and applies(duty, incident.kind.value, level):
            _start(change, incident, duty, Started(at_ms))


def propose_follow_up(change: Change, incident: Incident, case: ReportCase, t_ms: int) -> None:
    """A figure changed after the last report: a follow-up is due."""
    if case.reported_ms is None or t_ms <= case.new_facts_ms:
        return
    change.put(case)
    case.new_facts_ms = t_ms
    duties = _duties(change.session, DutyStage.FOLLOW_UP, DutyStart.NEW_FACTS)
    _start_lacking(change, incident, duties, t_ms)


def start_repeated(change: Change, incident: Incident, sent_ms: int) -> None:
    """After a report was sent, the next one of those that are asked for again and again."""
    if incident.state is IncidentState.OPEN:
        duties = _duties(change.session, DutyStage.FOLLOW_UP, DutyStart.REPORTED)
        _start_lacking(change, incident, duties, sent_ms)


def meet(change: Change, clocks: Iterable[ReportClock], sending: ReportSending) -> None:
    """Stop clocks by what was sent, at the time that it was sent."""
    for clock in clocks:
        change.put(clock)
        clock.state, clock.ended_ms = ClockState.MET, sending.sent_ms
        clock.sending_id = sending.id


# --- what time brings ---------------------------------------------------------------------------


def _of_new_incidents(change: Change, now_ms: int) -> None:
    for incident in change.session.exec(_new_incidents(now_ms).limit(AT_ONCE)).all():
        case_of(change, incident)


def _new_incidents(now_ms: int):
    has_case = select(ReportCase.id).where(ReportCase.id == Incident.id).exists()
    return select(Incident).where(
        Incident.state == IncidentState.OPEN,
        col(Incident.opened_ms) >= now_ms - FRESH_MS,
        ~has_case,
    )


def _new_figures():
    """Of open incidents that were reported, the newest figures since, where nobody was told yet."""
    return (
        select(IncidentFigures.incident_id, func.max(IncidentFigures.t_ms))
        .join(ReportCase, col(ReportCase.incident_id) == col(IncidentFigures.incident_id))
        .join(Incident, col(Incident.id) == col(IncidentFigures.incident_id))
        .where(
            Incident.state == IncidentState.OPEN,
            col(ReportCase.reported_ms).is_not(None),
            col(IncidentFigures.t_ms) > col(ReportCase.reported_ms),
            col(IncidentFigures.t_ms) > col(ReportCase.new_facts_ms),
        )
        .group_by(col(IncidentFigures.incident_id))
    )


def _of_new_figures(change: Change) -> None:
    for incident_id, t_ms in change.session.exec(_new_figures().limit(AT_ONCE)).all():
        incident = open_incident(change, incident_id)
        propose_follow_up(change, incident, change.get(ReportCase, incident_id), t_ms)


def _closed_or_reopened():
    return (
        select(Incident, ReportCase)
        .join(ReportCase, col(ReportCase.incident_id) == col(Incident.id))
        .where((Incident.state == IncidentState.CLOSED) != col(ReportCase.ended))
    )


def _of_ends(change: Change) -> None:
    """A closed incident's next reports are asked for no more; its final one is."""
    for incident, case in change.session.exec(_closed_or_reopened().limit(AT_ONCE)).all():
        change.put(case)
        case.ended = incident.state is IncidentState.CLOSED
        unwanted = DutyStage.FOLLOW_UP if case.ended else DutyStage.FINAL
        for clock in _clocks(change.session, incident.id):
            if clock.state is ClockState.RUNNING and clock.stage is unwanted:
                change.put(clock)
                clock.state, clock.ended_ms = ClockState.VOID, change.t_ms
        # The event of a merged one goes on, and ends with the incident that goes on for both.
        if case.ended and incident.merged_into_id is None:
            finals = _duties(change.session, DutyStage.FINAL, DutyStart.ENDED)
            _start_lacking(change, incident, finals, incident.closed_ms or change.t_ms)
        key = "report.clocks_ended" if case.ended else "report.clocks_resumed"
        change.record(key, case.id, incident_id=incident.id, text="report.clocks_turned")


def _due(now_ms: int):
    soon = (col(ReportClock.due_ms) <= now_ms + SOON_MS) & (col(ReportClock.warned) < 1)
    over = (col(ReportClock.due_ms) <= now_ms) & (col(ReportClock.warned) < 2)
    return select(ReportClock).where(ReportClock.state == ClockState.RUNNING, soon | over)


def _of_due(change: Change) -> None:
    """Say in the incident's timeline that a clock is near its end, or past it."""
    for clock in change.session.exec(_due(change.t_ms).limit(AT_ONCE)).all():
        over = clock.due_ms is not None and clock.due_ms <= change.t_ms
        change.put(clock)
        clock.warned = 2 if over else 1
        key = "report.clock_overdue" if over else "report.clock_soon"
        change.record(
            key,
            clock.id,
            incident_id=clock.incident_id,
            text="report.overdue" if over else "report.soon",
            name=Both(clock.name, clock.name_en),
            basis=clock.basis,
        )


def keep_clocks(ctx: Services) -> None:
    """Start clocks of what is new, stop those of what is over, and say which are due."""
    now_ms = ctx.clock()
    with ctx.store.read() as session:
        looks = (_new_incidents(now_ms), _new_figures(), _closed_or_reopened(), _due(now_ms))
        if all(session.exec(look.limit(1)).first() is None for look in looks):
            return
    with ctx.store.change(SYSTEM) as change:
        _of_new_incidents(change, now_ms)
        _of_new_figures(change)
        _of_ends(change)
        _of_due(change)
