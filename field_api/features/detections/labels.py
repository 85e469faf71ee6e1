"""Alerts that people have judged, as a labelled set for the training recipe (YOLO's layout).

```
judged/images/judged-20250315-XS-U1-cam--1a2b3c.jpg
judged/labels/judged-20250315-XS-U1-cam--1a2b3c.txt   class, centre and size; empty for nothing
data.yaml                                            the classes' names
manifest.json                                        which alert each picture is of, and what was
                                                     left out and why
```
A rejected alert is no proof that the detector was wrong: people of one's own are people. The cause
of the rejection decides, and where none was given the picture is left out. A picture goes along
whole where everybody whom the detector saw in it has been judged, since who is not labelled would
be learnt as nobody; else its crop does, on the same condition.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from field_api.contract.messages import EvidenceImage, PictureRegion
from field_api.features.detections.tables import DetectionRecord, DetectionStatus, RejectionCause

__all__ = ["CLASSES", "LabelledSet", "write_labels"]

CLASSES = ("person", "smoke")
"""In the order of the recipe's label files."""
SAME = 0.5
"""Overlap from which two boxes are one object's (intersection over union)."""
WHOLE = PictureRegion(x=0, y=0, w=1, h=1)
PAGE = 500


@dataclass
class LabelledSet:
    """What was written."""

    pictures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    """By reason: `no_cause`, `unclear`, `unjudged_people`, `no_picture`."""


def write_labels(
    session: Session, path: Callable[[str], Path], out: Path, since_ms: int = 0
) -> LabelledSet:
    """Write the labelled set of alerts judged since a time.

    Args:
        session: where alerts are.
        path: where the picture of a hash is.
        out: a folder that is empty or not there yet.
        since_ms: alerts seen before are left out.

    Raises:
        FileExistsError: `out` holds something: a set is written whole and never mixed.
    """
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; name a new folder")
    for name in ("images", "labels"):
        (out / "judged" / name).mkdir(parents=True)
    made = LabelledSet()
    for rows in _by_frame(session, since_ms):
        _write_frame(rows, path, out / "judged", made)
    names = "".join(f"  {number}: {name}\n" for number, name in enumerate(CLASSES))
    (out / "data.yaml").write_text(f"names:\n{names}", "utf-8")
    manifest = {"pictures": made.pictures, "left_out": dict(made.left_out)}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    return made


def _by_frame(session: Session, since_ms: int) -> Iterable[list[DetectionRecord]]:
    """Yield the judged alerts of one frame together: several people may be in it."""
    judged = (
        select(DetectionRecord)
        .where(
            col(DetectionRecord.duplicate_of).is_(None),
            DetectionRecord.status != DetectionStatus.OPEN,
            DetectionRecord.t_ms >= since_ms,
        )
        .order_by(col(DetectionRecord.t_ms), col(DetectionRecord.stream_id))
        .execution_options(yield_per=PAGE)
    )
    frame: list[DetectionRecord] = []
    for row in session.exec(judged):
        if frame and (row.t_ms, row.stream_id) != (frame[0].t_ms, frame[0].stream_id):
            yield frame
            frame = []
        frame.append(row)
    if frame:
        yield frame


def _truth(row: DetectionRecord) -> bool | None:
    """Whether something of the alert's label is there; None where nobody said."""
    if row.status is DetectionStatus.CONFIRMED:
        return True
    if row.review_cause in (RejectionCause.KNOWN, RejectionCause.OWN_PEOPLE):
        return True
    return False if row.review_cause is RejectionCause.NOT_A_TARGET else None


def _write_frame(
    rows: Sequence[DetectionRecord],
    path: Callable[[str], Path],
    folder: Path,
    made: LabelledSet,
) -> None:
    told = [(row, truth) for row in rows if (truth := _truth(row)) is not None]
    for row in rows:
        if _truth(row) is None:
            unclear = row.review_cause is RejectionCause.UNCLEAR
            made.left_out["unclear" if unclear else "no_cause"] += 1
    written: set[str] = set()
    for row, _ in told:
        frames = [item for item in row.detection.evidence if item.role == "frame"]
        crops = [item for item in row.detection.evidence if item.role == "crop"]
        chosen = next(
            (
                (item, part)
                for item, part in [
                    *((item, item.part or WHOLE) for item in frames),
                    *((item, item.part) for item in crops),
                ]
                if part is not None and _all_judged(row, part, told)
            ),
            None,
        )
        if chosen is None:
            made.left_out["unjudged_people"] += 1
        elif chosen[0].sha256 not in written and _write(row, *chosen, told, path, folder, made):
            written.add(chosen[0].sha256)


def _all_judged(
    row: DetectionRecord, part: PictureRegion, told: Sequence[tuple[DetectionRecord, bool]]
) -> bool:
    """Whether everybody whom the detector saw in a part of the picture has been judged."""
    judged = [_box(other) for other, _ in told if other.label == "person"]
    return all(
        any(_overlap(seen, box) >= SAME for box in judged)
        for seen in row.detection.people
        if _shift(seen, part) is not None
    )


def _write(
    row: DetectionRecord,
    item: EvidenceImage,
    part: PictureRegion,
    told: Sequence[tuple[DetectionRecord, bool]],
    path: Callable[[str], Path],
    folder: Path,
    made: LabelledSet,
) -> bool:
    try:
        data = path(item.sha256).read_bytes()
    except FileNotFoundError:
        made.left_out["no_picture"] += 1
        return False
    day = datetime.fromtimestamp(row.t_ms / 1000, UTC).strftime("%Y%m%d")
    name = f"judged-{day}-{row.stream_id}--{row.id[-12:]}"
    lines: list[str] = []
    for other, truth in told:
        box = _shift(_box(other), part)
        if truth and box is not None:
            x, y = box.x + box.w / 2, box.y + box.h / 2
            number = CLASSES.index(other.label)
            lines.append(f"{number} {x:.6f} {y:.6f} {box.w:.6f} {box.h:.6f}")
    (folder / "images" / f"{name}.jpg").write_bytes(data)
    (folder / "labels" / f"{name}.txt").write_text("\n".join(lines), "utf-8")
    made.pictures.append(
        {
            "name": name,
            "sha256": item.sha256,
            "role": item.role,
            "alerts": [other.id for other, _ in told],
            "model": row.detection.model.model_dump(),
            "boxes": len(lines),
        }
    )
    return True


def _box(row: DetectionRecord) -> PictureRegion:
    box = row.detection.box
    return PictureRegion(x=box.x, y=box.y, w=box.w, h=box.h)


def _shift(region: PictureRegion, part: PictureRegion) -> PictureRegion | None:
    """Return a region of the frame as one of a part of it, None where it lies outside."""
    if part.w <= 0 or part.h <= 0:
        return None
    x0, x1 = (max(part.x, region.x), min(part.x + part.w, region.x + region.w))
    y0, y1 = (max(part.y, region.y), min(part.y + part.h, region.y + region.h))
    if x1 <= x0 or y1 <= y0:
        return None
    return PictureRegion(
        x=min(1.0, (x0 - part.x) / part.w),
        y=min(1.0, (y0 - part.y) / part.h),
        w=min(1.0, (x1 - x0) / part.w),
        h=min(1.0, (y1 - y0) / part.h),
    )


def _overlap(a: PictureRegion, b: PictureRegion) -> float:
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (a.w * a.h + b.w * b.h - both)
