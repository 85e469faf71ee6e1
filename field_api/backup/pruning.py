"""Removing backups that are old, and the files that no other backup needs."""

import shutil
from pathlib import Path

from field_api.backup.making import whole_files
from field_api.backup.manifest import MANIFEST, MEDIA, backups_in, read_manifest
from field_api.core.data_folder import hold

__all__ = ["prune"]


def prune(to: Path, now_ms: int, *, all_ms: int, daily_ms: int) -> list[Path]:
    """Remove backups that are old, and the files that no other backup needs.

    All of the last `all_ms` stay, then the newest of each day for `daily_ms`; the newest always.

    Returns:
        The backups removed.

    Raises:
        DataFolderError: another backup into `to` is being made, or a manifest can't be read.
    """
    with hold(to, "backup"):
        kept: dict[str, Path] = {}
        old: list[Path] = []
        for backup in reversed(backups_in(to)):
            age_ms = now_ms - read_manifest(backup).made_ms
            name = backup.name if age_ms <= all_ms else backup.name[:8]
            if not kept or (age_ms <= max(all_ms, daily_ms) and name not in kept):
                kept[name] = backup
            else:
                old.append(backup)
        needed = {file.sha256 for backup in kept.values() for file in read_manifest(backup).media}
        for backup in old:
            # Its manifest first: what is left of it is no backup.
            (backup / MANIFEST).unlink()
            shutil.rmtree(backup)
        if old:
            for file in whole_files(to / MEDIA):
                if file.name not in needed:
                    file.unlink()
        return old
