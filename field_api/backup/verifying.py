"""Proving that a backup is whole: every file read and compared with what the manifest says."""

from pathlib import Path

from field_api.backup.manifest import DATABASE, MEDIA, Manifest, file_sha256, read_manifest
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import DataFolderError
from field_api.core.database_file import check_pages

__all__ = ["media_of", "verify_backup"]


def media_of(backup: Path) -> BlobFiles:
    """Return the files of a backup, which stand beside it."""
    return BlobFiles(backup.resolve().parent / MEDIA)


def verify_backup(backup: Path) -> Manifest:
    """Return what a backup says of itself once all of it is found to be true.

    Raises:
        DataFolderError: something is missing or other than it was.
    """
    manifest = read_manifest(backup)
    files = media_of(backup)
    wanted = [(backup / DATABASE, manifest.database)]
    wanted += [(backup / file.name, file) for file in manifest.named]
    wanted += [(files.path(file.sha256), file) for file in manifest.media]
    wrong: list[str] = []
    for path, file in wanted:
        try:
            if path.stat().st_size != file.size_bytes or file_sha256(path) != file.sha256:
                wrong.append(f"{path.name[:16]} is damaged")
        except FileNotFoundError:
            wrong.append(f"{path.name[:16]} is missing")
        except OSError as error:
            wrong.append(f"{path.name[:16]} can't be read ({error.strerror})")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise DataFolderError(
            f"The backup {backup} is not whole: {', '.join(wrong[:3])}{more}. Take "
            "another one; a damaged file of media/ that is removed is copied again by the next."
        )
    check_pages(backup / DATABASE, frozen=True)
    return manifest
