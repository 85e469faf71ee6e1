"""The ground as the camera sees it: rays to the terrain on a coarse mesh, texture by remapping.

Rays of a mesh of 16-pixel cells are marched into the height field, so ridges hide what is behind
them; positions between are interpolated. Each strip of the picture takes the mip level that fits
its distance, which keeps far woods from shimmering.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.camera.projection import Lens, Viewpoint
from sim.world.ground import (
    DETAIL_M_PER_PX,
    DETAIL_PX,
    TINT_M_PER_PX,
    TINT_PX,
    GroundTexture,
)
from sim.world.world import HeightField

__all__ = ["GroundView"]

MESH_PX = 16
STRIP_PX = 3 * MESH_PX
NEAR_M = 8.0
FAR_M = 5500.0
MARCH_GROWTH = 1.09
HAZE_M = 3800.0
HAZE_BGR = (206, 198, 186)
SKY_TOP_BGR = (196, 150, 110)

Floats = NDArray[np.float32]
Image = NDArray[np.uint8]


class GroundView:
    """Draws ground and sky of one world through one lens."""

    def __init__(self, heights: HeightField, texture: GroundTexture, lens: Lens) -> None:
        self._heights = heights
        self._texture = texture
        self._lens = lens
        columns = math.ceil(lens.width_px / MESH_PX) + 1
        rows = math.ceil(lens.height_px / MESH_PX) + 1
        u, v = np.meshgrid(np.arange(columns) * MESH_PX, np.arange(rows) * MESH_PX)
        self._rays = np.stack(
            [
                (u - lens.width_px / 2) / lens.focal_px,
                (v - lens.height_px / 2) / lens.focal_px,
                np.ones(u.shape),
            ],
            axis=-1,
        )
        count = math.ceil(math.log(FAR_M / NEAR_M) / math.log(MARCH_GROWTH))
        self._ranges = (NEAR_M * MARCH_GROWTH ** np.arange(count + 1)).astype(np.float32)

    def draw(self, view: Viewpoint, light: float = 1.0) -> tuple[Image, Floats]:
        """Return the picture (BGR) and the range along the ray in metres of every mesh node."""
        directions = (self._rays @ view.axes()).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        ranges, sky = self._march(view, directions)
        x = view.x + directions[..., 0] * ranges
        y = view.y + directions[..., 1] * ranges
        picture = self._textured(x, y, ranges)
        self._haze(picture, ranges, sky)
        if light != 1.0:
            picture = cv2.convertScaleAbs(picture, alpha=light)
        return np.asarray(picture, np.uint8), ranges

    def _march(self, view: Viewpoint, directions: Floats) -> tuple[Floats, Floats]:
        rows, columns, _ = directions.shape
        flat = directions.reshape(-1, 3)
        reach = self._ranges[None, :]
        x = view.x + flat[:, 0:1] * reach
        y = view.y + flat[:, 1:2] * reach
        z = view.z + flat[:, 2:3] * reach
        above = z - self._heights.at(x.astype(np.float32), y.astype(np.float32))
        below = above <= 0
        hit = below.any(axis=1)
        first = np.clip(below.argmax(axis=1), 1, len(self._ranges) - 1)
        index = np.arange(len(flat))
        a, b = above[index, first - 1], above[index, first]
        near, far = self._ranges[first - 1], self._ranges[first]
        part = np.where(a - b > 1e-6, a / np.maximum(a - b, 1e-6), 0.0)
        ranges = np.where(hit, near + (far - near) * np.clip(part, 0, 1), FAR_M)
        return (
            ranges.reshape(rows, columns).astype(np.float32),
            (~hit).reshape(rows, columns).astype(np.float32),
        )

    def _full(self, mesh: Floats) -> Floats:
        """Interpolate a mesh, whose nodes sit on pixel corners, at every pixel's centre."""
        rows, columns = mesh.shape[:2]
        size = (columns * MESH_PX, rows * MESH_PX)
        full = cv2.resize(mesh, size, interpolation=cv2.INTER_LINEAR)
        half = MESH_PX // 2
        return np.asarray(
            full[half : half + self._lens.height_px, half : half + self._lens.width_px], np.float32
        )

    def _land(self, px: Floats, py: Floats) -> tuple[Image, Image]:
        """Return tint and forest share, which are smooth: looked up at a quarter of the size."""
        size = (self._lens.width_px, self._lens.height_px)
        u = px[2::4, 2::4] / TINT_M_PER_PX + TINT_PX / 2
        v = TINT_PX / 2 - py[2::4, 2::4] / TINT_M_PER_PX
        small = [
            cv2.remap(layer, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for layer in (self._texture.tint, self._texture.wood_share)
        ]
        tint, share = (cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR) for layer in small)
        return np.asarray(tint, np.uint8), np.asarray(share, np.uint8)

    def _textured(self, x: Floats, y: Floats, ranges: Floats) -> Image:
        px, py = self._full(x), self._full(y)
        tint, share = self._land(px, py)
        detail = np.empty_like(tint)
        for top in range(0, self._lens.height_px, STRIP_PX):
            bottom = min(top + STRIP_PX, self._lens.height_px)
            strip = slice(top, bottom)
            node = slice(top // MESH_PX, bottom // MESH_PX + 1)
            metres_per_px = float(np.median(ranges[node])) / self._lens.focal_px
            level = int(np.clip(round(math.log2(metres_per_px / DETAIL_M_PER_PX)), 0, 4))
            scale = 1 / (DETAIL_M_PER_PX * 2**level)
            size = DETAIL_PX >> level
            u, v = px[strip] * scale, py[strip] * -scale
            # cv2.remap keeps positions in 16 bits: bring each strip near the tile first.
            u -= size * math.floor(float(u.min()) / size)
            v -= size * math.floor(float(v.min()) / size)
            wooded = share[strip]
            tiles = [
                cv2.remap(tile[level], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
                for tile, seen in (
                    (self._texture.wood, int(wooded.max()) > 0),
                    (self._texture.open_land, int(wooded.min()) < 255),
                )
                if seen
            ]
            if len(tiles) == 1:
                detail[strip] = tiles[0]
            else:
                share3 = cv2.merge([wooded, wooded, wooded])
                cv2.add(
                    cv2.multiply(tiles[0], share3, scale=1 / 255),
                    cv2.multiply(tiles[1], cv2.bitwise_not(share3), scale=1 / 255),
                    dst=detail[strip],
                )
        return np.asarray(cv2.multiply(detail, tint, scale=1 / 128), np.uint8)

    def _haze(self, picture: Image, ranges: Floats, sky: Floats) -> None:
        if float(ranges.max()) < 350:
            return
        haze = 1 - np.exp(-np.maximum(ranges - 150, 0) / HAZE_M)
        full = self._full(np.maximum(haze, sky).astype(np.float32))
        rows = np.flatnonzero(full.max(axis=1) > 0.02)
        if rows.size == 0:
            return
        band = slice(int(rows[0]), int(rows[-1]) + 1)
        down = np.arange(sky.shape[0], dtype=np.float32)[:, None] * MESH_PX / self._lens.height_px
        clear = np.clip(sky * (1 - down * 2.2), 0, 1)[..., None]
        air = np.array(HAZE_BGR) * (1 - clear) + np.array(SKY_TOP_BGR) * clear
        share = full[band]
        behind = self._full(air.astype(np.float32))[band].astype(np.uint8)
        picture[band] = cv2.blendLinear(picture[band], behind, 1 - share, share)
