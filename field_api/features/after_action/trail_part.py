"""The part of the audit trail from an incident's first entry to its last, entry by entry.

Entries of others go along without their words, only with what their hash covers: the chain can be
proved, and nothing is told of them but that something was done.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session, col, func, select

from field_api.core.audit.chain import Words, plain
from field_api.core.audit.tables import AuditEntry, AuditWords

__all__ = ["Link", "trail_part"]


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it goes into `chain.jsonl`."""

    text: str
    hash: str
    own: bool
    """It is the incident's."""
    erased: bool
    """It is the incident's, and its words were erased."""


def trail_part(session: Session, incident_id: str) -> Iterator[Link]:
    """Yield the entries in the order of the trail; the incident's own with words and salt."""
    ends = select(func.min(AuditEntry.seq), func.max(AuditEntry.seq))
    ends = ends.where(AuditEntry.incident_id == incident_id)
    first, last = cast(tuple[int | None, int | None], session.exec(ends).one())
    if first is None or last is None:
        return
    rows = session.exec(
        select(AuditEntry, AuditWords)
        .join(AuditWords, col(AuditWords.seq) == col(AuditEntry.seq), isouter=True)
        .where(AuditEntry.seq >= first, AuditEntry.seq <= last)
        .order_by(col(AuditEntry.seq))
        .execution_options(yield_per=1000)
    )
    # The join is outer: an erased entry has no words.
    for entry, words in cast(Iterable[tuple[AuditEntry, AuditWords | None]], rows):
        own = entry.incident_id == incident_id
        facts: dict[str, Any] = entry.model_dump()
        if own and words is not None:
            said = Words(
                words.actor,
                words.actor_name,
                words.source,
                words.text_zh,
                words.text_en,
                words.refs,
            )
            facts |= {"words": plain(said), "salt": words.salt}
        yield Link(json.dumps(facts, ensure_ascii=False), entry.hash, own, own and words is None)
