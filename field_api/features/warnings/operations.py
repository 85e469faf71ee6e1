"""Publishing, lifting and seeing warnings."""

from sqlmodel import select

from field_api.core.areas import district_areas
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.warnings.composing import Publishing, composed, identifier_at, lifting
from field_api.features.warnings.drafting import incomplete, open_draft, updatable
from field_api.features.warnings.formats import broken_rules
from field_api.features.warnings.formats.model import Level
from field_api.features.warnings.messages import CancelWarning, PublishDraft, SeenWarning
from field_api.features.warnings.permissions import WARNING_PUBLISH, WARNING_SEEN
from field_api.features.warnings.rules import area_words, faults
from field_api.features.warnings.tables import (
    DraftState,
    IssuedWarning,
    Origin,
    Shape,
    WarningReceipt,
    WarningState,
    receipt_id,
)

__all__ = ["CANCEL", "PUBLISH", "SEEN", "level_words"]

MOST_A_SECOND = 10
"""The last part of an identifier is one digit."""


def level_words(level: Level | None) -> Both:
    """Return a level as the law calls it."""
    return both(f"words.warning.level.{level.value if level else 'none'}")


def _identifier(change: Change, sender_code: str) -> str:
    """Return an identifier that no warning here has.

    Raises:
        ApiError: 409, ten were published in this second.
    """
    made = [identifier_at(sender_code, change.t_ms, number) for number in range(MOST_A_SECOND)]
    first, last = made[0], made[-1]
    query = select(IssuedWarning).where(
        IssuedWarning.identifier >= first, IssuedWarning.identifier <= last
    )
    rows = change.session.exec(query.limit(MOST_A_SECOND)).all()
    taken = {row.identifier for row in rows}
    ends = {row.end_message.identifier for row in rows if row.end_message is not None}
    free = [name for name in made if name not in taken | ends]
    if not free:
        raise refuse(409, "warning_too_many_at_once")
    return free[0]


def _publish(call: Call[PublishDraft]) -> IssuedWarning:
    """Publish an approved draft: the warning is in force, and on every screen and handheld.

    One that updates another takes its place in the same moment. Repeating the body is safe.
    """
    change, body, settings = call.change, call.body, call.ctx.settings
    known = change.known(IssuedWarning, body, body.id)
    if known is not None:
        return known
    draft = open_draft(change, call.target)
    if draft.state is not DraftState.APPROVED or draft.approved_by is None:
        raise refuse(409, "draft_not_approved")
    found = faults(draft, change.t_ms, district_areas())
    if found:
        raise incomplete(found)
    before = updatable(change, draft.amends_id) if draft.amends_id is not None else None
    words = draft.area_text or area_words(draft.area_codes, district_areas())
    message = composed(
        draft,
        Publishing(
            identifier=_identifier(change, settings.warning_sender_code),
            sender=settings.warning_sender,
            sent_ms=change.t_ms // 1000 * 1000,
            signer=draft.approved_by,
            area_words=words,
            replaces=before.message if before is not None else None,
        ),
    )
    broken = broken_rules(message)
    if broken:
        raise incomplete(broken)
    change.put(draft, seen_version=body.version)
    (info,) = message.infos
    name = call.who.actor.name
    row = change.create(
        IssuedWarning(
            id=body.id,
            origin=Origin.OWN,
            incident_id=draft.incident_id,
            amends_id=draft.amends_id,
            drill=draft.drill,
            identifier=message.identifier,
            sender=message.sender,
            sent_ms=message.sent_ms,
            event_code=draft.event_code,
            event=draft.event,
            level=draft.level,
            severity=info.severity,
            onset_ms=info.onset_ms,
            expires_ms=info.expires_ms,
            area_codes=draft.area_codes,
            shapes=[Shape.model_validate(each.model_dump()) for each in draft.outlines],
            area_text=words,
            headline=info.headline,
            description=draft.description,
            instruction=draft.instruction,
            issuer=draft.issuer,
            drafted_by=draft.author,
            approved_by=draft.approved_by,
            published_by=name,
            message=message,
            request_sha256=digest(body),
        )
    )
    draft.state, draft.warning_id = DraftState.PUBLISHED, row.id
    if before is not None:
        change.put(before)
        before.state, before.followed_by_id = WarningState.UPDATED, row.id
        before.ended_ms, before.ended_by = change.t_ms, name
    change.record(
        "warning.published",
        row.id,
        incident_id=row.incident_id,
        refs={"identifier": row.identifier, "approved_by": draft.approved_by},
        by=name,
        level=level_words(row.level),
        what=row.headline,
    )
    return row


def _cancel(call: Call[CancelWarning]) -> IssuedWarning:
    """Lift a warning of ours (解除), with a reason: 突发事件应对法 70 wants it done at once."""
    change, body = call.change, call.body
    row = change.get(IssuedWarning, call.target)
    if row.state is WarningState.CANCELLED and row.end_reason == body.reason:
        change.repeated = True
        return row
    row = updatable(change, call.target)
    name = call.who.actor.name
    identifier = _identifier(change, call.ctx.settings.warning_sender_code)
    message = lifting(row.message, identifier, change.t_ms // 1000 * 1000, name, body.reason)
    broken = broken_rules(message)
    if broken:
        raise incomplete(broken)
    change.put(row)
    row.state, row.end_reason, row.end_message = WarningState.CANCELLED, body.reason, message
    row.ended_ms, row.ended_by = change.t_ms, name
    change.record(
        "warning.cancelled",
        row.id,
        incident_id=row.incident_id,
        refs={"identifier": identifier},
        by=name,
        what=row.headline,
        why=body.reason,
    )
    return row


def _seen(call: Call[SeenWarning]) -> WarningReceipt:
    """Say that one has seen a warning, also one that has ended since; repeating is safe."""
    change, body, terminal_id = call.change, call.body, call.who.viewer.terminal_id
    if terminal_id is None:
        raise refuse(403, "warning_seen_needs_terminal")
    warning = change.get(IssuedWarning, call.target)
    ident = receipt_id(warning.id, terminal_id)
    known = change.session.get(WarningReceipt, ident)
    if known is not None:
        change.repeated = True
        return known
    row = change.create(
        WarningReceipt(
            id=ident,
            incident_id=warning.incident_id,
            warning_id=warning.id,
            terminal_id=terminal_id,
            name=call.who.actor.name,
            seen_ms=min(body.t_ms, change.t_ms),
            received_ms=change.t_ms,
        )
    )
    change.record(
        "warning.seen",
        warning.id,
        incident_id=warning.incident_id,
        refs={"terminal_id": terminal_id},
        terminal=terminal_id,
        by=row.name,
        what=warning.headline,
    )
    return row


PUBLISH = Operation(
    "warning.publish", WARNING_PUBLISH, PublishDraft, _publish, targeted=True, batch=False
)
CANCEL = Operation(
    "warning.cancel", WARNING_PUBLISH, CancelWarning, _cancel, targeted=True, batch=False
)
SEEN = Operation("warning.seen", WARNING_SEEN, SeenWarning, _seen, targeted=True)
