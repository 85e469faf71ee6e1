"""What clients see of recordings."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.core.blobs.tables import stored_media
from field_api.features.recordings.chain import ChainState, check
from field_api.features.recordings.messages import (
    MOST_NAMED,
    PieceView,
    RecordingDetail,
    RecordingView,
)
from field_api.features.recordings.tables import Recording, RecordingPiece

__all__ = ["recording_detail", "recording_views"]


def _pieces(session: Session, ids: list[str]) -> dict[str, list[RecordingPiece]]:
    found: dict[str, list[RecordingPiece]] = {id_: [] for id_ in ids}
    query = select(RecordingPiece).where(col(RecordingPiece.recording_id).in_(ids))
    for piece in session.exec(query.order_by(col(RecordingPiece.n))):
        found[piece.recording_id].append(piece)
    return found


def _state(row: Recording, pieces: Sequence[RecordingPiece]) -> ChainState:
    state = check(row.id, pieces, row.declared, row.last_link)
    unsigned = {piece.n for piece in pieces if piece.device_signed is False}
    return ChainState(state.missing, sorted({*state.broken, *unsigned}))


def _view(row: Recording, pieces: Sequence[RecordingPiece], here: set[str]) -> RecordingView:
    state = _state(row, pieces)
    files_missing = sum(piece.sha256 not in here for piece in pieces)
    return RecordingView.model_validate(
        {
            **row.model_dump(),
            "pieces": len(pieces),
            "length_ms": sum(max(0, piece.ended_ms - piece.began_ms) for piece in pieces),
            "missing": state.missing[:MOST_NAMED],
            "broken": state.broken[:MOST_NAMED],
            "files_missing": files_missing,
            "whole": row.declared is not None
            and not (state.missing or state.broken or files_missing),
        }
    )


def recording_views(session: Session, rows: Sequence[Recording]) -> list[RecordingView]:
    """Return recordings as clients see them, each with what is wrong with its chain."""
    pieces = _pieces(session, [row.id for row in rows])
    here = stored_media(session, [one.sha256 for all_ in pieces.values() for one in all_])
    return [_view(row, pieces[row.id], here) for row in rows]


def recording_detail(session: Session, row: Recording) -> RecordingDetail:
    """Return a recording with all its pieces."""
    pieces = _pieces(session, [row.id])[row.id]
    here = stored_media(session, [piece.sha256 for piece in pieces])
    broken = set(_state(row, pieces).broken)
    return RecordingDetail(
        recording=_view(row, pieces, here),
        pieces=[
            PieceView.model_validate(
                {
                    **piece.model_dump(),
                    "here": piece.sha256 in here,
                    "broken": piece.n in broken,
                }
            )
            for piece in pieces
        ],
    )
