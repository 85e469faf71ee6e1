"""Hazards: found, edited by several, confirmed by a second person, rectified, checked."""

from typing import Any, cast

from pydantic import Field, ValidationError
from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.core.blobs.tables import attach
from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse, validation_detail
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import Body, digest
from field_api.features.inspections.forms import forms, orders_something
from field_api.features.inspections.merging import decided, merged
from field_api.features.inspections.messages import (
    CheckHazard,
    ConfirmHazard,
    DecideField,
    EditHazard,
    FindHazard,
    RectifyHazard,
)
from field_api.features.inspections.permissions import INSPECTION_WORK
from field_api.features.inspections.settling import refuse_closed
from field_api.features.inspections.tables import (
    Hazard,
    HazardLevel,
    HazardState,
    Inspection,
    Paper,
    PaperState,
)
from field_api.features.law.tables import LawClause

__all__ = ["CHECK", "CONFIRM", "DECIDE_HAZARD", "EDIT_HAZARD", "FIND", "RECTIFY"]

EDITABLE = ("text", "place", "level", "clause_ids", "measure", "due_day", "media", "voice")
_JUDGED = ("text", "level", "clause_ids")
"""What the second person confirmed: another wording is confirmed anew."""


def _attach(change: Change, row: Hazard, media: list[str], role: str, t_ms: int) -> None:
    for sha256 in media:
        attach(change, sha256, "hazard", row.id, role=role, t_ms=t_ms)


def _known_clauses(change: Change, ids: list[str]) -> None:
    for one in ids:
        change.get(LawClause, one, field="clause_ids")


def _find(call: Call[FindHazard]) -> Hazard:
    """Note a hazard; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Hazard, body, body.id)
    if known is not None:
        return known
    inspection = change.get(Inspection, body.inspection_id, field="inspection_id")
    refuse_closed(inspection)
    if not body.text:
        raise refuse(422, "hazard_without_text", field="text")
    _known_clauses(change, body.clause_ids)
    by = call.who.actor.name
    row = change.create(
        Hazard(
            **body.model_dump(exclude={"t_ms"}),
            area=inspection.area,
            enterprise_id=inspection.enterprise_id,
            state=HazardState.FOUND,
            found_ms=min(body.t_ms, change.t_ms),
            found_by=by,
            found_user=call.who.user_id,
            written={name: {"by": by, "t_ms": body.t_ms} for name in EDITABLE},
            request_sha256=digest(body),
        )
    )
    _attach(change, row, body.media, "photo", body.t_ms)
    _attach(change, row, [body.voice] if body.voice else [], "voice", body.t_ms)
    change.record(
        "hazard.found",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "media": ",".join(body.media)},
        level=both(f"words.hazard_level.{row.level.value}"),
        what=row.text[:200],
    )
    return row


class _Fields(Body):
    """The fields of a hazard that are edited, each as it is found."""

    text: str = Field(default="-", min_length=1, max_length=4000)
    place: str = Field(default="", max_length=4000)
    level: HazardLevel = HazardLevel.ORDINARY
    clause_ids: list[str] = Field(default=[], max_length=20)
    measure: str = Field(
        default="rectify", pattern="^(rectify|at_once|withdraw|suspend|stop_use|transfer)$"
    )
    due_day: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    media: list[str] = Field(default=[], max_length=24)
    voice: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


def _checked(now: dict[str, Any]) -> dict[str, Any]:
    """Return edited fields as they are stored.

    Raises:
        ApiError: 422, a field is none that is edited, or its value is none that it takes.
    """
    try:
        fields = _Fields.model_validate(now)
    except ValidationError as error:
        detail = validation_detail(cast("list[dict[str, Any]]", error.errors()))
        raise ApiError(
            422, detail.code, detail.text_zh, detail.text_en, field=f"now.{detail.field}"
        ) from None
    return {name: getattr(fields, name) for name in now}


def _take(change: Change, row: Hazard, changed: dict[str, Any], by: str, t_ms: int) -> None:
    for name, value in changed.items():
        setattr(row, name, HazardLevel(value) if name == "level" else value)
    row.written = {**row.written, **{name: {"by": by, "t_ms": t_ms} for name in changed}}
    if any(name in changed for name in _JUDGED):
        row.confirmed_by, row.confirmed_ms, row.disputed_reason = None, None, ""
    if "media" in changed:
        _attach(change, row, changed["media"], "photo", t_ms)
    if changed.get("voice"):
        _attach(change, row, [changed["voice"]], "voice", t_ms)


def _editable(change: Change, hazard_id: str) -> Hazard:
    row = change.get(Hazard, hazard_id)
    refuse_closed(change.session.get_one(Inspection, row.inspection_id))
    if row.state is not HazardState.FOUND:
        raise refuse(409, "hazard_is_ordered")
    return row


def _edit(call: Call[EditHazard]) -> Hazard:
    """Change fields of a hazard: what nobody else changed is taken, of the others both are kept."""
    change, body = call.change, call.body
    row = _editable(change, call.target)
    now = _checked(body.now)
    _known_clauses(change, now.get("clause_ids", []))
    changed, conflicts = merged(
        {name: getattr(row, name) for name in EDITABLE},
        row.written,
        row.conflicts,
        was=body.was,
        now=now,
        by=call.who.actor.name,
        t_ms=body.t_ms,
        ids=[new_id() for _ in now],
    )
    if not changed and conflicts == row.conflicts:
        change.repeated = True
        return row
    change.put(row)
    row.conflicts = conflicts
    _take(change, row, changed, call.who.actor.name, body.t_ms)
    change.record(
        "hazard.edited",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "fields": ",".join(now)},
        what=row.text[:200],
    )
    return row


def _decide(call: Call[DecideField]) -> Hazard:
    """Decide which of two values of a hazard's field stands."""
    change, body = call.change, call.body
    row = _editable(change, call.target)
    answer = decided(row.conflicts, body.conflict_id, take=body.take)
    if answer is None:
        raise refuse(404, "unknown_field_conflict", field="conflict_id")
    changed, row_conflicts = answer
    change.put(row)
    row.conflicts = row_conflicts
    _take(change, row, changed, call.who.actor.name, change.t_ms)
    change.record(
        "hazard.decided",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id},
        what=row.text[:200],
    )
    return row


