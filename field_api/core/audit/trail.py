"""Reading, proving and erasing in the stored trail."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, or_, select

from field_api.core.audit.chain import GENESIS, ChainFault, Entry, Words, first_fault
from field_api.core.audit.tables import (
    AuditEntry,
    AuditView,
    AuditWords,
    ChainReport,
    TimelineEntry,
)
from field_api.core.roles import SYSTEM

__all__ = [
    "ERASED",
    "Lines",
    "erase_words",
    "list_entries",
    "name_of",
    "timeline",
    "timeline_entry",
    "trail_head",
    "verify_chain",
]

ERASED = "audit.erased"
"""Action of the entry that names which words were erased."""
RECHAINED = "audit.rechained"
"""Action of the entry that a migration left, with the head of the chain before it."""


MACHINES = "node:%"


@dataclass(frozen=True, slots=True)
class Lines:
    """Which lines of the trail or of a timeline are wanted; all where nothing is said."""

    text: str = ""
    """Stands in the words of either language, or in the name of who did it."""
    people_only: bool = False
    """No lines of nodes and of the command post itself."""
    subjects: tuple[str, ...] = ()
    """What was acted on, as actions begin: `detection`, `task` ..."""
    from_ms: int | None = None
    to_ms: int | None = None
    """Before this moment."""


def trail_head(session: Session) -> tuple[int, str]:
    """Return the last entry's number and hash; 0 and the genesis hash for an empty trail."""
    last = session.exec(
        select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
    ).first()
    return (last[0], last[1]) if last else (0, GENESIS)


def _words(row: AuditWords) -> Words:
    return Words(row.actor, row.actor_name, row.source, row.text_zh, row.text_en, row.refs)


def _chain(session: Session) -> Iterator[tuple[Entry, str, str, tuple[str, Words] | None]]:
    rows = session.exec(
        select(AuditEntry, AuditWords)
        .join(AuditWords, col(AuditWords.seq) == col(AuditEntry.seq), isouter=True)
        .order_by(col(AuditEntry.seq))
        .execution_options(yield_per=1000)
    )
    for row, words in rows:
        entry = Entry(
            seq=row.seq,
            t_ms=row.t_ms,
            action=row.action,
            subject=row.subject,
            incident_id=row.incident_id,
            words_sha256=row.words_sha256,
        )
        # The join is outer: an erased entry has no words.
        found: AuditWords | None = words
        yield entry, row.prev_hash, row.hash, (found.salt, _words(found)) if found else None


def _erased(session: Session) -> frozenset[int]:
    rows = session.exec(
        select(AuditWords.refs)
        .join(AuditEntry, col(AuditWords.seq) == col(AuditEntry.seq))
        .where(AuditEntry.action == ERASED)
    )
    return frozenset(int(seq) for refs in rows for seq in refs.get("seqs", "").split(",") if seq)


def _older_heads(session: Session) -> set[str]:
    """Return the heads of chains that a migration chained anew."""
    rows = session.exec(
        select(AuditWords.refs)
        .join(AuditEntry, col(AuditWords.seq) == col(AuditEntry.seq))
        .where(AuditEntry.action == RECHAINED)
    )
    return {refs["old_head"] for refs in rows if "old_head" in refs}


def verify_chain(session: Session, noted_head: str | None = None) -> ChainReport:
    """Read every entry and return whether each is unchanged and chained to the one before.

    A tail that was cut off leaves a whole, shorter chain. Pass a `head` noted elsewhere to detect
    that: the chain is broken where no entry has it.
    """
    erased = _erased(session)
    fault = first_fault(_chain(session), erased)
    if fault is None and noted_head is not None:
        found = session.exec(
            select(AuditEntry.seq).where(AuditEntry.hash == noted_head).limit(1)
        ).first()
        if found is None and noted_head not in _older_heads(session):
            fault = ChainFault(0, "no entry has the noted head: the tail was cut off or rewritten")
    return ChainReport(
        intact=fault is None,
        entries=session.exec(select(func.count()).select_from(AuditEntry)).one(),
        erased=len(erased),
        head=trail_head(session)[1],
        broken_seq=fault.seq if fault else None,
        reason=fault.reason if fault else None,
    )


