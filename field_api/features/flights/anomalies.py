"""Anomalies of flights: what must be reported to the authority within 24 hours of landing.

Interim regulation on unmanned flight, Art. 40. One for each sortie, opened by what the aircraft or
its node said; the clock runs from the landing, and from the anomaly while it has not landed.
"""

from sqlmodel import col, select

from field_api.contract.messages import SortieEvent, SortieState, VehicleEvent
from field_api.core.change import Change
from field_api.core.documents.issuing import issue, next_number
from field_api.core.documents.tables import Document
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both, both, told
from field_api.features.flights.anomaly_document import TEMPLATE, anomaly_document
from field_api.features.flights.messages import ReportAnomaly
from field_api.features.flights.permissions import ANOMALY_REPORT
from field_api.features.flights.tables import Anomaly, SortieRecord
from field_api.features.flights.views import AIRBORNE

__all__ = ["REPORT_ANOMALY", "note_step", "note_words", "warn_due"]

REPORT_MS = 24 * 3_600_000
SOON_MS = 4 * 3_600_000
"""People are told again this long before the end."""
CODES = frozenset({"failsafe", "fence_breach", "down", "position_frozen", "link_lost", "ekf"})
"""Warnings of an aircraft in the air that make its flight anomalous."""


def note_words(change: Change, message: VehicleEvent) -> None:
    """Open an anomaly where an aircraft in the air says something that makes it one."""
    if message.severity != "warning" or message.code not in CODES:
        return
    flying = select(SortieRecord).where(
        SortieRecord.vehicle_id == message.vehicle_id, col(SortieRecord.state).in_(AIRBORNE)
    )
    sortie = change.session.exec(flying.limit(1)).first()
    if sortie is not None:
        words = Both(message.text_zh, message.text_en)
        _open(change, sortie, message.code, words, message.t_ms)


def note_step(change: Change, sortie: SortieRecord, before: SortieState, step: SortieEvent) -> None:
    """Open an anomaly where a flight failed; let the clock run from the landing."""
    if step.state is SortieState.FAILED and before in AIRBORNE:
        _open(change, sortie, "failed", told(step.text), step.t_ms)
    row = change.session.get(Anomaly, sortie.id)
    ended = step.state in (SortieState.RETURNED, SortieState.FAILED, SortieState.REPLACED)
    if row is None or not ended or row.landed_ms is not None:
        return
    change.put(row)
    row.landed_ms, row.due_ms = step.t_ms, step.t_ms + REPORT_MS


def _open(change: Change, sortie: SortieRecord, code: str, words: Both, t_ms: int) -> None:
    if change.session.get(Anomaly, sortie.id) is not None:
        return
    change.create(
        Anomaly(
            id=sortie.id,
            area=sortie.area,
            vehicle_id=sortie.vehicle_id,
            incident_id=sortie.incident_id,
            code=code,
            text_zh=words.zh,
            text_en=words.en,
            t_ms=t_ms,
            due_ms=t_ms + REPORT_MS,
        )
    )
    change.record(
        "anomaly.opened",
        sortie.id,
        incident_id=sortie.incident_id,
        refs={"vehicle_id": sortie.vehicle_id, "code": code},
        vehicle=sortie.vehicle_id,
        words=words,
    )


def _report(call: Call[ReportAnomaly]) -> Anomaly:
    """Issue the report; a later one is a new issue of the same document."""
    change = call.change
    row = change.get(Anomaly, call.target)
    if row.landed_ms is None:
        raise refuse(409, "anomaly_still_flying")
    change.put(row)
    row.text, row.reported_ms, row.reported_by = call.body.text, change.t_ms, call.who.actor.name
    content = anomaly_document(change.session, row)
    earlier = select(Document).where(Document.topic == "anomaly", Document.record_id == row.id)
    replaced = change.session.exec(earlier.order_by(col(Document.issue).desc()).limit(1)).first()
    document = issue(
        change,
        call.ctx.blobs,
        row,
        TEMPLATE,
        content,
        kind="flight_anomaly",
        number=next_number(change.session, "flight_anomaly", content.year, "西应急飞异"),
        incident_id=row.incident_id,
        replaces=replaced,
    )
    row.document_sha256 = document.sha256
    late = change.t_ms > row.due_ms
    change.record(
        "anomaly.reported",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": row.vehicle_id, "document": document.sha256},
        vehicle=row.vehicle_id,
        number=document.number,
        late=both("words.late") if late else Both("", ""),
    )
    return row


REPORT_ANOMALY = Operation(
    "anomaly.report", ANOMALY_REPORT, ReportAnomaly, _report, targeted=True, batch=False
)


def warn_due(ctx: Services) -> int:
    """Say once that a report is due soon and once that it is overdue; return how often."""
    now_ms = ctx.clock()
    waiting = (col(Anomaly.reported_ms).is_(None), col(Anomaly.warned) < 2)
    soon = (*waiting, col(Anomaly.due_ms) <= now_ms + SOON_MS)
    with ctx.store.read() as session:
        if session.exec(select(Anomaly.id).where(*soon).limit(1)).first() is None:
            return 0
    told_count = 0
    with ctx.store.change(SYSTEM) as change:
        for row in change.session.exec(select(Anomaly).where(*soon).limit(100)):
            over = now_ms > row.due_ms
            if row.warned >= (2 if over else 1):
                continue
            change.put(row)
            row.warned = 2 if over else 1
            told_count += 1
            change.record(
                "anomaly.overdue" if over else "anomaly.due_soon",
                row.id,
                incident_id=row.incident_id,
                refs={"vehicle_id": row.vehicle_id},
                vehicle=row.vehicle_id,
                hours=max(0, round((row.due_ms - now_ms) / 3_600_000)),
            )
    return told_count
