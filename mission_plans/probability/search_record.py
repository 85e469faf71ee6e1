"""What searching has achieved: where the missing may still be, and the chance already searched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from mission_plans.ground.footprint import Views
from mission_plans.ground.seen_ground import quad_cells
from mission_plans.probability.probability_map import ProbabilityMap

__all__ = ["SearchRecord", "SectorChance", "passes_over"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SectorChance:
    """A sector's figures as search planning names them."""

    poa: float
    """Probability that the missing are in it, after what was searched."""
    pod: float
    """Probability that searching so far would have found them there."""
    pos: float
    """Probability of success so far: first thought there, and would have been found."""


def passes_over(raster: ProbabilityMap, views: Views, group: int = 1) -> Floats:
    """Return how often every cell lay inside a frame, frames of one pass counted once.

    Args:
        raster: whose cells.
        views: frames in order of time.
        group: frames at most this far apart in order belong to one pass.
    """
    passes = np.zeros(raster.poa.size)
    last = np.full(raster.poa.size, -(10**9))
    chunks = quad_cells(
        views.corners, raster.west_m, raster.south_m, raster.cell_m, raster.poa.shape
    )
    for frame_of, cells in chunks:
        order = np.argsort(frame_of, kind="stable")
        for frame, start in zip(*np.unique(frame_of[order], return_index=True), strict=True):
            stop = np.searchsorted(frame_of[order], frame, side="right")
            inside = cells[order[start:stop]]
            fresh = frame - last[inside] > group
            passes[inside[fresh]] += 1
            last[inside] = frame
    return passes.reshape(raster.poa.shape)


@dataclass(frozen=True)
class SearchRecord:
    """A map as first drawn, and the chance that searching has missed a person in each cell."""

    first: ProbabilityMap
    missed: Floats
    """Product of (1 - detection) over all passes; 1 where nobody looked."""

    @classmethod
    def fresh(cls, first: ProbabilityMap) -> "SearchRecord":
        """Return the record of a search not begun."""
        return cls(first, np.ones(first.poa.shape))

    def searched(self, passes: Floats, detection: float | Floats) -> "SearchRecord":
        """Return the record after passes that each find a person with a probability."""
        return replace(self, missed=self.missed * (1 - np.asarray(detection)) ** passes)

    @property
    def cumulative_pos(self) -> float:
        """Chance that the search so far would have found them: "68 % already searched here"."""
        return float((self.first.poa * (1 - self.missed)).sum())

    @property
    def posterior(self) -> ProbabilityMap:
        """Where they may be now, given that they were not found (Bayes' rule)."""
        left = self.first.poa * self.missed
        total = float(left.sum()) + self.first.outside
        return self.first.with_poa(left / total if total > 0 else left)

    def sector(self, shape: shapely.Geometry) -> SectorChance:
        """Return the figures of a sector given in metres."""
        x, y = self.first.middles()
        inside = shapely.contains_xy(shape, x, y)
        before = float(self.first.poa[inside].sum())
        pos = float((self.first.poa * (1 - self.missed))[inside].sum())
        return SectorChance(
            poa=float(self.posterior.poa[inside].sum()),
            pod=pos / before if before > 0 else 0.0,
            pos=pos,
        )

    def within(self, shapes: Sequence[shapely.Geometry]) -> list[SectorChance]:
        """Return the figures of several sectors."""
        return [self.sector(shape) for shape in shapes]