def list_entries(
    session: Session,
    *,
    before_seq: int | None = None,
    after_seq: int | None = None,
    limit: int = 100,
    wanted: Lines | None = None,
) -> list[AuditView]:
    """Return entries, newest first; with `after_seq` oldest first."""
    query = (
        select(AuditEntry, AuditWords)
        .join(AuditWords, col(AuditWords.seq) == col(AuditEntry.seq), isouter=True)
        .where(*_fitting(wanted or Lines()))
    )
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    if after_seq is not None:
        query = query.where(AuditEntry.seq > after_seq).order_by(col(AuditEntry.seq))
    else:
        query = query.order_by(col(AuditEntry.seq).desc())
    return [_view(row, words) for row, words in session.exec(query.limit(limit))]


def _view(row: AuditEntry, words: AuditWords | None) -> AuditView:
    return AuditView(
        seq=row.seq,
        t_ms=row.t_ms,
        actor=words.actor if words else "",
        actor_name=words.actor_name if words else "",
        source=words.source if words else "",
        action=row.action,
        subject=row.subject,
        incident_id=row.incident_id,
        text_zh=words.text_zh if words else "",
        text_en=words.text_en if words else "",
        refs=words.refs if words else {},
        erased=words is None,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def name_of(session: Session, actor: str) -> str:
    """Return the name under which somebody acted last, or the id where nothing tells it."""
    newest = select(AuditWords.actor_name).where(AuditWords.actor == actor)
    return session.exec(newest.order_by(col(AuditWords.seq).desc()).limit(1)).first() or actor


def timeline_entry(row: AuditEntry, words: AuditWords) -> TimelineEntry | None:
    """Return the timeline line of an audit entry, None where it concerns no incident."""
    if row.incident_id is None:
        return None
    return TimelineEntry(
        seq=row.seq,
        t_ms=row.t_ms,
        incident_id=row.incident_id,
        actor=words.actor,
        actor_name=words.actor_name,
        action=row.action,
        subject=row.subject,
        text_zh=words.text_zh,
        text_en=words.text_en,
        refs=words.refs,
    )


def timeline(
    session: Session,
    incident_id: str,
    *,
    before_seq: int | None,
    limit: int,
    wanted: Lines | None = None,
) -> list[TimelineEntry]:
    """Return the newest lines of an incident's timeline before `before_seq`, oldest first."""
    query = (
        select(AuditEntry, AuditWords)
        .join(AuditWords, col(AuditWords.seq) == col(AuditEntry.seq))
        .where(AuditEntry.incident_id == incident_id, *_fitting(wanted or Lines()))
        .order_by(col(AuditEntry.seq).desc())
        .limit(limit)
    )
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    found = [timeline_entry(row, words) for row, words in session.exec(query)]
    return [line for line in reversed(found) if line is not None]


def _fitting(wanted: Lines) -> Iterator[ColumnElement[bool]]:
    if wanted.text:
        named = (col(AuditWords.text_zh), col(AuditWords.text_en), col(AuditWords.actor_name))
        yield or_(*(column.icontains(wanted.text, autoescape=True) for column in named))
    if wanted.people_only:
        yield col(AuditWords.actor).not_like(MACHINES) & (col(AuditWords.actor) != SYSTEM.id)
    if wanted.from_ms is not None:
        yield col(AuditEntry.t_ms) >= wanted.from_ms
    if wanted.to_ms is not None:
        yield col(AuditEntry.t_ms) < wanted.to_ms
    if wanted.subjects:
        action = col(AuditEntry.action)
        yield or_(*(action.startswith(f"{one}.", autoescape=True) for one in wanted.subjects))


def erase_words(session: Session, username: str, name: str) -> list[int]:
    """Delete the words of every entry by or about a person; return the entries' numbers.

    The caller records the act with these numbers as `refs["seqs"]`, or the chain counts as broken.
    """
    about = or_(
        AuditWords.actor == username,
        col(AuditWords.text_zh).contains(name, autoescape=True),
        col(AuditWords.text_zh).contains(username, autoescape=True),
    )
    seqs = list(session.exec(select(AuditWords.seq).where(about).order_by(col(AuditWords.seq))))
    for first in range(0, len(seqs), 500):
        session.exec(delete(AuditWords).where(col(AuditWords.seq).in_(seqs[first : first + 500])))
    return seqs
