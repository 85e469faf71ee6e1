"""`xunshan vision evaluate` on a set of two pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from vision.commands import vision
from vision.registry import DEFAULT_MODEL, load_card
from vision.training.composites import draw_tile
from vision.training.pictures import Subject

SEEDS = (8_000_001, 8_000_006)
"""Tiles the model was not trained on, with people in them."""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    lines = ["name,agl_m"]
    for number, seed in enumerate(SEEDS):
        tile = draw_tile(seed)
        cv2.imwrite(str(folder / "images" / f"{number}.png"), tile.image)
        rows = [" ".join(map(str, box)) for box in tile.boxes]
        (folder / "labels" / f"{number}.txt").write_text("\n".join(rows))
        lines.append(f"{number}.png,{40 + 40 * number}")
    cv2.imwrite(str(folder / "images" / "empty.png"), np.full((64, 64, 3), 128, np.uint8))
    (folder / "heights.csv").write_text("\n".join(lines))
    return folder


def evaluated(*arguments: str) -> tuple[int, list[list[str]]]:
    """Exit status and the cells of the table's lines."""
    result = CliRunner().invoke(vision, ["evaluate", *arguments])
    lines = [line.strip("| ").split(" | ") for line in result.output.splitlines()]
    return result.exit_code, lines


def test_models_stand_side_by_side_with_recall_by_height(pictures: Path, tmp_path: Path) -> None:
    shipped = load_card(DEFAULT_MODEL)
    deaf = json.loads((shipped.folder / f"{DEFAULT_MODEL}.json").read_text())
    deaf |= {"name": "deaf", "thresholds": dict.fromkeys(shipped.classes, 0.999)}
    (tmp_path / shipped.file).symlink_to(shipped.path)
    (tmp_path / "deaf.json").write_text(json.dumps(deaf))
    people = sum(box[0] == 0 for seed in SEEDS for box in draw_tile(seed).boxes)
    status, table = evaluated(
        *("--model", DEFAULT_MODEL, "--model", str(tmp_path / "deaf.json"), "--width", "640"),
        *("--data", f"drawn:person:0={pictures}", "--min-px", "0"),
    )
    assert status == 0
    head, _, ours, theirs = table
    cell = dict(zip(head, ours, strict=True))
    assert (cell["what"], cell["model"], cell["input"]) == ("drawn", DEFAULT_MODEL, "640")
    assert (cell["pictures"], cell["objects"]) == ("3", str(people))
    assert float(cell["AP50"]) > 0.1
    assert cell["empty pictures that alarm"] == "0 of 1"
    by_height = [part.split(" of ") for part in ours[-1].split(" / ")]
    found, wanted = (sum(int(part[n]) for part in by_height) for n in (0, 1))
    assert (wanted, found) == (people, round(float(cell["recall"]) * people))
    assert [part[1] for part in by_height].count("0") == 3  # 40 m and 80 m only
    assert dict(zip(head, theirs, strict=True))["recall"] == "0.0"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "none", "--data", "a:person:0={set}"), "no model card"),
        (("--model", DEFAULT_MODEL, "--data", "person={set}"), "NAME:LABEL:INDEX=DIR"),
        (("--model", DEFAULT_MODEL, "--data", "a:person:0={set}/none"), "no folder images/"),
    ],
)
def test_what_is_wrong_is_said(pictures: Path, arguments: tuple[str, ...], said: str) -> None:
    given = [one.format(set=pictures) for one in arguments]
    result = CliRunner().invoke(vision, ["evaluate", *given])
    assert result.exit_code == 2
    assert said in result.output


def test_heights_in_another_form_are_refused(pictures: Path) -> None:
    from vision.training.pictures import pictures_of

    (pictures / "heights.csv").write_text("name,height\n0.png,40\n")
    with pytest.raises(ValueError, match="name,agl_m"):
        list(pictures_of(Subject.parse(f"a:person:0={pictures}")))
