# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""Trains the row for people who lie: `python -m vision.training.lying --real DIR --out FILE`.

COCO's network draws good boxes round small people who lie, it only doesn't call them people. So
nothing is learnt but one more score for the boxes it draws on its finest grid, from the numbers its
head has there already: COCO's people stay what they are, and a look costs hardly more.

The pictures: people drawn on real and drawn ground, most of them lying, beside coloured things
that are none (`decoys`); simulated people, seen from above; real pictures as they are, whose people
count as none: they are COCO's. Whole scenes held out are not used (`scenes`).
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from ultralytics.nn.tasks import load_checkpoint

from vision.training import composites
from vision.training.augment import recoloured
from vision.training.decoys import draw_decoy
from vision.training.frozen import Frozen
from vision.training.prepare import PERSON, TILE_PX, real_pictures, simulated_pictures, tiles_of
from vision.training.scenes import group_scenes, held_out
from vision.training.second_head import NECK_END, layers

__all__ = ["Cells", "LyingRow", "main"]

FINEST = 16
"""YOLO11's layer whose output is the neck's finest grid."""
STRIDE, BINS = 8, 16
CELLS = TILE_PX // STRIDE
FEATURES = 64 + 80 + 64
"""Of the neck, of the head's classes before their last layer, of its boxes."""
RIGHT_IOU, POSSIBLE_IOU, BEST = 0.45, 0.3, 6
"""A box this good is an example; where none is, the best one over the second; at most so many."""
LYING_SHARE = 0.7
ROUNDS, EASY, HARD = 3, 120_000, 60_000
"""Rounds of learning, cells without people by lot, and hardest ones added after each round."""
Boxes = NDArray[np.floating]


class Cells(nn.Module):
    """Per cell of the finest grid: what COCO's head knows of it, and the box it draws."""

    def __init__(self, coco: Any) -> None:
        super().__init__()
        self.coco = coco

    def forward(self, picture: Tensor) -> Tensor:
        return self.of(layers(self.coco, 0, NECK_END, {-1: picture})[FINEST])

    def of(self, grid: Tensor) -> Tensor:
        """The same from the neck's output; the box's 64 numbers are the last."""
        head: Any = self.coco.model[NECK_END]
        return torch.cat([grid, head.cv3[0][:2](grid), head.cv2[0](grid)], 1)


class LyingRow(nn.Module):
    """Scores cells; sees one at a time, for each already knows its surroundings."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(FEATURES, affine=False)
        self.score = nn.Sequential(
            nn.Conv2d(FEATURES, width, 1),
            nn.SiLU(),
            nn.Conv2d(width, width, 1),
            nn.SiLU(),
            nn.Conv2d(width, 1, 1),
        )
        nn.init.constant_(self.score[-1].bias, -5.0)

    def forward(self, cells: Tensor) -> Tensor:
        """Logits, one per cell."""
        return self.score(self.norm(cells))


@dataclass(frozen=True)
class Scene:
    """A canvas and the people to learn, px."""

    image: NDArray[np.uint8]
    people: Boxes


def training_pictures(
    folders: list[Path], hold_out: list[str], share: float
) -> list[NDArray[np.uint8]]:
    """Real pictures without people, of scenes that are not held out, flames and smoke or not.

    They stand for ground where nobody lies: a confirmed alert's picture would teach the contrary.
    """
    kept: list[NDArray[np.uint8]] = []
    for folder in folders:
        pictures = real_pictures(folder)
        empty = [p for p, rows in pictures.items() if not any(c == PERSON for c, *_ in rows or [])]
        for scene in group_scenes(empty):
            if not held_out(scene, hold_out, share):
                kept += [np.asarray(cv2.imread(str(path)), np.uint8) for path in scene]
    return kept


def part_of(draw: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A square piece, whole or up to 1.8 times enlarged, mirrored or not."""
    scale = TILE_PX / min(picture.shape[:2]) * draw.uniform(1.0, 1.8)
    w, h = (max(TILE_PX, round(n * scale)) for n in picture.shape[1::-1])
    large = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)
    x, y = int(draw.integers(0, w - TILE_PX + 1)), int(draw.integers(0, h - TILE_PX + 1))
    piece = large[y : y + TILE_PX, x : x + TILE_PX]
    return np.ascontiguousarray(piece[:, ::-1] if draw.random() < 0.5 else piece, np.uint8)


