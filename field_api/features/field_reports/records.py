"""What clients see of quick reports and calls for help."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.core.blobs.tables import media_views
from field_api.features.field_reports.messages import FieldReportView, SosView
from field_api.features.field_reports.tables import FieldReport, Sos

__all__ = ["named_media", "report_views", "sos_views"]


def named_media(row: FieldReport) -> list[str]:
    """Return the hashes that a report names."""
    return [*row.media, *([row.voice] if row.voice else []), *row.originals]


def report_views(session: Session, rows: Sequence[FieldReport]) -> list[FieldReportView]:
    """Return reports as clients see them, with what has not come yet."""
    return media_views(session, rows, named_media, FieldReportView)


def sos_views(_session: Session, rows: Sequence[Sos]) -> list[SosView]:
    """Return calls for help as clients see them."""
    return [SosView.model_validate(row.model_dump()) for row in rows]
