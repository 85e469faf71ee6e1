"""Judged alerts as a labelled set, and the training recipe that takes it."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from field_api.contract.messages import Box, Detection, PictureRegion
from field_api.features.detections.labels import CLASSES, LabelledSet, write_labels
from tests.field_api.field import detection, picture
from tests.field_api.post import T0_MS, Post
from tests.field_api.test_detections import store
from tests.field_api.test_evidence_export import CROP, jpeg
from vision.training import classes
from vision.training.prepare import main as prepare
from vision.training.prepare import real_pictures
from vision.training.scenes import group_scenes

FULL = PictureRegion(x=0, y=0, w=1, h=1)
FAR_MS = 600_000
"""Between alerts: further than one alert reaches."""


def scene(number: int) -> np.ndarray:
    """A picture of its own, unlike the others."""
    coarse = np.random.default_rng(number).integers(0, 256, (9, 16, 3), np.uint8)
    return np.kron(coarse, np.ones((20, 20, 1), np.uint8)).astype(np.uint8)


def alert(number: int, **changes: Any) -> Detection:
    at_ms = T0_MS + number * FAR_MS
    image = scene(number)
    cut = image[54:126, 96:192]
    return detection(
        **{
            "t_ms": at_ms,
            "first_seen_ms": at_ms - 1000,
            "track_id": number,
            "evidence": [
                picture(jpeg(cut), role="crop", part=CROP),
                picture(jpeg(image), role="frame", part=FULL),
            ],
            **changes,
        }
    )


async def judge(post: Post, message: Detection, verdict: str, cause: str | None = None) -> None:
    duty = await post.sign_in("duty")
    body = {"verdict": verdict, "reason": "x" if verdict == "reject" else None, "cause": cause}
    answer = await duty.post(f"detections/{message.id}/review", json=body)
    assert answer.status_code == 200, answer.text


def labelled(post: Post, out: Path, since_ms: int = 0) -> LabelledSet:
    with post.services.store.read() as session:
        return write_labels(session, post.services.blobs.path, out, since_ms)


def rows(out: Path, message: Detection) -> list[list[str]]:
    [file] = out.glob(f"judged/labels/*{message.id[-12:]}.txt")
    return [line.split() for line in file.read_text("utf-8").splitlines()]


async def test_the_cause_of_a_rejection_says_whether_something_was_there(
    post: Post, tmp_path: Path
) -> None:
    verdicts: list[tuple[str, str | None]] = [
        ("confirm", None),
        ("reject", "not_a_target"),
        ("reject", "own_people"),
        ("reject", "known"),
        ("reject", "unclear"),
        ("reject", None),
    ]
    messages = [alert(n) for n in range(len(verdicts) + 1)]
    store(post, *messages)
    for message, (verdict, cause) in zip(messages, verdicts, strict=False):
        await judge(post, message, verdict, cause)
    out = tmp_path / "set"
    made = labelled(post, out)
    assert dict(made.left_out) == {"unclear": 1, "no_cause": 1}
    assert [len(rows(out, message)) for message in messages[:4]] == [1, 0, 1, 1]
    assert len(list(out.glob("judged/images/*.jpg"))) == 4
    number, *places = rows(out, messages[0])[0]
    assert (number, [float(v) for v in places]) == ("0", [0.45, 0.5, 0.1, 0.2])


async def test_somebody_nobody_has_judged_is_never_learnt_as_nobody(
    post: Post, tmp_path: Path
) -> None:
    own = PictureRegion(x=0.4, y=0.4, w=0.1, h=0.2)
    far = PictureRegion(x=0.8, y=0.8, w=0.05, h=0.1)
    near = PictureRegion(x=0.5, y=0.5, w=0.05, h=0.1)
    by_crop, by_none = alert(1, people=[own, far]), alert(2, people=[own, near])
    together = (
        alert(3, people=[own, far]),
        alert(
            3,
            people=[own, far],
            track_id=33,
            box=Box(track_id=33, label="person", confidence=0.7, x=0.8, y=0.8, w=0.05, h=0.1),
        ),
    )
    messages = [by_crop, by_none, *together]
    store(post, *messages)
    for message in messages:
        await judge(post, message, "confirm")
    out = tmp_path / "set"
    made = labelled(post, out)
    assert dict(made.left_out) == {"unjudged_people": 1}
    roles = {item["alerts"][0]: (item["role"], item["boxes"]) for item in made.pictures}
    assert roles[by_crop.id] == ("crop", 1)
    # Both people of one frame have been judged: the frame goes along, once, with both.
    assert roles[together[0].id] == ("frame", 2)
    assert len(made.pictures) == 2


async def test_the_recipe_takes_the_set(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [
        alert(1),
        alert(2, label="smoke"),
        alert(3, label="smoke"),
    ]
    store(post, *messages)
    for message, verdict in zip(messages, ("confirm", "confirm", "reject"), strict=True):
        await judge(post, message, verdict, "not_a_target" if verdict == "reject" else None)
    judged, made = tmp_path / "judged", tmp_path / "made"
    labelled(post, judged)
    taken = sorted(boxes or [] for boxes in real_pictures(judged).values())
    assert taken == [[], [(0, 0.45, 0.5, 0.1, 0.2)], [(1, 0.45, 0.5, 0.1, 0.2)]]
    # One camera's alerts of one day are one scene: never both trained on and judged by.
    assert len(group_scenes(list(real_pictures(judged)))) == 1
    arguments = ["--real", str(judged), "--hold-out-share", "0", "--out", str(made)]
    monkeypatch.setattr(sys, "argv", ["prepare", *arguments])
    prepare()
    assert json.loads((made / "manifest.json").read_text()) == {"real train": 3}
    written = sorted(file.read_text() for file in made.glob("train/labels/*.txt"))
    assert [line.split()[:1] for line in written] == [[], ["0"], ["1"]]
    assert len(list(made.glob("train/images/*.jpg"))) == 3


def test_the_recipe_s_classes_are_ours() -> None:
    assert CLASSES == classes.CLASSES


async def test_a_set_is_never_mixed_into_another(post: Post, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("x")
    with pytest.raises(FileExistsError):
        labelled(post, tmp_path)


def test_the_command_writes_the_set_and_says_so_in_the_trail(seeded: Path, tmp_path: Path) -> None:
    from field_api.admin_commands import admin, audit

    data_dir, out = tmp_path / "data", tmp_path / "set"
    shutil.copytree(seeded, data_dir)
    run = CliRunner()
    asked = ["labels", "--out", str(out), "--since", "2025-01-01", "--data-dir", str(data_dir)]
    told = run.invoke(admin, asked)
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == {"pictures": 0, "left_out": {}}
    assert (out / "data.yaml").read_text() == "names:\n  0: person\n  1: smoke\n"
    trail = run.invoke(audit, ["export", "--data-dir", str(data_dir)])
    assert "detection.labels_exported" in trail.stdout
    again = run.invoke(admin, asked)
    assert again.exit_code == 2
    assert "not empty" in again.output
