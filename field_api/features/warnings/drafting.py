"""Writing a warning and approving it."""

from typing import Any

from field_api.core.areas import district_areas
from field_api.core.change import Change
from field_api.core.errors import ApiError, Finding, refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.incidents.tables import Incident
from field_api.features.warnings.formats.events import event_of_code
from field_api.features.warnings.messages import (
    ApproveDraft,
    DiscardDraft,
    DraftWarning,
    EditDraft,
)
from field_api.features.warnings.permissions import WARNING_APPROVE, WARNING_DRAFT
from field_api.features.warnings.rules import faults
from field_api.features.warnings.tables import (
    DraftState,
    IssuedWarning,
    Origin,
    WarningDraft,
    WarningState,
)

__all__ = ["APPROVE", "DISCARD", "DRAFT", "EDIT", "incomplete", "open_draft", "updatable"]

_WRITTEN = (DraftState.OPEN, DraftState.APPROVED)


def updatable(change: Change, warning_id: str) -> IssuedWarning:
    """Return a warning of ours that is in force: what another one may take the place of.

    Raises:
        ApiError: 404, or 409 for one of another body or one that has ended.
    """
    row = change.get(IssuedWarning, warning_id, field="amends_id")
    if row.origin is not Origin.OWN:
        raise refuse(409, "warning_of_others", issuer=row.issuer)
    if row.state is not WarningState.IN_FORCE:
        raise refuse(409, f"warning_is_{row.state.value}", headline=row.headline)
    return row


def open_draft(change: Change, draft_id: str) -> WarningDraft:
    """Return a draft that may still be written.

    Raises:
        ApiError: 404, or 409 for one that is published or thrown away.
    """
    row = change.get(WarningDraft, draft_id)
    if row.state not in _WRITTEN:
        raise refuse(409, f"draft_is_{row.state.value}")
    return row


def incomplete(found: list[Finding]) -> ApiError:
    """Return the refusal of what lacks something, each thing by name."""
    names = "、".join(each.text_zh for each in found), "; ".join(each.text_en for each in found)
    refused = refuse(409, "warning_incomplete", count=len(found))
    refused.detail.text_zh += names[0]
    refused.detail.text_en += names[1]
    refused.detail.findings = found
    return refused


def _content(body: DraftWarning | EditDraft) -> dict[str, Any]:
    named = {"id", "incident_id", "amends_id", "version"}
    values = {name: getattr(body, name) for name in type(body).model_fields.keys() - named}
    if not body.event and body.event_code:
        values["event"] = event_of_code(body.event_code).zh
    return values


def _draft(call: Call[DraftWarning]) -> WarningDraft:
    """Begin a draft, of a new warning or of one that takes another's place; repeating is safe."""
    change, body = call.change, call.body
    known = change.known(WarningDraft, body, body.id)
    if known is not None:
        return known
    if body.incident_id is not None:
        change.get(Incident, body.incident_id, field="incident_id")
    if body.amends_id is not None:
        updatable(change, body.amends_id)
    name = call.who.actor.name
    row = change.create(
        WarningDraft(
            id=body.id,
            incident_id=body.incident_id,
            amends_id=body.amends_id,
            **_content(body),
            author=name,
            created_ms=change.t_ms,
            changed_by=name,
            changed_ms=change.t_ms,
            request_sha256=digest(body),
        )
    )
    change.record("warning.drafted", row.id, incident_id=row.incident_id, by=name)
    return row


def _edit(call: Call[EditDraft]) -> WarningDraft:
    """Put a draft's content anew; an approval does not outlive it."""
    change, body = call.change, call.body
    row = open_draft(change, call.target)
    change.put(row, seen_version=body.version)
    for name, value in _content(body).items():
        setattr(row, name, value)
    row.changed_by, row.changed_ms = call.who.actor.name, change.t_ms
    row.state, row.approved_by, row.approved_ms = DraftState.OPEN, None, None
    change.record("warning.edited", row.id, incident_id=row.incident_id, by=row.changed_by)
    return row


def _discard(call: Call[DiscardDraft]) -> WarningDraft:
    """Throw a draft away."""
    change = call.change
    row = open_draft(change, call.target)
    change.put(row, seen_version=call.body.version)
    row.state = DraftState.DISCARDED
    change.record("warning.discarded", row.id, incident_id=row.incident_id, by=call.who.actor.name)
    return row


def _approve(call: Call[ApproveDraft]) -> WarningDraft:
    """Approve a draft as it stands (签发); nothing may be missing."""
    change = call.change
    row = open_draft(change, call.target)
    found = faults(row, change.t_ms, district_areas())
    if found:
        raise incomplete(found)
    change.put(row, seen_version=call.body.version)
    row.state = DraftState.APPROVED
    row.approved_by, row.approved_ms = call.who.actor.name, change.t_ms
    change.record(
        "warning.approved",
        row.id,
        incident_id=row.incident_id,
        by=row.approved_by,
        event=row.event,
        author=row.author,
    )
    return row


DRAFT = Operation(
    "warning.draft", WARNING_DRAFT, DraftWarning, _draft, makes=WarningDraft, batch=False
)
EDIT = Operation("warning.edit", WARNING_DRAFT, EditDraft, _edit, targeted=True, batch=False)
DISCARD = Operation(
    "warning.discard", WARNING_DRAFT, DiscardDraft, _discard, targeted=True, batch=False
)
APPROVE = Operation(
    "warning.approve", WARNING_APPROVE, ApproveDraft, _approve, targeted=True, batch=False
)
