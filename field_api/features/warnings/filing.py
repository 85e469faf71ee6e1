"""Warnings as files: what one of another body is worth, taking it in, and files of any warning."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, select

from field_api.contract.ids import new_id
from field_api.core.access import Principal, Viewer
from field_api.core.errors import ApiError, Finding, refuse
from field_api.core.services import Services
from field_api.features.warnings.composing import as_national
from field_api.features.warnings.formats import (
    Reading,
    UnwritableError,
    Verdict,
    file_name,
    read_warning_file,
    write_cap,
    write_national,
)
from field_api.features.warnings.formats.model import Alert
from field_api.features.warnings.messages import WarningFileView, WarningView
from field_api.features.warnings.received import does, referenced, resolved, warning_of
from field_api.features.warnings.records import warning_views
from field_api.features.warnings.tables import IssuedWarning, Origin, WarningState

__all__ = ["WarningFile", "file_view", "take_in", "warning_file"]

DAY_MS = 24 * 3_600_000
FileFormat = Literal["cap", "national"]


@dataclass(frozen=True, slots=True)
class WarningFile:
    """A file to hand out."""

    name: str
    data: bytes


def _refused(code: str, found: list[Finding]) -> ApiError:
    error = refuse(422, code)
    if found:
        error.detail.text_zh += found[-1].text_zh
        error.detail.text_en += found[-1].text_en
        error.detail.findings = found
    return error


# --- in ----------------------------------------------------------------------------------------


def file_view(name: str, data: bytes, now_ms: int) -> WarningFileView:
    """Return what a file is worth and how it would be shown; nothing is stored."""
    reading = read_warning_file(data)
    message = reading.alert
    shown: WarningView | None = None
    if message is not None and message.infos:
        row = warning_of(message, new_id(), name, "")
        _date(row, now_ms)
        row.version = 0
        shown = WarningView.model_validate(row)
    return WarningFileView(
        verdict=reading.verdict,
        format=reading.format,
        findings=reading.findings,
        does=does(message) if message is not None else "nothing",
        warning=shown,
    )


def _date(row: IssuedWarning, now_ms: int) -> None:
    """Let a warning end: one that does not say when holds a day from its beginning."""
    if row.expires_ms is None:
        row.expires_ms = max(row.sent_ms, row.onset_ms or 0) + DAY_MS
    if row.expires_ms <= now_ms:
        row.state, row.ended_ms = WarningState.EXPIRED, row.expires_ms


def take_in(
    ctx: Services, who: Principal, warning_id: str, name: str, data: bytes
) -> tuple[WarningView, bool]:
    """Take in the warning of another body; return it and whether it was here before.

    An update takes the place of what it refers to. A cancellation makes no warning of its own: it
    ends those it refers to, of which the newest is returned.

    Raises:
        ApiError: 422, the file is refused or does nothing; 409, what it cancels is not known.
    """
    reading = read_warning_file(data)
    message = _usable(reading)
    sha256 = hashlib.sha256(data).hexdigest()
    by = who.actor.name
    with ctx.store.change(who) as change:
        known = change.session.get(IssuedWarning, warning_id)
        if known is not None:
            if known.request_sha256 != sha256:
                raise refuse(409, "id_taken", field="id")
            change.repeated = True
            return warning_views(change.session, [known])[0], True
        message = resolved(change.session, message)
        before = referenced(change.session, message)
        kind = does(message)
        if kind == "cancel":
            if not before:
                raise refuse(409, "warning_cancels_nothing_known")
            for row in before:
                change.put(row)
                row.state, row.end_reason = WarningState.CANCELLED, message.note
                row.ended_ms, row.ended_by = change.t_ms, by
                row.end_message = message
                change.record(
                    "warning.cancelled",
                    row.id,
                    incident_id=row.incident_id,
                    by=row.issuer,
                    what=row.headline,
                    why=message.note,
                )
            change.session.flush()
            return warning_views(change.session, before[-1:])[0], False
        row = warning_of(message, warning_id, name, by)
        row.request_sha256 = sha256
        _date(row, change.t_ms)
        _refuse_twice(change.session, row)
        change.create(row)
        for old in before:
            change.put(old)
            old.state, old.followed_by_id = WarningState.UPDATED, row.id
            old.ended_ms, old.ended_by = change.t_ms, by
            row.amends_id = old.id
        change.record(
            "warning.received",
            row.id,
            refs={"identifier": row.identifier[:200]},
            by=by,
            issuer=row.issuer,
            what=row.headline,
        )
        change.session.flush()
        return warning_views(change.session, [row])[0], False


def _refuse_twice(session: Session, row: IssuedWarning) -> None:
    same = select(IssuedWarning).where(
        IssuedWarning.sender == row.sender, IssuedWarning.identifier == row.identifier
    )
    if session.exec(same.limit(1)).first() is not None:
        raise refuse(409, "warning_is_here", headline=row.headline)


def _usable(reading: Reading) -> Alert:
    if reading.verdict is Verdict.REFUSED or reading.alert is None:
        raise _refused("warning_file_refused", reading.findings)
    if does(reading.alert) == "nothing":
        raise refuse(422, "warning_file_does_nothing")
    return reading.alert


# --- out ---------------------------------------------------------------------------------------


def warning_file(ctx: Services, viewer: Viewer, warning_id: str, form: FileFormat) -> WarningFile:
    """Return a warning as a file; of one that was lifted, the message that lifted it.

    Raises:
        ApiError: 404, or 422 where the format can't carry it; says why.
    """
    with ctx.store.read(viewer) as session:
        row = session.get(IssuedWarning, warning_id)
        if row is None:
            raise refuse(404, "unknown_warning", field="warning_id", id=warning_id)
        message = row.end_message or row.message
        own = row.origin is Origin.OWN
    try:
        if form == "cap":
            data = write_cap(message)
            kind = message.msg_type.lower()
            return WarningFile(f"{row.id}_{kind}.cap", data)
        national = as_national(message, ctx.settings.warning_sender_code) if own else message
        data = write_national(national)
        return WarningFile(file_name(national), data)
    except UnwritableError as error:
        raise _refused("warning_unwritable", error.findings) from error
