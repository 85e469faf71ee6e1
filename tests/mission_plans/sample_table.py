"""A table of plan files: what each is read as, and what is said about the rest.

`python -m tests.mission_plans.sample_table FOLDER [FOLDER ...]`, or the folders in
XUNSHAN_PLAN_FILES, apart by colons; without either, the files kept beside this module.
"""

import os
import sys
from collections import Counter
from pathlib import Path

from mission_plans.formats.contents import FileContents
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.reading import read_file

NO_FILES = (".py", ".md", ".pyc")
MOST_SAID = 2


def row(path: Path) -> tuple[bool, str]:
    """Return whether a file loads, and its line of the table."""
    name = path.name if len(path.name) <= 60 else f"{path.name[:24]}...{path.name[-33:]}"
    try:
        contents = read_file(path.name, path.read_bytes())
    except PlanFileError as error:
        return False, f"| {name} | refused | - | {_cell(f'{error.where}: {error.en}')} |"
    return True, f"| {name} | {contents.format} | {_kept(contents)} | {_said(contents)} |"


def _kept(contents: FileContents) -> str:
    counts = Counter(thing.kind for thing in contents.things)
    kept = [f"{count} {kind}" if count > 1 else kind for kind, count in counts.items()]
    encoding = f" ({contents.encoding})" if contents.encoding != "utf-8" else ""
    return _cell(", ".join(kept) + encoding)


def _said(contents: FileContents) -> str:
    notes = [note.en for note in contents.notes]
    notes += [note.en for thing in contents.things for note in thing.notes]
    left = [f"left out: {one.where} {one.name}: {one.en}" for one in contents.left_out]
    said = [*left, *dict.fromkeys(notes)]
    more = f"; and {len(said) - MOST_SAID} more" if len(said) > MOST_SAID else ""
    return _cell("; ".join(said[:MOST_SAID]) + more) or "-"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:220]


def main(folders: list[str]) -> None:
    """Print the table of some folders."""
    given = folders or os.environ.get("XUNSHAN_PLAN_FILES", "").split(":")
    roots = [Path(folder) for folder in given if folder] or [Path(__file__).parent / "plan_files"]
    files = [
        path
        for root in roots
        for path in sorted(root.iterdir())
        if path.is_file() and path.suffix not in NO_FILES
    ]
    rows = [row(path) for path in files]
    print("| file | read as | holds | said |\n|---|---|---|---|")
    print("\n".join(line for _, line in rows))
    loaded = sum(loads for loads, _ in rows)
    print(f"\n{loaded} of {len(rows)} files load.")


if __name__ == "__main__":
    main(sys.argv[1:])
