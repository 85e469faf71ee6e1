"""What clients see of inspections, papers, hazards and blocks of numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, select

from field_api.core.blobs.tables import media_views
from field_api.features.inspections.messages import (
    HazardView,
    InspectionView,
    NumberBlockView,
    PaperView,
)
from field_api.features.inspections.tables import Hazard, Inspection, NumberBlock, Paper
from field_api.features.registers.enterprises import Enterprise

__all__ = [
    "block_views",
    "enterprise_names",
    "hazard_views",
    "inspection_views",
    "named_media",
    "paper_views",
    "whole_paper_view",
]


def enterprise_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return names by id; one that was removed is missing."""
    wanted = sorted(set(ids))
    return dict(
        session.exec(
            select(Enterprise.id, Enterprise.name).where(col(Enterprise.id).in_(wanted))
        ).all()
    )


def inspection_views(session: Session, rows: Sequence[Inspection]) -> list[InspectionView]:
    """Return inspections as clients see them."""
    names = enterprise_names(session, (row.enterprise_id for row in rows))
    return [
        InspectionView.model_validate(
            {**row.model_dump(), "enterprise_name": names.get(row.enterprise_id, "")}
        )
        for row in rows
    ]


def _without_strokes(content: dict[str, Any] | None) -> dict[str, Any] | None:
    if content is None:
        return None
    signatures = [{**one, "strokes": []} for one in content.get("signatures", [])]
    return {**content, "signatures": signatures}


def _paper_view(row: Paper, content: dict[str, Any] | None) -> PaperView:
    differ = row.sha256 is not None and row.issuer_sha256 not in (None, row.sha256)
    return PaperView.model_validate(
        {**row.model_dump(), "content": content, "bytes_differ": differ}
    )


def paper_views(_session: Session, rows: Sequence[Paper]) -> list[PaperView]:
    """Return papers as lists, sync and live messages show them: signatures without strokes."""
    return [_paper_view(row, _without_strokes(row.content)) for row in rows]


def whole_paper_view(row: Paper) -> PaperView:
    """Return a paper with all that its bytes are made from."""
    return _paper_view(row, row.content)


def named_media(row: Hazard) -> list[str]:
    """Return the hashes of all pictures and the voice note that a hazard names."""
    voice = [row.voice] if row.voice else []
    return [*row.media, *voice, *row.rectified_media, *row.check_media]


def hazard_views(session: Session, rows: Sequence[Hazard]) -> list[HazardView]:
    """Return hazards as clients see them, with the pictures that have not come yet."""
    return media_views(session, rows, named_media, HazardView)


def block_views(_session: Session, rows: Sequence[NumberBlock]) -> list[NumberBlockView]:
    """Return blocks of numbers as clients see them."""
    return [NumberBlockView.model_validate(row.model_dump()) for row in rows]
