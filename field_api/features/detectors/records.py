"""What clients see of detector settings."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.detectors.messages import DetectorView
from field_api.features.detectors.tables import DetectorSetting

__all__ = ["detector_views"]


def detector_views(_session: Session, rows: Sequence[DetectorSetting]) -> list[DetectorView]:
    """Return what clients see of some rows."""
    return [DetectorView.model_validate(row.model_dump()) for row in rows]
