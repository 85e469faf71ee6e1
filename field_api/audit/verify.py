"""Proving the stored chain."""

from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from field_api.audit.models import AuditEntry, ChainReport
from field_api.audit.rules import GENESIS, ChainFault, Entry, first_fault

__all__ = ["verify_chain"]


def _chain(session: Session) -> Iterator[tuple[Entry, str, str]]:
    rows = session.exec(
        select(AuditEntry).order_by(col(AuditEntry.seq)).execution_options(yield_per=1000)
    )
    for row in rows:
        entry = Entry(
            seq=row.seq,
            t_ms=row.t_ms,
            actor=row.actor,
            actor_name=row.actor_name,
            source=row.source,
            action=row.action,
            subject=row.subject,
            incident_id=row.incident_id,
            text_zh=row.text_zh,
            text_en=row.text_en,
            refs_json=row.refs_json,
        )
        yield entry, row.prev_hash, row.hash


def verify_chain(session: Session, noted_head: str | None = None) -> ChainReport:
    """Read every entry and return whether each is unchanged and chained to the one before.

    A tail that was cut off leaves a whole, shorter chain. Pass a `head` noted elsewhere to detect
    that: the chain is broken where no entry has it.
    """
    fault = first_fault(_chain(session))
    if fault is None and noted_head is not None:
        found = session.exec(select(AuditEntry.seq).where(AuditEntry.hash == noted_head)).first()
        if found is None:
            fault = ChainFault(0, "no entry has the noted head: the tail was cut off or rewritten")
    last = session.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc())).first()
    return ChainReport(
        intact=fault is None,
        entries=session.exec(select(func.count()).select_from(AuditEntry)).one(),
        head=last.hash if last else GENESIS,
        broken_seq=fault.seq if fault else None,
        reason=fault.reason if fault else None,
    )
