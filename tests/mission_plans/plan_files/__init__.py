"""Files of this and other programs that the readers are tested with (SOURCES.md)."""

from pathlib import Path

from mission_plans.formats.contents import FileContents
from mission_plans.formats.reading import read_file

__all__ = ["FOLDER", "load"]

FOLDER = Path(__file__).parent


def load(name: str) -> FileContents:
    """Return what one of the files holds."""
    return read_file(name, (FOLDER / name).read_bytes())
