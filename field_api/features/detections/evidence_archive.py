"""An alert's evidence as one archive: pictures, what is known of them, and the hash of each file.

```
crop.jpg, frame.jpg   as taken, or with everybody in them covered
clip.mp4              as taken only
manifest.json         alert, model, pose, review; each file's hash and that of the picture as taken
SHA256SUMS            for `sha256sum -c`
```
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from field_api.contract.messages import Detection, EvidenceImage, PictureRegion
from field_api.features.detections.messages import DetectionView
from field_api.features.detections.mosaic import PictureError, covered, within
from mission_plans.formats.archive import zipped

__all__ = ["Export", "evidence_archive"]

WHOLE = PictureRegion(x=0, y=0, w=1, h=1)


@dataclass(frozen=True, slots=True)
class Export:
    """How the pictures leave, who takes them, what for and when."""

    people: Literal["mosaic", "as_taken"]
    by: str
    reason: str
    t_ms: int


class _LeftOutError(Exception):
    """A picture can't go along; the text is the reason's code."""


def evidence_archive(
    shown: DetectionView, message: Detection, path: Callable[[str], Path], export: Export
) -> bytes:
    """Return the archive.

    What can't be covered is left out, and the manifest says why: `missing`, `altered`,
    `unreadable`, `film` (films are never covered), or `part_unknown` (an older node did not say
    which part of the frame its crop shows).

    Args:
        shown: the alert as people see it.
        message: the same as its node sent it.
        path: where the file of a hash is.
        export: how the pictures leave, and the facts that go on record.
    """
    files: dict[str, bytes] = {}
    listed: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    people = _people(message)
    for number, item in enumerate(message.evidence):
        try:
            data, count = _picture(item, path(item.sha256), people, export)
        except _LeftOutError as reason:
            why = {"role": item.role, "sha256_as_taken": item.sha256, "why": str(reason)}
            left_out.append(why)
            continue
        name = (
            f"{item.role}.jpg" if f"{item.role}.jpg" not in files else f"{item.role}-{number}.jpg"
        )
        files[name] = data
        listed.append(
            {
                "name": name,
                "role": item.role,
                "media_type": item.media_type,
                "sha256": hashlib.sha256(data).hexdigest(),
                "sha256_as_taken": item.sha256,
                "people_covered": count,
            }
        )
    if shown.clip is not None:
        film = path(shown.clip.sha256)
        facts_of_film = {"role": "clip", "sha256_as_taken": shown.clip.sha256}
        if export.people != "as_taken":
            left_out.append({**facts_of_film, "why": "film"})
        elif not film.is_file():
            left_out.append({**facts_of_film, "why": "missing"})
        else:
            files["clip.mp4"] = film.read_bytes()
            listed.append(
                {
                    **facts_of_film,
                    "name": "clip.mp4",
                    "media_type": "video/mp4",
                    "sha256": hashlib.sha256(files["clip.mp4"]).hexdigest(),
                    "people_covered": 0,
                }
            )
    facts = {
        "exported": {
            "t_ms": export.t_ms,
            "by": export.by,
            "reason": export.reason,
            "people": export.people,
        },
        "alert": shown.model_dump(mode="json", exclude={"evidence", "clip", "version"}),
        "files": listed,
        "left_out": left_out,
    }
    files["manifest.json"] = json.dumps(facts, ensure_ascii=False, indent=1).encode()
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    return zipped({**files, "SHA256SUMS": "".join(sums).encode()})


def _people(message: Detection) -> list[PictureRegion]:
    box = message.box
    own = [PictureRegion(x=box.x, y=box.y, w=box.w, h=box.h)] if message.label == "person" else []
    return [*message.people, *own]


def _picture(
    item: EvidenceImage, file: Path, people: list[PictureRegion], export: Export
) -> tuple[bytes, int]:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise _LeftOutError("missing") from None
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise _LeftOutError("altered")
    if export.people == "as_taken":
        return data, 0
    part = item.part or (WHOLE if item.role == "frame" else None)
    if part is None:
        raise _LeftOutError("part_unknown")
    there = [region for one in people if (region := within(one, part)) is not None]
    try:
        return covered(data, there), len(there)
    except PictureError:
        raise _LeftOutError("unreadable") from None
