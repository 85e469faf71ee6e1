"""Our warnings as messages: published, updated and lifted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from field_api.core.registers.outline import Outline
from field_api.core.texts import both
from field_api.features.warnings.formats.events import event_of_code
from field_api.features.warnings.formats.model import (
    AREA_CODES,
    EVENT_CODE,
    Alert,
    Area,
    Certainty,
    Circle,
    Info,
    Level,
    Method,
    MsgType,
    Named,
    Place,
    Reference,
    ResponseType,
    Scope,
    Status,
    Urgency,
)
from field_api.features.warnings.formats.national_names import SEVERITY_OF
from field_api.features.warnings.formats.values import BEIJING
from field_api.features.warnings.tables import WarningDraft

__all__ = ["Publishing", "as_national", "composed", "identifier_at", "lifting"]

COLOURS = {Level.RED: "红色", Level.ORANGE: "橙色", Level.YELLOW: "黄色", Level.BLUE: "蓝色"}


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a draft does not say itself."""

    identifier: str
    sender: str
    sent_ms: int
    signer: str
    """Who approved it (签发员)."""
    area_words: str
    replaces: Alert | None = None
    """The message that it updates."""


def identifier_at(sender_code: str, ms: int, number: int) -> str:
    """Return an identifier by GB/T 35965.1-2018: code, Beijing time, a digit; 31 characters."""
    at = datetime.fromtimestamp(ms // 1000, BEIJING)
    return f"{sender_code}_{at:%Y%m%d%H%M%S}_{number}"


def _references(before: Alert) -> tuple[Reference, ...]:
    """Return the whole chain, the first message first."""
    own = Reference(identifier=before.identifier, sender=before.sender, sent_ms=before.sent_ms)
    return (*before.references, own)


def composed(draft: WarningDraft, at: Publishing) -> Alert:
    """Return the message that publishes a draft in which nothing is missing."""
    assert draft.level is not None
    assert draft.onset_ms is not None
    kind = event_of_code(draft.event_code)
    headline = f"{draft.issuer}发布{draft.event}{COLOURS[draft.level]}预警"
    info = Info(
        language="zh-CN",
        categories=(kind.category,),
        event=draft.event,
        responses=tuple(draft.responses),
        urgency=Urgency.IMMEDIATE if draft.onset_ms <= at.sent_ms else Urgency.EXPECTED,
        severity=SEVERITY_OF[draft.level],
        certainty=Certainty(draft.certainty),
        level=draft.level,
        event_codes=(Named(name=EVENT_CODE, value=draft.event_code),),
        effective_ms=at.sent_ms,
        onset_ms=_whole(draft.onset_ms),
        expires_ms=_whole(draft.expires_ms),
        sender_name=draft.issuer,
        signer=at.signer,
        headline=_stamped(headline, draft.drill),
        description=draft.description,
        instruction=draft.instruction,
        areas=(_area(draft.outlines, draft.area_codes, at.area_words),),
    )
    return Alert(
        identifier=at.identifier,
        sender=at.sender,
        sent_ms=at.sent_ms,
        status=Status.EXERCISE if draft.drill else Status.ACTUAL,
        msg_type=MsgType.UPDATE if at.replaces else MsgType.ALERT,
        scope=Scope.PUBLIC,
        source=draft.issuer,
        references=_references(at.replaces) if at.replaces else (),
        infos=(info,),
        methods=tuple(Method(name=name, message=info.headline) for name in draft.channels),
    )


def lifting(before: Alert, identifier: str, sent_ms: int, signer: str, reason: str) -> Alert:
    """Return the message that lifts a warning of ours (解除)."""
    infos = tuple(
        info.model_copy(
            update={
                "responses": (ResponseType.ALL_CLEAR,),
                "urgency": Urgency.PAST,
                "effective_ms": sent_ms,
                "expires_ms": max(info.expires_ms or 0, sent_ms),
                "signer": signer,
                "headline": info.headline.replace("发布", "解除", 1),
                "description": reason,
                "instruction": "",
            }
        )
        for info in before.infos
    )
    return before.model_copy(
        update={
            "identifier": identifier,
            "sent_ms": sent_ms,
            "msg_type": MsgType.CANCEL,
            "note": reason,
            "references": _references(before),
            "infos": infos,
        }
    )


def as_national(message: Alert, sender_code: str) -> Alert:
    """Return one of our messages as the national format has it: a code sends it, not an address.

    Of its statuses only Actual and Test are in use, so that an exercise goes as a test.
    """
    test = message.status is Status.EXERCISE
    return message.model_copy(
        update={
            "sender": sender_code,
            "status": Status.TEST if test else message.status,
            "references": message.references[:1],
            "classification": "None",
        }
    )


def _stamped(headline: str, drill: bool) -> str:
    return f"{both('words.warning.drill').zh}{headline}" if drill else headline


def _whole(ms: int | None) -> int | None:
    return None if ms is None else ms // 1000 * 1000


def _area(outlines: Sequence[Outline], codes: Sequence[str], words: str) -> Area:
    polygons: list[tuple[Place, ...]] = []
    circles: list[Circle] = []
    for outline in outlines:
        if outline.centre is not None and outline.radius_m is not None:
            centre = Place(lat_deg=outline.centre.lat_deg, lon_deg=outline.centre.lon_deg)
            circles.append(Circle(centre=centre, radius_m=outline.radius_m))
        else:
            polygons.append(
                tuple(Place(lat_deg=at.lat_deg, lon_deg=at.lon_deg) for at in outline.polygon)
            )
    return Area(
        description=words,
        polygons=tuple(polygons),
        circles=tuple(circles),
        geocodes=tuple(Named(name=AREA_CODES, value=code.ljust(12, "0")) for code in codes),
    )
