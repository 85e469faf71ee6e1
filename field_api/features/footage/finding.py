"""Finding footage in the index, as far as a person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.contract.fmp4 import FragmentError
from field_api.core.access import Viewer
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.footage.beside import Moment
from field_api.features.footage.clips import Source
from field_api.features.footage.messages import (
    FootageFileView,
    FootageGapView,
    FootageSpanView,
    FootageView,
    StreamFootage,
)
from field_api.features.footage.reading import FootageBytes, beside_bytes, read_footage
from field_api.features.footage.spans import Known, gaps_between, spans_of
from field_api.features.footage.tables import FootageFile, FootageGap, FootageIncident
from field_api.features.footage.tidying import FootageRoom
from field_api.features.incidents.records import get_incident

__all__ = ["Asked", "file_at", "find", "gaps_of", "get_file", "moments_of", "read_file", "sources"]

log = structlog.get_logger(__name__)

LONGEST_FILE_MS = 330_000
"""No file is longer, so none that reaches into a stretch began earlier before it."""
MOST_GAPS = 500


@dataclass(frozen=True)
class Asked:
    """What footage is asked for; at least one of stream, vehicle and incident is given."""

    from_ms: int
    to_ms: int
    limit: int
    stream_id: str | None = None
    vehicle_id: str | None = None
    incident_id: str | None = None


def get_file(ctx: Services, viewer: Viewer, file_id: str) -> FootageFile:
    """Return a file that may be seen.

    Raises:
        ApiError: 404, there is none.
    """
    with ctx.store.read(viewer) as session:
        query = select(FootageFile).where(FootageFile.id == file_id).limit(1)
        row = session.exec(query).first()
    if row is None:
        raise refuse(404, "unknown_footage", id=file_id)
    return row


def read_file(ctx: Services, row: FootageFile) -> FootageBytes:
    """Return what is on disk of a file.

    Raises:
        ApiError: 404, it is gone or damaged.
    """
    try:
        return read_footage(ctx.settings.footage_dir / row.place, row.began_ms)
    except (OSError, FragmentError) as error:
        log.error("footage_unreadable", file=row.place, error=str(error))
        raise refuse(404, "unknown_footage", id=row.id) from None


def find(ctx: Services, viewer: Viewer, asked: Asked) -> FootageView:
    """Return what there is in a stretch of time, by stream."""
    with ctx.store.read(viewer) as session:
        if asked.incident_id is not None:
            get_incident(session, asked.incident_id)
        files = session.exec(_query(asked).limit(asked.limit + 1)).all()
        known = _known(session, asked, {file.stream_id for file in files})
    more, files = len(files) > asked.limit, files[: asked.limit]
    # Of a page that is not the last nothing is said about what comes after it.
    until_ms = files[-1].began_ms if more else asked.to_ms
    by_stream: dict[str, list[FootageFileView]] = {}
    for row in files:
        by_stream.setdefault(row.stream_id, []).append(_view(ctx, row))
    streams = [
        _stream(stream_id, views, asked.from_ms, until_ms, known)
        for stream_id, views in sorted(by_stream.items())
    ]
    return FootageView(
        streams=streams,
        next_ms=until_ms + 1 if more else None,
        stopped=ctx.part(FootageRoom).problem(),
    )


def _query(asked: Asked) -> SelectOfScalar[FootageFile]:
    query = select(FootageFile)
    began = col(FootageFile.began_ms)
    if asked.incident_id is not None:
        query = query.join(FootageIncident, col(FootageIncident.file_id) == FootageFile.id)
        query = query.where(FootageIncident.incident_id == asked.incident_id)
        began = col(FootageIncident.began_ms)
    if asked.stream_id is not None:
        query = query.where(FootageFile.stream_id == asked.stream_id)
    if asked.vehicle_id is not None:
        query = query.where(FootageFile.vehicle_id == asked.vehicle_id)
    return query.where(
        began >= asked.from_ms - LONGEST_FILE_MS,
        began <= asked.to_ms,
        _reaches(asked.from_ms),
    ).order_by(began, col(FootageFile.id))


def _reaches(from_ms: int) -> ColumnElement[bool]:
    ended = col(FootageFile.ended_ms)
    return ended.is_(None) | (ended > from_ms)


def _known(session: Session, asked: Asked, streams: set[str]) -> Sequence[FootageGap]:
    query = (
        select(FootageGap)
        .where(
            col(FootageGap.stream_id).in_(streams),
            col(FootageGap.began_ms) <= asked.to_ms,
            col(FootageGap.ended_ms) >= asked.from_ms,
        )
        .order_by(col(FootageGap.began_ms))
        .limit(MOST_GAPS)
    )
    return session.exec(query).all()


def _view(ctx: Services, row: FootageFile) -> FootageFileView:
    ended_ms, size_bytes = row.ended_ms, row.size_bytes
    if ended_ms is None:
        # At most one of each stream is being written.
        try:
            footage = read_footage(ctx.settings.footage_dir / row.place, row.began_ms)
            ended_ms, size_bytes = footage.ended_ms, len(footage.data)
        except (OSError, FragmentError):
            ended_ms = row.began_ms
    return FootageFileView(
        **row.model_dump(include=set(FootageFileView.model_fields) - {"ended_ms", "size_bytes"}),
        ended_ms=ended_ms,
        size_bytes=size_bytes,
        whole=row.ended_ms is not None,
    )


def _stream(
    stream_id: str,
    files: list[FootageFileView],
    from_ms: int,
    to_ms: int,
    known: Sequence[FootageGap],
) -> StreamFootage:
    spans = spans_of((one.began_ms, one.ended_ms) for one in files)
    causes = [
        Known(one.began_ms, one.ended_ms, one.cause) for one in known if one.stream_id == stream_id
    ]
    return StreamFootage(
        stream_id=stream_id,
        vehicle_id=files[-1].vehicle_id,
        files=files,
        spans=[FootageSpanView(began_ms=one.began_ms, ended_ms=one.ended_ms) for one in spans],
        gaps=[
            FootageGapView(began_ms=one.began_ms, ended_ms=one.ended_ms, cause=one.cause)
            for one in gaps_between(spans, from_ms, to_ms, causes)
        ],
    )


def _rows(
    ctx: Services, viewer: Viewer, stream_id: str, from_ms: int, to_ms: int
) -> Sequence[FootageFile]:
    asked = Asked(from_ms, to_ms, 200, stream_id=stream_id)
    with ctx.store.read(viewer) as session:
        return session.exec(_query(asked).limit(asked.limit)).all()


def file_at(ctx: Services, viewer: Viewer, stream_id: str, t_ms: int) -> FootageFile:
    """Return the file that has the picture of a moment.

    Raises:
        ApiError: 404, there is no picture of it.
    """
    rows = [row for row in _rows(ctx, viewer, stream_id, t_ms, t_ms) if row.began_ms <= t_ms]
    if not rows:
        raise refuse(404, "no_footage", field="t_ms")
    return rows[-1]


def sources(
    ctx: Services, viewer: Viewer, stream_id: str, from_ms: int, to_ms: int
) -> list[Source]:
    """Return the files of a stretch, in order.

    Raises:
        ApiError: 404, there are none.
    """
    rows = _rows(ctx, viewer, stream_id, from_ms, to_ms - 1)
    found = [Source(read_file(ctx, row), row.sha256) for row in rows]
    found = [source for source in found if source.footage.fragments]
    if not found:
        raise refuse(404, "no_footage", field="from_ms")
    return found


def moments_of(
    ctx: Services, viewer: Viewer, stream_id: str, from_ms: int, to_ms: int
) -> list[Moment]:
    """Return where the aircraft was in a stretch of time; states are told around their pictures."""
    moments: list[Moment] = []
    for row in _rows(ctx, viewer, stream_id, from_ms - 2000, to_ms + 2000):
        moments += beside_bytes(ctx.settings.footage_dir / row.place).moments
    return sorted(moments, key=lambda one: one.t_ms)


def gaps_of(sources: list[Source], from_ms: int, to_ms: int) -> list[FootageGapView]:
    """Return what is missing in a clip."""
    spans = spans_of((one.footage.began_ms, one.footage.ended_ms) for one in sources)
    return [
        FootageGapView(began_ms=one.began_ms, ended_ms=one.ended_ms, cause=None)
        for one in gaps_between(spans, from_ms, to_ms, ())
    ]
