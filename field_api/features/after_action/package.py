"""An incident's records as one archive that proves itself.

```
manifest.json          whose incident, who took it, when and why; the trail's head; what lacks
records/TOPIC.jsonl    every record of the incident, one a line, as people see it
chain.jsonl            the audit trail from the incident's first entry to its last
media/SHA256.EXT       pictures, films and papers that the records name, as taken
verify_package.py      proves all of it without this program
SHA256SUMS             for `sha256sum -c`
```
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlmodel import Session

from field_api.core.blobs.tables import Media
from field_api.features.after_action.records import hashes_in, kinds_of_incidents, records_of
from field_api.features.after_action.trail_part import trail_part

__all__ = ["Taken", "write_package"]

VERIFIER = Path(__file__).with_name("verify_package.py")
COPY_BYTES = 1 << 20
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "audio/webm": ".webm",
    "video/webm": ".webm",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """Which incident leaves, who takes it, when and why."""

    incident_id: str
    by: str
    t_ms: int
    reason: str


@dataclass
class _Packing:
    archive: zipfile.ZipFile
    sums: dict[str, str] = field(default_factory=dict[str, str])

    def lines(self, name: str, texts: Iterable[str]) -> int:
        """Write a file of lines as they come, none where none come; return how many."""
        digest, count = hashlib.sha256(), 0
        with ExitStack() as stack:
            file: IO[bytes] | None = None
            for text in texts:
                file = file or stack.enter_context(self.archive.open(name, "w"))
                data = text.encode() + b"\n"
                digest.update(data)
                file.write(data)
                count += 1
        if count:
            self.sums[name] = digest.hexdigest()
        return count

    def data(self, name: str, content: bytes) -> None:
        self.archive.writestr(name, content)
        self.sums[name] = hashlib.sha256(content).hexdigest()

    def file(self, name: str, path: Path) -> str:
        """Copy a file in without packing it again; return its hash as it is now."""
        digest = hashlib.sha256()
        plain = zipfile.ZipInfo(name)
        with path.open("rb") as source, self.archive.open(plain, "w") as file:
            while content := source.read(COPY_BYTES):
                digest.update(content)
                file.write(content)
        self.sums[name] = digest.hexdigest()
        return self.sums[name]


def write_package(
    out: IO[bytes], session: Session, file_of: Callable[[str], Path | None], taken: Taken
) -> dict[str, Any]:
    """Write the archive and return its manifest.

    Args:
        out: where to; records and files pass through a piece at a time.
        session: sees everything; whoever asks may see the incident.
        file_of: where the file of a hash is or was, None where nothing of it was ever stored.
        taken: the facts that go on record.
    """
    hashes: set[str] = set()

    def noting(texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            hashes.update(hashes_in(text))
            yield text

    trail: dict[str, Any] = {"entries": 0, "erased": 0, "head": None}

    def entries() -> Iterator[str]:
        for link in trail_part(session, taken.incident_id):
            trail["entries"] += link.own
            trail["erased"] += link.erased
            trail["head"] = link.hash
            yield link.text

    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        packing = _Packing(archive)
        counts = {
            kind.topic: packing.lines(
                f"records/{kind.topic}.jsonl",
                noting(records_of(session, kind, taken.incident_id)),
            )
            for kind in kinds_of_incidents()
        }
        packing.lines("chain.jsonl", noting(entries()))
        left_out = _media(packing, session, file_of, hashes)
        packing.data("verify_package.py", VERIFIER.read_bytes())
        manifest = {
            "incident_id": taken.incident_id,
            "taken": {"by": taken.by, "t_ms": taken.t_ms, "reason": taken.reason},
            "records": {topic: count for topic, count in counts.items() if count},
            "trail": trail,
            "left_out": left_out,
        }
        packing.data("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        sums = "".join(f"{digest}  {name}\n" for name, digest in packing.sums.items())
        archive.writestr("SHA256SUMS", sums)
    return manifest


def _media(
    packing: _Packing,
    session: Session,
    file_of: Callable[[str], Path | None],
    hashes: set[str],
) -> list[dict[str, str]]:
    """Put in the files that records name; return those that lack, and why.

    A hash of which nothing was ever stored names something else, e.g. a request or a node's model.
    """
    left_out: list[dict[str, str]] = []
    for sha256 in sorted(hashes):
        file = file_of(sha256)
        if file is None:
            continue
        if not file.is_file():
            left_out.append({"sha256": sha256, "why": "deleted after its time"})
            continue
        media = session.get(Media, sha256)
        extension = EXTENSIONS.get(media.media_type, "") if media else file.suffix
        if packing.file(f"media/{sha256}{extension}", file) != sha256:
            left_out.append({"sha256": sha256, "why": "altered on disk: its hash is another"})
    return left_out
