"""What clients see of warnings."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.warnings.messages import (
    WarningDraftView,
    WarningReceiptView,
    WarningView,
)
from field_api.features.warnings.rules import missing_items
from field_api.features.warnings.tables import IssuedWarning, WarningDraft, WarningReceipt

__all__ = ["draft_views", "receipt_views", "warning_views"]


def draft_views(_session: Session, rows: Sequence[WarningDraft]) -> list[WarningDraftView]:
    """Return drafts as clients see them, with what they lack."""
    return [
        WarningDraftView.model_validate({**row.model_dump(), "missing": missing_items(row)})
        for row in rows
    ]


def warning_views(_session: Session, rows: Sequence[IssuedWarning]) -> list[WarningView]:
    """Return warnings as clients see them."""
    return [WarningView.model_validate(row) for row in rows]


def receipt_views(_session: Session, rows: Sequence[WarningReceipt]) -> list[WarningReceiptView]:
    """Return receipts as clients see them."""
    return [WarningReceiptView.model_validate(row) for row in rows]
