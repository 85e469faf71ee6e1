"""One frame of the world, and the truth of what is in it."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.camera.figures import draw_people
from sim.camera.ground_view import MESH_PX, GroundView
from sim.camera.plume import draw_burnt_ground, draw_smoke
from sim.camera.projection import Lens, Viewpoint
from sim.world.ground import texture
from sim.world.world import Moment, World

__all__ = ["Frame", "Renderer", "TruthBox"]

GRAIN_FRAMES = 8
HIDDEN_MARGIN_M = 6.0


@dataclass(frozen=True, slots=True)
class TruthBox:
    """Something really in the picture; pixels."""

    label: str
    id: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture (BGR) with its truth, which detectors never see."""

    image: NDArray[np.uint8]
    truth: tuple[TruthBox, ...]


class Renderer:
    """Draws one world through one lens."""

    def __init__(self, world: World, lens: Lens) -> None:
        self.world = world
        self.lens = lens
        self._ground = GroundView(world.heights, texture(world.seed), lens)
        rng = np.random.default_rng(world.seed + 17)
        shape = (GRAIN_FRAMES, lens.height_px, lens.width_px, 1)
        grain = rng.normal(0, 2.6, shape).astype(np.int16)
        self._lighter = np.repeat(np.clip(grain, 0, 20), 3, axis=3).astype(np.uint8)
        self._darker = np.repeat(np.clip(-grain, 0, 20), 3, axis=3).astype(np.uint8)

    def zoom(self, hfov_deg: float) -> None:
        """See through another focal length from now on."""
        if abs(hfov_deg - self.lens.hfov_deg) < 0.01:
            return
        self.lens = replace(self.lens, hfov_deg=hfov_deg)
        self._ground = GroundView(self.world.heights, texture(self.world.seed), self.lens)

    def frame(self, view: Viewpoint, moment: Moment, number: int = 0, light: float = 1.0) -> Frame:
        """Return the picture from `view` at `moment`.

        Args:
            view: camera position and direction.
            moment: the world's truth.
            number: frame number; picks the sensor noise.
            light: brightness factor of the scene.
        """
        heights = self.world.heights
        image, ranges = self._ground.draw(view, light)
        outline_z = [heights.one(x, y) for x, y in moment.fire_outline]
        draw_burnt_ground(image, moment.fire_outline, outline_z, view, self.lens, moment.t_s)
        feet_z = [heights.one(person.x, person.y) for person in moment.people]
        shown = [
            (person, z)
            for person, z in zip(moment.people, feet_z, strict=True)
            if self._visible((person.x, person.y, z + 1.0), view, ranges)
        ]
        boxes = draw_people(
            image,
            tuple(person for person, _ in shown),
            [z for _, z in shown],
            view,
            self.lens,
            light,
        )
        truth = [TruthBox("person", id, *box) for id, box in boxes]
        smoke = draw_smoke(image, moment.puffs, view, self.lens, light)
        if smoke is not None:
            truth.append(TruthBox("smoke", "smoke", *smoke))
        image = cv2.GaussianBlur(image, (3, 3), 0.55)
        grain = number % GRAIN_FRAMES
        image = cv2.subtract(cv2.add(image, self._lighter[grain]), self._darker[grain])
        return Frame(np.asarray(image, np.uint8), tuple(truth))

    def _visible(
        self, point: tuple[float, float, float], view: Viewpoint, ranges: NDArray[np.float32]
    ) -> bool:
        pixels, depth = view.project([point], self.lens)
        u, v = float(pixels[0, 0]), float(pixels[0, 1])
        margin = 40
        if depth[0] <= 2 or not (
            -margin < u < self.lens.width_px + margin and -margin < v < self.lens.height_px + margin
        ):
            return False
        column = int(np.clip(round(u / MESH_PX), 0, ranges.shape[1] - 1))
        row = int(np.clip(round(v / MESH_PX), 0, ranges.shape[0] - 1))
        away = float(np.linalg.norm(np.subtract(point, (view.x, view.y, view.z))))
        # Behind a ridge the ground is hit well before the person.
        return away <= float(ranges[row, column]) * 1.1 + HIDDEN_MARGIN_M
