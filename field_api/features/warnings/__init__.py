"""Warnings (预警): written, approved, published, received, lifted, and shown on every handheld."""

from sqlmodel import col

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind, Sync
from field_api.features.warnings.drafting import APPROVE, DISCARD, DRAFT, EDIT
from field_api.features.warnings.ending import expire_due, of_shown_warning, shelve
from field_api.features.warnings.messages import (
    WarningDraftView,
    WarningReceiptView,
    WarningView,
)
from field_api.features.warnings.operations import CANCEL, PUBLISH, SEEN
from field_api.features.warnings.permissions import (
    WARNING_APPROVE,
    WARNING_DRAFT,
    WARNING_DRAFT_VIEW,
    WARNING_PUBLISH,
    WARNING_RECEIPT_OWN,
    WARNING_RECEIPT_VIEW,
    WARNING_SEEN,
    WARNING_VIEW,
)
from field_api.features.warnings.records import draft_views, receipt_views, warning_views
from field_api.features.warnings.routes import router
from field_api.features.warnings.tables import (
    DraftState,
    IssuedWarning,
    WarningDraft,
    WarningReceipt,
)

__all__ = ["FEATURE"]

_WRITTEN = (DraftState.OPEN, DraftState.APPROVED)

FEATURE = Feature(
    name="warnings",
    about="Warnings: drafted, approved, published, received, lifted",
    routers=(router,),
    records=(
        RecordKind(
            topic="warning_draft",
            table=WarningDraft,
            view_type=WarningDraftView,
            views=draft_views,
            reads=WARNING_DRAFT_VIEW,
            shown=lambda: col(WarningDraft.state).in_(_WRITTEN),
        ),
        RecordKind(
            topic="warning",
            table=IssuedWarning,
            view_type=WarningView,
            views=warning_views,
            reads=WARNING_VIEW,
            # Of no area: each handheld decides by itself, by where it is, whether one concerns it.
            sync=Sync.AREA,
            shown=lambda: col(IssuedWarning.shelved).is_(False),
        ),
        RecordKind(
            topic="warning_receipt",
            table=WarningReceipt,
            view_type=WarningReceiptView,
            views=receipt_views,
            reads=WARNING_RECEIPT_VIEW,
            own_reads=WARNING_RECEIPT_OWN,
            sync=Sync.OWN,
            shown=of_shown_warning,
        ),
    ),
    operations=(DRAFT, EDIT, DISCARD, APPROVE, PUBLISH, CANCEL, SEEN),
    permissions=(
        WARNING_VIEW,
        WARNING_DRAFT_VIEW,
        WARNING_DRAFT,
        WARNING_APPROVE,
        WARNING_PUBLISH,
        WARNING_SEEN,
        WARNING_RECEIPT_VIEW,
        WARNING_RECEIPT_OWN,
    ),
    timers=(
        Timer("expiry of warnings", 1.0, expire_due),
        Timer("ended warnings off the handhelds", 600.0, shelve),
    ),
)
