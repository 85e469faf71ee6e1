"""The public SAREnv benchmark: likelihood collected by five drones in 100 km.

SAREnv (github.com/bullox/SAREnv, MIT) stays outside this repository: put its heatmaps 1 to 15 and
`results/comparative_metrics_results_n5_budget100000.csv` into a folder as `1/heatmap.npy` and
`results.csv`, and name it in XUNSHAN_SARENV. The metric is re-implemented from its description: a
cell counts once its middle was within 80 m x tan(22.5 deg) of a drone, sampled every 15 m.

Its cells are 30 m wide and count as seen whole or not at all, so a track along the middle of a row
collects three rows (90 m) though the camera sees 66 m of ground. Both lane spacings are reported.
"""

import csv
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mission_plans.probability.best_tours import best_tours, prizes_of

FOLDER = "XUNSHAN_SARENV"
CELL_M = 30.0
RADIUS_CELLS = 60
SEEN_M = 80 * math.tan(math.radians(22.5))
DRONES, BUDGET_M = 5, 20_000.0
DATASETS = 15
"""Of 60; the heatmaps of the others are not in the public repository."""
SPACINGS_M = {"66 m lanes, the camera's own swath": 2 * SEEN_M, "90 m lanes": 90.01}


def _heatmap(folder: Path, number: int) -> NDArray[np.float64]:
    """Return the medium area, 1.8 km round the middle; the rest of the probability is outside."""
    whole = np.load(folder / str(number) / "heatmap.npy")
    row, column = (n // 2 for n in whole.shape)
    reach = RADIUS_CELLS
    part = whole[row - reach : row + reach, column - reach : column + reach].copy()
    y, x = np.mgrid[-reach:reach, -reach:reach]
    part[x**2 + y**2 > reach**2] = 0
    return part


def _collected(heatmap: NDArray[np.float64], tracks: tuple[NDArray[np.float64], ...]) -> float:
    seen = np.zeros(heatmap.shape, dtype=bool)
    middles = (np.arange(heatmap.shape[0]) + 0.5) * CELL_M
    for track in tracks:
        along = np.append(0, np.cumsum(np.hypot(*np.diff(track, axis=0).T)))
        at = np.linspace(0, along[-1], math.ceil(along[-1] / 15) + 1)
        for x, y in zip(
            np.interp(at, along, track[:, 0]), np.interp(at, along, track[:, 1]), strict=True
        ):
            c, r = max(0, int(x / CELL_M) - 2), max(0, int(y / CELL_M) - 2)
            near = np.hypot(middles[c : c + 5][None, :] - x, middles[r : r + 5][:, None] - y)
            seen[r : r + 5, c : c + 5] |= near <= SEEN_M
    return float(heatmap[seen].sum())


def _published(folder: Path) -> dict[int, float]:
    best: dict[int, float] = {}
    with (folder / "results.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            number, score = int(row["Dataset"]), float(row["Likelihood Score"])
            if number <= DATASETS:
                best[number] = max(best.get(number, 0.0), score)
    return best


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the means over datasets 1 to 15, for both spacings."""
    if FOLDER not in os.environ:
        yield f"SAREnv: skipped, {FOLDER} names no folder", math.nan, "-", "-"
        return
    folder = Path(os.environ[FOLDER])
    published = _published(folder)
    yield "SAREnv: best published of five, mean", float(np.mean(list(published.values()))), "", "-"
    for name, spacing_m in SPACINGS_M.items():
        scores: list[float] = []
        firsts: list[float] = []
        seconds: list[float] = []
        ahead = 0
        for number in published:
            heatmap = _heatmap(folder, number)
            began_s = time.perf_counter()
            prizes = prizes_of(heatmap, 0, 0, CELL_M, spacing_m)
            middle = RADIUS_CELLS * CELL_M
            found = []
            for tours in best_tours(prizes, (middle, middle), DRONES, BUDGET_M, come_home=False):
                if not found:
                    firsts.append(time.perf_counter() - began_s)
                found.append(tours)
            seconds.append(time.perf_counter() - began_s)
            assert sum(found[-1].lengths_m) <= DRONES * BUDGET_M
            scores.append(_collected(heatmap, found[-1].tracks))
            ahead += scores[-1] > published[number]
        yield f"SAREnv, {name}: mean likelihood", float(np.mean(scores)), "", "0.1898; 0.2044"
        yield f"SAREnv, {name}: better than the best published", ahead, "of 15", "15"
        yield f"SAREnv, {name}: first answer", float(np.mean(firsts)) * 1000, "ms", "-"
        yield f"SAREnv, {name}: all tries", float(np.mean(seconds)) * 1000, "ms", "1,000"
