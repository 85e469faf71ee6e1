"""Setting how a vision node looks, and telling it until it does."""

from sqlmodel import select

from field_api.contract.messages import DetectorReport, DetectorRules, PictureRegion
from field_api.core.errors import refuse
from field_api.core.events import TailEvent
from field_api.core.operation import Call, Operation
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.accounts.tables import Device, DeviceKind
from field_api.features.detectors.messages import TuneDetector
from field_api.features.detectors.permissions import DETECTOR_TUNE
from field_api.features.detectors.tables import DetectorSetting

__all__ = ["TUNE", "tell_changed", "tell_those_behind"]

MOST_OF_A_PICTURE = 0.5
"""More than this ignored is a camera that is switched off, which is another act."""


def _tune(call: Call[TuneDetector]) -> DetectorSetting:
    """Set what a vision node looks with; it follows within seconds, and where it isn't here, later.

    Smaller thresholds and no ignored regions find more and alarm more; what is ignored is reported
    by nobody.
    """
    change, body = call.change, call.body
    device = change.session.get(Device, call.target)
    if device is None or device.kind is not DeviceKind.VISION:
        raise refuse(404, "unknown_vision_node", field="node_id", id=call.target)
    for stream_id, regions in body.ignored.items():
        _refuse_blindness(stream_id, regions)
    row = change.session.get(DetectorSetting, call.target)
    wanted = body.model_dump(exclude={"seen_version", "reason"})
    if row is not None and _as_wanted(row) == wanted:
        change.repeated = True
        return row
    if row is None:
        if body.seen_version:
            raise refuse(409, "version_conflict", field="seen_version", version=0)
        row = DetectorSetting(
            id=call.target, thresholds={}, ignored={}, changed_ms=0, changed_by=""
        )
        change.create(row)
    else:
        change.put(row, seen_version=body.seen_version)
    row.thresholds = dict(body.thresholds)
    row.ignored = {stream: list(regions) for stream, regions in body.ignored.items() if regions}
    row.model, row.reason = body.model, body.reason
    row.changed_ms, row.changed_by = change.t_ms, call.who.actor.name
    change.record(
        "detector.tuned",
        row.id,
        by=row.changed_by,
        node=row.id,
        what=_words(row),
        why=body.reason,
    )
    return row


def _refuse_blindness(stream_id: str, regions: list[PictureRegion]) -> None:
    for region in regions:
        right, bottom = region.x + region.w, region.y + region.h
        if region.w <= 0 or region.h <= 0 or max(right, bottom) > 1.001:
            raise refuse(422, "region_outside", field="ignored", stream=stream_id)
    # Overlaps count twice: on the safe side.
    if sum(region.w * region.h for region in regions) > MOST_OF_A_PICTURE:
        most = round(100 * MOST_OF_A_PICTURE)
        raise refuse(422, "regions_too_large", field="ignored", stream=stream_id, most=most)


def _as_wanted(row: DetectorSetting) -> dict[str, object]:
    return {
        "thresholds": dict(row.thresholds),
        "ignored": {
            stream: [region.model_dump() for region in regions]
            for stream, regions in row.ignored.items()
        },
        "model": row.model,
    }


def _words(row: DetectorSetting) -> Both:
    limits = [
        both(
            "words.detector_threshold", label=both(f"words.label.{label}"), percent=round(100 * at)
        )
        for label, at in sorted(row.thresholds.items())
    ]
    count = sum(map(len, row.ignored.values()))
    regions = [both("words.detector_regions", count=count)] if count else []
    model = [both("words.detector_model", model=row.model)] if row.model else []
    parts = [*limits, *regions, *model] or [both("words.detector_own")]
    return Both(zh="、".join(part.zh for part in parts), en=", ".join(part.en for part in parts))


def _wish(ctx: Services, row: DetectorSetting) -> None:
    ctx.wishes.wish(
        row.id,
        DetectorRules(
            node_id=row.id,
            version=row.version,
            thresholds=row.thresholds,
            ignored=row.ignored,
            model=row.model,
        ),
    )


def tell_changed(ctx: Services, events: list[TailEvent]) -> None:
    """Tell a node of new rules at once."""
    changed = [event.record_id for event in events if event.topic == "detector"]
    if not changed:
        return
    with ctx.store.read() as session:
        for node_id in changed:
            row = session.get(DetectorSetting, node_id)
            if row is not None:
                _wish(ctx, row)


def tell_those_behind(ctx: Services) -> None:
    """Tell every node that is here and follows other rules than these: it came, or missed them."""
    with ctx.store.read() as session:
        rows = session.exec(select(DetectorSetting)).all()
    for row in rows:
        known = ctx.presence.of(row.id)
        if known is None or known.connected_since_ms is None or known.state is None:
            continue
        report: DetectorReport | None = known.state.detector
        if report is not None and report.rules_version != row.version:
            _wish(ctx, row)


TUNE = Operation("detector.tune", DETECTOR_TUNE, TuneDetector, _tune, targeted=True, batch=False)
