"""Messages of other bodies: what taking one in does, and the warning that it makes."""

from collections.abc import Iterable
from typing import Literal

from sqlmodel import Session, col, select

from field_api.features.warnings.formats.model import (
    AREA_CODES,
    EVENT_CODE,
    Alert,
    Area,
    Info,
    MsgType,
    Reference,
    Status,
)
from field_api.features.warnings.rules import area_code
from field_api.features.warnings.tables import IssuedWarning, Origin, Shape, WarningState

__all__ = ["Does", "does", "referenced", "resolved", "warning_of"]

Does = Literal["warn", "update", "cancel", "nothing"]


def does(message: Alert) -> Does:
    """Return what taking a message in does."""
    if message.status is Status.DRAFT or message.msg_type in (MsgType.ACK, MsgType.ERROR):
        return "nothing"
    if message.msg_type is MsgType.CANCEL:
        return "cancel"
    if not message.infos:
        return "nothing"
    return "update" if message.msg_type is MsgType.UPDATE else "warn"


def _best(infos: Iterable[Info]) -> Info:
    """Return the part in Chinese, else the first."""
    every = list(infos)
    return next((info for info in every if info.language.lower().startswith("zh")), every[0])


def warning_of(message: Alert, warning_id: str, source_name: str, taken_by: str) -> IssuedWarning:
    """Return the warning that a message with something to say makes."""
    info = _best(message.infos)
    areas = info.areas
    return IssuedWarning(
        id=warning_id,
        origin=Origin.RECEIVED,
        state=WarningState.IN_FORCE,
        drill=message.status is not Status.ACTUAL,
        identifier=message.identifier,
        sender=message.sender,
        sent_ms=message.sent_ms,
        event_code=next((each.value for each in info.event_codes if each.name == EVENT_CODE), ""),
        event=info.event,
        level=info.level,
        severity=info.severity,
        onset_ms=info.onset_ms or info.effective_ms,
        expires_ms=info.expires_ms,
        area_codes=_codes(areas),
        shapes=_shapes(areas),
        area_text="、".join(area.description for area in areas)[:500],
        headline=info.headline or info.event,
        description=info.description,
        instruction=info.instruction,
        issuer=info.sender_name or message.sender,
        published_by=taken_by,
        source_name=source_name,
        message=message,
    )


def _codes(areas: tuple[Area, ...]) -> list[str]:
    codes = [
        area_code(pair.value) for area in areas for pair in area.geocodes if pair.name == AREA_CODES
    ]
    return list(dict.fromkeys(codes))


def _shapes(areas: tuple[Area, ...]) -> list[Shape]:
    rings = [Shape(polygon=list(ring)) for area in areas for ring in area.polygons]
    rounds = [
        Shape(centre=circle.centre, radius_m=circle.radius_m)
        for area in areas
        for circle in area.circles
    ]
    return [*rings, *rounds]


def referenced(session: Session, message: Alert) -> list[IssuedWarning]:
    """Return the received warnings in force that a message refers to.

    CAP names each by sender and identifier; the national format names the first of the event, so
    that what followed it in our store is meant too.
    """
    found: list[IssuedWarning] = []
    for reference in message.references[:50]:
        query = select(IssuedWarning).where(
            IssuedWarning.identifier == reference.identifier,
            IssuedWarning.origin == Origin.RECEIVED,
        )
        if reference.sender:
            query = query.where(IssuedWarning.sender == reference.sender)
        elif message.sender:
            query = query.where(IssuedWarning.sender == message.sender)
        row = session.exec(query.order_by(col(IssuedWarning.sent_ms)).limit(1)).first()
        for _ in range(50):
            if row is None or row.followed_by_id is None:
                break
            row = session.get(IssuedWarning, row.followed_by_id)
        if row is not None and row.state is WarningState.IN_FORCE and row not in found:
            found.append(row)
    return found


def resolved(session: Session, message: Alert) -> Alert:
    """Return a message whose half references are whole where the warning is known here."""
    whole: list[Reference] = []
    for reference in message.references:
        known = None
        if not reference.sender or reference.sent_ms is None:
            query = select(IssuedWarning).where(IssuedWarning.identifier == reference.identifier)
            known = session.exec(query.limit(1)).first()
        whole.append(
            Reference(identifier=known.identifier, sender=known.sender, sent_ms=known.sent_ms)
            if known is not None
            else reference
        )
    return message.model_copy(update={"references": tuple(whole)})
