"""Footage: recorded video, where it is, how long it stays, and what is taken out of it."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind
from field_api.features.footage.index import FootageIndex
from field_api.features.footage.messages import FootageExportView, FootageFileView, FootageGone
from field_api.features.footage.permissions import FOOTAGE_EXPORT, VIDEO_VIEW
from field_api.features.footage.routes import router
from field_api.features.footage.tables import FootageExport, FootageFile, FootageGap
from field_api.features.footage.tidying import FootageRoom, tidy

__all__ = ["FEATURE"]


def _files(_session: Session, rows: Sequence[FootageFile]) -> list[FootageFileView]:
    return [
        FootageFileView(
            **row.model_dump(include=set(FootageFileView.model_fields) - {"ended_ms"}),
            ended_ms=row.ended_ms if row.ended_ms is not None else row.began_ms,
            whole=row.ended_ms is not None,
        )
        for row in rows
    ]


def _gaps(_session: Session, rows: Sequence[FootageGap]) -> list[FootageGone]:
    return [FootageGone.model_validate(row) for row in rows]


def _exports(_session: Session, rows: Sequence[FootageExport]) -> list[FootageExportView]:
    return [FootageExportView.model_validate(row) for row in rows]


FEATURE = Feature(
    name="footage",
    about="Recorded video: what there is, players' files, stills, clips, retention",
    routers=(router,),
    records=(
        # A minute of every camera is no news: pages ask for what they show.
        RecordKind(
            topic="footage",
            table=FootageFile,
            view_type=FootageFileView,
            views=_files,
            reads=VIDEO_VIEW,
            incident_column=None,
            told=lambda _row: False,
        ),
        RecordKind(
            topic="footage_gap",
            table=FootageGap,
            view_type=FootageGone,
            views=_gaps,
            reads=VIDEO_VIEW,
            incident_column=None,
            told=lambda _row: False,
        ),
        RecordKind(
            topic="footage_export",
            table=FootageExport,
            view_type=FootageExportView,
            views=_exports,
            reads=VIDEO_VIEW,
            noun="export",
        ),
    ),
    permissions=(FOOTAGE_EXPORT,),
    timers=(Timer("footage", 60.0, tidy),),
    parts=(FootageIndex, FootageRoom),
)