def boxes_px(rows: list[tuple[int, float, float, float, float]]) -> Boxes:
    """Left, top, right, bottom of labels."""
    x, y, w, h = (np.array([r[1:] for r in rows]).reshape(-1, 4) * TILE_PX).T
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)


def drawn_scene(draw: np.random.Generator, real: list[NDArray[np.uint8]]) -> Scene:
    """People, some of whom stand, and things on real or drawn ground."""
    if draw.random() < 0.4:
        image = composites.ground(draw).copy()
    else:
        image = part_of(draw, real[int(draw.integers(len(real)))]).astype(np.float32) / np.float32(
            255
        )
    for _ in range(int(draw.integers(0, 4))):
        draw_decoy(draw, image, real)
    tried = [composites.person(draw, image, LYING_SHARE) for _ in range(int(draw.integers(1, 6)))]
    whole = np.clip(image * 255, 0, 255).astype(np.uint8)
    return Scene(recoloured(whole, draw), boxes_px([row for row in tried if row]))


def scenes(
    draw: np.random.Generator, real: list[NDArray[np.uint8]], simulated: list[Path], count: int
) -> Iterator[Scene]:
    """All scenes: `count` drawn ones, two thirds as many real pieces, a fifth simulated ones."""
    for _ in range(count):
        yield drawn_scene(draw, real)
    for _ in range(2 * count // 3):
        piece = part_of(draw, real[int(draw.integers(len(real)))])
        yield Scene(recoloured(piece, draw), boxes_px([]))
    frames = [frame for folder in simulated for frame in simulated_pictures(folder)]
    lots = random.Random(int(draw.integers(2**31)))
    for _ in range(count // 5 if frames else 0):
        *_, tile = tiles_of(frames[int(draw.integers(len(frames)))], lots, 1)
        people = [row for row in tile.boxes if row[0] == PERSON]
        image = np.ascontiguousarray(tile.image, np.uint8)
        yield Scene(recoloured(image, draw), boxes_px(people))


_STEPS = (np.arange(CELLS) + 0.5) * STRIDE


def boxes_of(cells: NDArray[np.float32]) -> Boxes:
    """The boxes a canvas' cells draw (left, top, right, bottom; 4 x rows x columns, px)."""
    bins = cells[-4 * BINS :].reshape(4, BINS, CELLS, CELLS)
    shares = np.exp(bins - bins.max(1, keepdims=True))
    reach = np.tensordot(np.arange(BINS), shares / shares.sum(1, keepdims=True), (0, 1)) * STRIDE
    x, y = _STEPS[None, :], _STEPS[:, None]
    return np.stack([x - reach[0], y - reach[1], x + reach[2], y + reach[3]])


def overlap(boxes: Boxes, truth: Boxes) -> Boxes:
    """Intersection over union of each cell's box with one."""
    w = np.minimum(boxes[2], truth[2]) - np.maximum(boxes[0], truth[0])
    h = np.minimum(boxes[3], truth[3]) - np.maximum(boxes[1], truth[1])
    shared = np.clip(w, 0, None) * np.clip(h, 0, None)
    areas = (boxes[2] - boxes[0]) * (boxes[3] - boxes[1])
    return shared / (areas + (truth[2] - truth[0]) * (truth[3] - truth[1]) - shared + 1e-9)


def inside(truth: Boxes) -> NDArray[np.bool_]:
    """Cells whose middle lies in a box or half a cell beside it."""
    across = (truth[0] - STRIDE / 2 < _STEPS) & (truth[2] + STRIDE / 2 > _STEPS)
    down = (truth[1] - STRIDE / 2 < _STEPS) & (truth[3] + STRIDE / 2 > _STEPS)
    return down[:, None] & across[None, :]


def wanted(scene: Scene, boxes: Boxes) -> NDArray[np.float32]:
    """What each cell should score: how good its box is, 0 for none, NaN where it doesn't matter."""
    scores = np.zeros((CELLS, CELLS), np.float32)
    for truth in scene.people:
        scores[inside(truth)] = np.nan
    for truth in scene.people:
        good = np.where(inside(truth), overlap(boxes, truth), 0)
        least = max(float(np.sort(good, axis=None)[-BEST]), RIGHT_IOU)
        if good.max() < least:
            least = max(float(good.max()), POSSIBLE_IOU)
        best = good >= least
        scores[best] = np.fmax(scores[best], good[best])
    return scores


def fit(cells: Tensor, scores: Tensor, passes: int) -> LyingRow:
    """Learn to score cells (n x features, n); varifocal loss, weighted by quality and error."""
    row = LyingRow()
    norm: Any = row.norm
    norm.running_mean.copy_(cells.mean(0))
    norm.running_var.copy_(cells.var(0))
    row.train()
    norm.eval()
    size = 4096
    steps = passes * (len(cells) // size)
    optimizer = torch.optim.AdamW(row.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for _ in range(passes):
        for chosen in torch.randperm(len(cells))[: len(cells) // size * size].reshape(-1, size):
            batch, target = cells[chosen], scores[chosen]
            # Nearly the same picture is the same person.
            batch = batch + 0.1 * norm.running_var.sqrt() * torch.randn_like(batch)
            logits = row(batch.T[None, :, :, None])[0, 0, :, 0]
            weight = torch.where(target > 0, target, logits.detach().sigmoid() ** 1.5)
            losses = nn.functional.binary_cross_entropy_with_logits(
                logits, target, weight, reduction="sum"
            )
            optimizer.zero_grad()
            (losses / (target.sum() + 1)).backward()
            optimizer.step()
            schedule.step()
    return row.eval()


def learn(
    cells: NDArray[np.float16], scores: NDArray[np.float32], draw: np.random.Generator
) -> LyingRow:
    """Learn in rounds: each adds the cells without people that the last one scored highest."""
    people = np.flatnonzero(scores > 0)
    empty = np.flatnonzero(scores == 0)
    chosen = draw.choice(empty, min(EASY, len(empty)), replace=False)
    row = LyingRow()
    for number in range(ROUNDS):
        # People are few: each counts twice.
        used = np.concatenate([np.unique(chosen), people, people])
        last = number == ROUNDS - 1
        examples = torch.from_numpy(cells[used]).float()
        row = fit(examples, torch.from_numpy(scores[used]), 14 if last else 8)
        with torch.no_grad():
            found = np.concatenate(
                [
                    row(torch.from_numpy(part).float().T[None, :, :, None]).numpy().ravel()
                    for part in np.array_split(cells, max(1, len(cells) // 200_000))
                ]
            )
        hardest = empty[np.argsort(-found[empty])[:HARD]]
        print(
            f"round {number + 1}: {len(people)} people, {len(np.unique(chosen))} empty", flush=True
        )
        chosen = np.concatenate([chosen, hardest])
    return row


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, nargs="+", required=True, help="sets in YOLO's layout")
    parser.add_argument("--simulated", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", type=Path, required=True, help="COCO YOLO11 checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="row to write (.pt)")
    parser.add_argument("--scenes", type=int, default=800, help="drawn ones")
    parser.add_argument("--hold-out", nargs="*", default=["pexels-alan"], help="name prefixes")
    parser.add_argument("--hold-out-share", type=float, default=0.2, help="further scenes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    draw = np.random.default_rng(arguments.seed)
    coco, _ = load_checkpoint(str(arguments.weights))
    coco = coco.float().eval()
    coco.fuse(verbose=False)
    network = Frozen(Cells(coco), torch.zeros(1, 3, TILE_PX, TILE_PX), arguments.threads)
    real = training_pictures(arguments.real, arguments.hold_out, arguments.hold_out_share)
    cells: list[NDArray[np.float16]] = []
    scores: list[NDArray[np.float32]] = []
    for scene in scenes(draw, real, arguments.simulated, arguments.scenes):
        picture = scene.image[..., ::-1].transpose(2, 0, 1)[None]
        found = network(np.ascontiguousarray(picture, np.float32) / np.float32(255))[0][0]
        scores.append(wanted(scene, boxes_of(found)).ravel())
        cells.append(found.reshape(FEATURES, -1).T.astype(np.float16))
    row = learn(np.concatenate(cells), np.concatenate(scores), draw)
    torch.save(row.state_dict(), arguments.out)


if __name__ == "__main__":
    main()
