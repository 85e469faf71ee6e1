"""What a backup says of itself.

```
TO/20261129T132227Z/manifest.json      a whole backup: what it holds
TO/20261129T132227Z/xunshan.sqlite3    the database at one moment
TO/20261129T132227Z/tls/               the post's own certificate authority, where it has one
TO/media/ab/ab12…                      the files of all backups, by hash, each once
TO/.making-…                           a backup that is not whole (yet)
```
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from field_api.core.data_folder import DataFolderError

__all__ = [
    "DATABASE",
    "MANIFEST",
    "MEDIA",
    "TLS",
    "Manifest",
    "NamedFile",
    "StoredFile",
    "backups_in",
    "file_sha256",
    "folder_name",
    "newest_backup",
    "read_manifest",
]

MANIFEST, DATABASE, MEDIA, TLS = "manifest.json", "xunshan.sqlite3", "media", "tls"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class StoredFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid")

    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]


class NamedFile(StoredFile):
    """A file of a backup that has a name of its own."""

    name: Annotated[str, Field(pattern=r"^tls/[^/\x00]+$")]
    """Where it lies in the data folder, and in the backup."""


class Manifest(BaseModel):
    """A whole backup: what stands in it, of which moment, made by which version."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[int, Field(ge=1, le=1)] = 1
    version: str
    """Of the program that made it."""
    revision: str | None
    """Of the database's schema."""
    made_ms: int
    """The moment of the database, UTC milliseconds: what was committed before is in it."""
    event_seq: int
    audit_seq: int
    database: StoredFile
    media: list[StoredFile]
    """Empty for a copy that an upgrade keeps."""
    named: list[NamedFile] = []
    """Certificates that the post made itself: handhelds trust them."""
    missing: list[Sha256] = []
    """Files that the database names and that were not in the data folder, or damaged there."""
    upgraded_audit_seq: int | None = None
    """Of the copy that an upgrade keeps: the trail's last entry right after the upgrade."""


def folder_name(made_ms: int) -> str:
    """Return the name of a backup: sorts by time."""
    made = datetime.fromtimestamp(made_ms / 1000, UTC)
    return f"{made:%Y%m%dT%H%M%S}{made_ms % 1000:03d}Z"


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises:
        DataFolderError: it is none, or not whole.
    """
    try:
        return Manifest.model_validate_json((backup / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise DataFolderError(
            f"{backup} is no backup: it has no {MANIFEST}. A folder that `xunshan backup` made "
            "holds one for each moment, or is one itself."
        ) from None
    except (OSError, ValidationError) as error:
        said = error.strerror if isinstance(error, OSError) else f"{error.error_count()} faults"
        raise DataFolderError(
            f"The backup {backup} is damaged: its {MANIFEST} can't be read ({said}). "
            "Take an earlier one."
        ) from None


def backups_in(folder: Path) -> list[Path]:
    """Return the whole backups in a folder, oldest first; nothing where there is no folder."""
    return sorted(
        entry.parent for entry in folder.glob(f"*/{MANIFEST}") if entry.parent.name[0] != "."
    )


def newest_backup(given: Path) -> Path:
    """Return the backup that a path names: itself, or the newest in it.

    Raises:
        DataFolderError: there is none.
    """
    if (given / MANIFEST).exists():
        return given
    found = backups_in(given)
    if not found:
        raise DataFolderError(f"There is no whole backup in {given}.")
    return found[-1]


def file_sha256(path: Path) -> str:
    """Return a file's hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
