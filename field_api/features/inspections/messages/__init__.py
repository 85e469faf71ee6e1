"""Inspections, their documents and hazards on the wire.

A *paper* is one document of an inspection (执法文书): first a draft that several officers edit
field by field, then issued with a number, its content, signatures and the hash of its bytes, from
then on unchangeable; a change is a new paper that names the one it replaces.
"""

from field_api.features.inspections.messages.boards import (
    ClosureProposalView,
    DueOrderView,
    EnterpriseStanding,
    InspectionDossier,
    PeriodsView,
    PeriodView,
    TerminalCoverageView,
    VerificationView,
)
from field_api.features.inspections.messages.content import (
    PaperAttachment,
    PaperContent,
    PaperField,
    PaperHazard,
    PaperOffice,
    PaperOfficer,
    PaperParty,
    Signature,
)
from field_api.features.inspections.messages.drafts import (
    ApprovePaper,
    BeginPaper,
    DecideField,
    DropPaper,
    EditPaper,
    SubmitPaper,
)
from field_api.features.inspections.messages.hazards import (
    CheckHazard,
    ConfirmHazard,
    EditHazard,
    FindHazard,
    HazardView,
    RectifyHazard,
)
from field_api.features.inspections.messages.inspections import (
    AssignInspection,
    CloseInspection,
    EnterPremises,
    EscalateInspection,
    InspectionView,
    OpenInspection,
)
from field_api.features.inspections.messages.numbers import (
    DrawNumbers,
    HeldNumbers,
    NumberAccountView,
    NumberBlockView,
    NumberRange,
    ReturnNumbers,
)
from field_api.features.inspections.messages.papers import (
    IssuePaper,
    PaperConflictView,
    PaperView,
    ServePaper,
)
from field_api.features.inspections.messages.values import Day

__all__ = [
    "ApprovePaper",
    "AssignInspection",
    "BeginPaper",
    "CheckHazard",
    "CloseInspection",
    "ClosureProposalView",
    "ConfirmHazard",
    "Day",
    "DecideField",
    "DrawNumbers",
    "DropPaper",
    "DueOrderView",
    "EditHazard",
    "EditPaper",
    "EnterPremises",
    "EnterpriseStanding",
    "EscalateInspection",
    "FindHazard",
    "HazardView",
    "HeldNumbers",
    "InspectionDossier",
    "InspectionView",
    "IssuePaper",
    "NumberAccountView",
    "NumberBlockView",
    "NumberRange",
    "OpenInspection",
    "PaperAttachment",
    "PaperConflictView",
    "PaperContent",
    "PaperField",
    "PaperHazard",
    "PaperOffice",
    "PaperOfficer",
    "PaperParty",
    "PaperView",
    "PeriodView",
    "PeriodsView",
    "RectifyHazard",
    "ReturnNumbers",
    "ServePaper",
    "Signature",
    "SubmitPaper",
    "TerminalCoverageView",
    "VerificationView",
]
