"""Deletes what retention says, and says so: on the list of gaps and in the audit trail."""

import contextlib
import threading
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, select

from field_api.contract.ids import new_id
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.features.footage.folder import beside_of
from field_api.features.footage.index import FootageIndex
from field_api.features.footage.retention import (
    DAY_MS,
    Candidate,
    Limits,
    Room,
    room_of,
    to_delete,
)
from field_api.features.footage.tables import (
    FootageExport,
    FootageFile,
    FootageGap,
    FootageIncident,
    GapCause,
)
from field_api.features.incidents.records import of_open_incident

__all__ = ["FootageRoom", "protected", "tidy"]

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
"""Files of one look; a minute later comes the next."""


def protected() -> ColumnElement[bool]:
    """Return that a file must stay: a person had it kept, or its incident is open."""
    of_open = exists().where(
        col(FootageIncident.file_id) == col(FootageFile.id),
        of_open_incident(FootageIncident.incident_id),
    )
    return col(FootageFile.kept_ms).is_not(None) | of_open


class FootageRoom:
    """Whether there is room to record. May be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._used_bytes: int | None = None

    @property
    def limits(self) -> Limits:
        """What the settings allow."""
        return Limits(self._ctx.settings.footage_days, self._ctx.settings.footage_share)

    def count(self) -> Room:
        """Count anew what footage and what was taken out of it take."""
        with self._ctx.store.read() as session:
            used = sum(
                int(session.exec(select(func.coalesce(func.sum(column), 0))).one())
                for column in (FootageFile.size_bytes, FootageExport.size_bytes)
            )
        with self._lock:
            self._used_bytes = used
        return self._room(used)

    def took(self, size_bytes: int) -> None:
        """Count what was just written; a negative size gives room back."""
        with self._lock:
            if self._used_bytes is not None:
                self._used_bytes += size_bytes

    def problem(self) -> GapCause | None:
        """Return why nothing may be recorded now, None where it may."""
        if self._ctx.disk.low:
            return GapCause.DISK_LOW
        with self._lock:
            used = self._used_bytes
        room = self.count() if used is None else self._room(used)
        # A little over is what the next look deletes; more means that it finds nothing to delete.
        return GapCause.FULL if room.over_bytes > room.limit_bytes // 20 + 2**26 else None

    def _room(self, used: int) -> Room:
        reserve = self._ctx.settings.low_disk_bytes
        return room_of(used, self._ctx.disk.free_bytes, reserve, self.limits)


def tidy(ctx: Services) -> None:
    """Close what killed processes left, and delete what is too old or too much."""
    ctx.part(FootageIndex).repair()
    room = ctx.part(FootageRoom)
    now_ms, counted, limits = ctx.clock(), room.count(), room.limits
    with ctx.store.read() as session:
        rows = _candidates(session, now_ms, limits, over=counted.over_bytes > 0)
    gone = to_delete(
        (Candidate(row.id, row.began_ms, row.size_bytes, protected=False) for row in rows),
        now_ms,
        counted,
        limits,
    )
    by_id = {row.id: row for row in rows}
    runs: dict[tuple[str, GapCause], list[FootageFile]] = {}
    for file, cause in gone:
        row = by_id[file.id]
        runs.setdefault((row.stream_id, cause), []).append(row)
    for (stream_id, cause), files in runs.items():
        _delete(ctx, stream_id, cause, files)


def _candidates(session: Session, now_ms: int, limits: Limits, *, over: bool) -> list[FootageFile]:
    """Return the oldest whole files that nothing protects."""
    query = select(FootageFile).where(col(FootageFile.ended_ms).is_not(None), ~protected())
    if not over:
        query = query.where(col(FootageFile.began_ms) < now_ms - limits.days * DAY_MS)
    query = query.order_by(col(FootageFile.began_ms), col(FootageFile.id)).limit(MOST_AT_ONCE)
    return list(session.exec(query))


def _delete(ctx: Services, stream_id: str, cause: GapCause, files: list[FootageFile]) -> None:
    size_bytes = sum(file.size_bytes for file in files)
    began_ms, ended_ms = files[0].began_ms, max(file.ended_ms or 0 for file in files)
    with ctx.store.change(SYSTEM) as change:
        still = select(FootageFile).where(
            col(FootageFile.id).in_([file.id for file in files]), ~protected()
        )
        rows = list(change.session.exec(still))
        if len(rows) != len(files):
            # Somebody had one kept, or opened its incident again, just now: the next look decides.
            return
        for tie in change.session.exec(
            select(FootageIncident).where(
                col(FootageIncident.file_id).in_([row.id for row in rows])
            )
        ):
            change.session.delete(tie)
        change.session.flush()
        for row in rows:
            change.remove(row)
        change.create(
            FootageGap(
                id=new_id(),
                area=files[0].area,
                stream_id=stream_id,
                vehicle_id=files[0].vehicle_id,
                cause=cause,
                began_ms=began_ms,
                ended_ms=ended_ms,
                files=len(files),
                size_bytes=size_bytes,
                told_ms=change.t_ms,
            )
        )
        change.record(
            "footage.deleted",
            stream_id,
            area=files[0].area,
            refs={"from_ms": str(began_ms), "to_ms": str(ended_ms)},
            stream=stream_id,
            count=len(files),
            megabytes=round(size_bytes / 1e6, 1),
            why=both(f"words.footage_cause.{cause}"),
        )
    # After the commit: a file without a row is found again and says so, a row without a file lies.
    root = ctx.settings.footage_dir
    for file in files:
        path = root / file.place
        path.unlink(missing_ok=True)
        beside_of(path).unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            _remove_if_empty(folder)
    ctx.part(FootageRoom).took(-size_bytes)
    log.info("footage_deleted", stream=stream_id, cause=cause, files=len(files))


def _remove_if_empty(folder: Path) -> None:
    # A recorder may be making a file in it this very moment: then it isn't empty, or is made again.
    with contextlib.suppress(OSError):
        folder.rmdir()
