"""What clients see of handovers."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.handovers.messages import HandoverView
from field_api.features.handovers.tables import Handover

__all__ = ["handover_views"]


def handover_views(_session: Session, rows: Sequence[Handover]) -> list[HandoverView]:
    """Return handovers as clients see them."""
    return [HandoverView.model_validate(row) for row in rows]
