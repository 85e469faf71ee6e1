# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""Trains the second head: `python -m vision.training.train --data DIR --weights FILE --out FILE`.

The frozen trunk runs in ONNX Runtime, several times faster on a processor than torch; torch learns
only what lies behind it. The learning rate follows the clock, so that a shared machine ends in
time with a finished schedule.
"""

import argparse
import copy
import math
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import load_checkpoint
from ultralytics.utils.loss import v8DetectionLoss

from vision.training.augment import canvas
from vision.training.frozen import Frozen
from vision.training.prepare import LabelledPicture, read_labels
from vision.training.second_head import (
    BACKBONE_END,
    NECK_END,
    layers,
    resumed,
    second_head_model,
)

__all__ = ["main"]

WARM_UP = 0.03
"""Part of the schedule in which the rate rises."""
LAST_RATE = 0.03
AVERAGE = 0.98
"""Weight of the past in the running average of the weights, which is what is saved."""


class Trunk:
    """The layers before the cut, as ONNX Runtime runs them."""

    def __init__(self, coco: Any, cut: int, batch: int, side: int, threads: int) -> None:
        asked = {
            layer.i - 1 if j == -1 else j
            for layer in coco.model[cut:]
            for j in ([layer.f] if isinstance(layer.f, int) else layer.f)
        }
        self.kept = sorted(i for i in asked if i < cut)

        class _Cut(nn.Module):
            def __init__(self, model: Any, kept: list[int]) -> None:
                super().__init__()
                self.model, self.kept = model, kept

            def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
                found = layers(self.model, 0, cut, {-1: picture})
                return tuple(found[i] for i in self.kept)

        self._network = Frozen(
            _Cut(coco.eval(), self.kept), torch.zeros(batch, 3, side, side), threads
        )

    def __call__(self, pictures: np.ndarray) -> dict[int, Tensor]:
        found = self._network(pictures)
        return {i: torch.from_numpy(f) for i, f in zip(self.kept, found, strict=True)}


def load_pictures(folder: Path) -> list[LabelledPicture]:
    """All training pictures, in memory."""
    pictures: list[LabelledPicture] = []
    for path in sorted((folder / "images").glob("*.jpg")):
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path}: not a picture OpenCV can read")
        labels = read_labels(folder / "labels" / f"{path.stem}.txt")
        pictures.append(LabelledPicture(path.stem, np.asarray(image, np.uint8), labels))
    return pictures


def batches(
    pictures: list[LabelledPicture], draw: np.random.Generator, size: int, side: int
) -> Iterator[tuple[np.ndarray, dict[str, Tensor]]]:
    """One pass over the pictures in random order, as canvases."""
    order = draw.permutation(len(pictures))
    for start in range(0, len(order) - size + 1, size):
        boards: list[np.ndarray] = []
        rows: list[tuple[float, ...]] = []
        for number, first in enumerate(order[start : start + size]):
            others = draw.integers(0, len(pictures), 3)
            board, labels = canvas([pictures[i] for i in (first, *others)], draw, side)
            boards.append(board[..., ::-1].transpose(2, 0, 1))
            rows += [(number, *label) for label in labels]
        table = torch.tensor(rows, dtype=torch.float32).reshape(-1, 6)
        yield (
            np.ascontiguousarray(np.stack(boards), dtype=np.float32) / 255,
            {"batch_idx": table[:, 0], "cls": table[:, 1], "bboxes": table[:, 2:]},
        )


def rate_at(part: float) -> float:
    """The learning rate's factor after a part of the schedule."""
    if part < WARM_UP:
        return part / WARM_UP
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * min(1.0, part))) / 2


def train_mode(model: Any, cut: int) -> None:
    """Batch norms of copied layers keep their statistics; only the head's follow the pictures."""
    model.eval()
    model.model[NECK_END].train()
    for number, layer in enumerate(model.model):
        for parameter in layer.parameters():
            parameter.requires_grad = number >= cut
    model.model[NECK_END].dfl.conv.weight.requires_grad = False


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder made by prepare")
    parser.add_argument("--weights", type=Path, required=True, help="COCO YOLO11 checkpoint")
    parser.add_argument("--start", type=Path, help="go on from an exported network (.onnx)")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (.pt)")
    parser.add_argument("--learn", choices=("head", "neck"), default="neck", help="what is copied")
    parser.add_argument("--minutes", type=float, default=50, help="length of the schedule")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=512, help="canvas side, px")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate (AdamW)")
    parser.add_argument("--neck-rate", type=float, default=0.25, help="the neck's share of it")
    parser.add_argument(
        "--threads", type=int, default=1, help="more only on cores that nothing else wants"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    draw = np.random.default_rng(arguments.seed)
    coco, _ = load_checkpoint(str(arguments.weights))
    coco = coco.float()
    cut = BACKBONE_END if arguments.learn == "neck" else NECK_END
    model = second_head_model(coco)
    if arguments.start:
        model = resumed(model, arguments.start)
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    loss_of = v8DetectionLoss(model)
    train_mode(model, cut)
    trunk = Trunk(coco, cut, arguments.batch, arguments.size, arguments.threads)
    head = [p for p in model.model[NECK_END].parameters() if p.requires_grad]
    neck = [
        p for m in model.model[BACKBONE_END:NECK_END] for p in m.parameters() if p.requires_grad
    ]
    groups = [{"params": head, "share": 1.0}, {"params": neck, "share": arguments.neck_rate}]
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], weight_decay=5e-4)
    averaged = copy.deepcopy(model)
    pictures = load_pictures(arguments.data / "train")
    began, epoch, part = time.monotonic(), 0, 0.0
    while part < 1:
        sums, count = np.zeros(3), 0
        for images, truth in batches(pictures, draw, arguments.batch, arguments.size):
            part = (time.monotonic() - began) / (60 * arguments.minutes)
            for group in optimizer.param_groups:
                group["lr"] = arguments.rate * rate_at(part) * group["share"]
            with torch.no_grad():
                known = trunk(images)
            found = layers(model, cut, NECK_END + 1, known)[NECK_END]
            loss, parts = loss_of(found, truth)
            optimizer.zero_grad()
            loss.sum().backward()
            nn.utils.clip_grad_norm_(head + neck, 10.0)
            optimizer.step()
            follow(averaged, model, AVERAGE if part > WARM_UP else 0.0)
            sums += np.array([float(v) for v in parts.values()])
            count += 1
            if part >= 1:
                break
        epoch += 1
        print(
            f"epoch {epoch} part {part:.2f} box/class/dfl {np.round(sums / count, 3)}", flush=True
        )
        saved = {
            "model": averaged.state_dict(),
            "learn": arguments.learn,
            "folded": arguments.start is not None,
        }
        torch.save(saved, arguments.out)
        torch.save(saved, arguments.out.with_stem(f"{arguments.out.stem}-{epoch:03d}"))


def follow(averaged: Any, model: Any, past: float) -> None:
    """Move the running average towards the newest weights."""
    with torch.no_grad():
        for old, new in zip(
            averaged.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if old.is_floating_point():
                old.mul_(past).add_(new, alpha=1 - past)
            else:
                old.copy_(new)


if __name__ == "__main__":
    main()
