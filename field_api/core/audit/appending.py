"""Acts join the trail: chained, with their words beside and the lines of the timeline."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlmodel import Session

from field_api.core.audit.chain import Entry, Words, entry_hash, plain, words_hash
from field_api.core.audit.tables import AuditEntry, AuditWords, TimelineEntry
from field_api.core.audit.trail import trail_head
from field_api.core.roles import Actor

__all__ = ["Act", "append_acts"]


@dataclass(slots=True)
class Act:
    """What somebody did, before it has a number."""

    actor: Actor
    action: str
    subject: str
    incident_id: str | None
    area: str
    text_zh: str
    text_en: str
    refs: dict[str, str]


def append_acts(
    session: Session, t_ms: int, acts: Sequence[Act]
) -> list[tuple[TimelineEntry, str]]:
    """Append acts; return the timeline's lines with their areas. The caller holds the order."""
    seq, prev_hash = trail_head(session)
    entries: list[dict[str, object]] = []
    beside: list[dict[str, object]] = []
    lines: list[tuple[TimelineEntry, str]] = []
    for act in acts:
        seq += 1
        who = act.actor
        words = Words(who.id, who.name, who.source, act.text_zh, act.text_en, act.refs)
        salt = secrets.token_hex(16)
        entry = Entry(seq, t_ms, act.action, act.subject, act.incident_id, words_hash(salt, words))
        row_hash = entry_hash(prev_hash, entry)
        entries.append({**plain(entry), "prev_hash": prev_hash, "hash": row_hash})
        beside.append({"seq": seq, "salt": salt, **plain(words)})
        prev_hash = row_hash
        if act.incident_id is not None:
            line = TimelineEntry(
                seq=seq,
                t_ms=t_ms,
                incident_id=act.incident_id,
                actor=who.id,
                actor_name=who.name,
                action=act.action,
                subject=act.subject,
                text_zh=act.text_zh,
                text_en=act.text_en,
                refs=act.refs,
            )
            lines.append((line, act.area))
    connection = session.connection()
    connection.execute(insert(AuditEntry), entries)
    connection.execute(insert(AuditWords), beside)
    return lines
