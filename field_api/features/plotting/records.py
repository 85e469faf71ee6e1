"""Reading drawings and pointers."""

import json
from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.core.history import versions_of
from field_api.features.incidents.tables import Incident
from field_api.features.plotting.messages import (
    DrawingVersionView,
    DrawingView,
    FireLineView,
    GrowthView,
    PointerView,
)
from field_api.features.plotting.shapes import ERRORS_M, DrawingKind, LineSource
from field_api.features.plotting.tables import Drawing, DrawingState, Pointer
from mission_plans.fire.perimeters import FireLine, growth_between, predecessor

__all__ = [
    "drawing_versions",
    "drawing_views",
    "drawn",
    "error_of",
    "fire_line_of",
    "fire_lines",
    "pointer_views",
]

MOST_LINES = 200
"""Fire lines of an incident that growth is told of: the last ones."""


def error_of(row: Drawing) -> float:
    """Return how far a line may be off, as said or as assumed for how it was seen."""
    said = row.content.error_m
    return said if said is not None else ERRORS_M[row.content.source or LineSource.HAND]


def _drills(session: Session, incident_ids: set[str]) -> dict[str, bool]:
    query = select(Incident.id, Incident.drill).where(col(Incident.id).in_(incident_ids))
    return dict(session.exec(query).all())


def drawing_views(session: Session, rows: Sequence[Drawing]) -> list[DrawingView]:
    """Return drawings as clients see them."""
    drills = _drills(session, {row.incident_id for row in rows})
    return [
        DrawingView.model_validate(
            row.model_dump(exclude={"content"})
            | dict(row.content)
            | {
                "error_m": error_of(row) if row.content.source else None,
                "drill": drills.get(row.incident_id, False),
            }
        )
        for row in rows
    ]


def pointer_views(session: Session, rows: Sequence[Pointer]) -> list[PointerView]:
    """Return pointers as clients see them."""
    drills = _drills(session, {row.incident_id for row in rows})
    return [
        PointerView(**row.model_dump(), drill=drills.get(row.incident_id, False)) for row in rows
    ]


def drawn(session: Session, incident_id: str, limit: int) -> Sequence[Drawing]:
    """Return what is on an incident's map, in the order in which it was drawn."""
    query = select(Drawing).where(
        Drawing.incident_id == incident_id, Drawing.state == DrawingState.DRAWN
    )
    return session.exec(query.order_by(col(Drawing.made_ms), col(Drawing.id)).limit(limit)).all()


def drawing_versions(session: Session, drawing_id: str) -> list[DrawingVersionView]:
    """Return what a drawing was, newest first."""
    return [
        DrawingVersionView(
            version=row.version,
            t_ms=row.t_ms,
            by=row.actor_name,
            drawing=DrawingView.model_validate(json.loads(row.body)),
        )
        for row in versions_of(session, "drawing", drawing_id)
        if row.body
    ]


def fire_line_of(row: Drawing) -> FireLine:
    """Return a drawing as a line that can be measured."""
    return FireLine(
        id=row.id,
        t_ms=row.content.observed_ms or row.made_ms,
        points=row.content.shape.points,
        closed=row.content.shape.form == "area",
        error_m=error_of(row),
        holes=row.content.shape.holes,
    )


def fire_lines(session: Session, incident_id: str) -> list[FireLineView]:
    """Return an incident's fire lines, the last seen first, with how the fire grew."""
    query = select(Drawing).where(
        Drawing.incident_id == incident_id,
        Drawing.state == DrawingState.DRAWN,
        Drawing.kind == DrawingKind.FIRE_LINE,
    )
    newest = query.order_by(col(Drawing.made_ms).desc(), col(Drawing.id).desc()).limit(MOST_LINES)
    rows = {row.id: row for row in session.exec(newest)}
    lines = [fire_line_of(row) for row in rows.values()]
    return [
        FireLineView(
            drawing_id=line.id,
            observed_ms=line.t_ms,
            length_m=rows[line.id].length_m or 0,
            area_m2=rows[line.id].area_m2,
            area_error_m2=rows[line.id].area_error_m2,
            growth=_growth(line, lines),
        )
        for line in sorted(lines, key=lambda line: (line.t_ms, line.id), reverse=True)
    ]


def _growth(line: FireLine, lines: Sequence[FireLine]) -> GrowthView | None:
    before = predecessor(line, lines)
    return GrowthView.model_validate(growth_between(before, line)) if before else None