def _confirm(call: Call[ConfirmHazard]) -> Hazard:
    """Confirm a major hazard, or say that it is none: a second person, never who found it."""
    change, body = call.change, call.body
    row = change.get(Hazard, call.target)
    if row.level is not HazardLevel.MAJOR:
        raise refuse(409, "hazard_not_major")
    if row.found_user == call.who.user_id:
        raise refuse(409, "confirms_own_hazard")
    if not body.confirm and not body.reason:
        raise refuse(422, "dispute_needs_reason", field="reason")
    by = call.who.actor.name
    wanted = (by, "") if body.confirm else (None, body.reason)
    if (row.confirmed_by, row.disputed_reason) == wanted:
        change.repeated = True
        return row
    change.put(row)
    row.confirmed_by, row.disputed_reason = wanted
    row.confirmed_ms = min(body.t_ms, change.t_ms) if body.confirm else None
    change.record(
        "hazard.confirmed" if body.confirm else "hazard.disputed",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "t_ms": str(body.t_ms)},
        what=row.text[:200],
        why=body.reason,
    )
    return row


def _rectify(call: Call[RectifyHazard]) -> Hazard:
    """Note what the enterprise says it has done."""
    change, body = call.change, call.body
    row = change.get(Hazard, call.target)
    if row.state is HazardState.CLEARED:
        raise refuse(409, "hazard_is_cleared")
    t_ms = min(body.t_ms, change.t_ms)
    if (row.rectified_ms, row.rectified_text) == (t_ms, body.text):
        change.repeated = True
        return row
    change.put(row)
    row.state, row.rectified_ms = HazardState.RECTIFIED, t_ms
    row.rectified_text, row.rectified_media = body.text, body.media
    _attach(change, row, body.media, "rectified", body.t_ms)
    change.record(
        "hazard.rectified",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "media": ",".join(body.media)},
        what=row.text[:200],
        detail=body.text,
    )
    return row


def _under_order(change: Change, row: Hazard) -> bool:
    """Whether a paper that no review has ended orders it, with a day or without one."""
    # Of the forms that order something alone: records and notices are never fulfilled, and grow.
    orders = [form.code for form in forms().values() if orders_something(form)]
    papers = change.session.exec(
        select(Paper).where(
            Paper.enterprise_id == row.enterprise_id,
            col(Paper.form).in_(orders),
            col(Paper.state).in_((PaperState.ISSUED, PaperState.SERVED)),
            col(Paper.fulfilled_ms).is_(None),
        )
    )
    return any(row.id in paper.hazard_ids for paper in papers)


def _check(call: Call[CheckHazard]) -> Hazard:
    """Note what a re-check found; one under an order is cleared by its review paper."""
    change, body = call.change, call.body
    row = change.get(Hazard, call.target)
    t_ms = min(body.t_ms, change.t_ms)
    if (row.checked_ms, row.check_result, row.check_text) == (t_ms, body.result, body.text):
        change.repeated = True
        return row
    if row.state is HazardState.CLEARED:
        raise refuse(409, "hazard_is_cleared")
    change.put(row)
    ordered = _under_order(change, row)
    row.checked_ms, row.checked_by = t_ms, call.who.actor.name
    row.check_result, row.check_text, row.check_media = body.result, body.text, body.media
    if body.result == "cleared":
        row.state = HazardState.RECTIFIED if ordered else HazardState.CLEARED
    elif row.state is HazardState.RECTIFIED:
        row.state = HazardState.ORDERED if ordered else HazardState.FOUND
    _attach(change, row, body.media, "check", body.t_ms)
    change.record(
        "hazard.checked",
        row.id,
        area=row.area,
        refs={"inspection_id": row.inspection_id, "media": ",".join(body.media)},
        what=row.text[:200],
        result=both(f"words.check_result.{body.result}"),
        detail=body.text,
    )
    return row


FIND = Operation("hazard.find", INSPECTION_WORK, FindHazard, _find, makes=Hazard)
EDIT_HAZARD = Operation("hazard.edit", INSPECTION_WORK, EditHazard, _edit, targeted=True)
DECIDE_HAZARD = Operation("hazard.decide", INSPECTION_WORK, DecideField, _decide, targeted=True)
CONFIRM = Operation("hazard.confirm", INSPECTION_WORK, ConfirmHazard, _confirm, targeted=True)
RECTIFY = Operation("hazard.rectify", INSPECTION_WORK, RectifyHazard, _rectify, targeted=True)
CHECK = Operation("hazard.check", INSPECTION_WORK, CheckHazard, _check, targeted=True)
