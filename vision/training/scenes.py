"""Groups pictures that show the same scene, so that no scene is both trained on and judged.

The published splits of video-frame data sets put neighbouring frames of one clip on both sides.
Here pictures are joined when their thumbnails are close or their names say that they come from one
clip, and a whole group goes to one side.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

__all__ = ["group_scenes", "held_out"]

THUMBNAIL_PX = 24
SAME_SCENE_RMS = 20.0
"""Root mean square difference of 8-bit thumbnails below which two pictures are one scene."""

CLIP_NAME = re.compile(r"^(.+_mp4)-\d+|^(judged-.+?)--")
"""Frames of one film, and alerts of one camera on one day (`xunshan admin labels`)."""


def group_scenes(pictures: Sequence[Path]) -> list[list[Path]]:
    """Split pictures into scenes; the order inside and between scenes is that of the input."""
    thumbnails = np.array([_thumbnail(p) for p in pictures])
    squares = (thumbnails**2).sum(axis=1)
    products = thumbnails @ thumbnails.T
    distances = np.sqrt(
        np.maximum(0, squares[:, None] + squares[None, :] - 2 * products) / thumbnails.shape[1]
    )
    parent = list(range(len(pictures)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in np.argwhere(distances < SAME_SCENE_RMS):
        parent[root(int(i))] = root(int(j))
    last_of_clip: dict[str, int] = {}
    for i, picture in enumerate(pictures):
        if match := CLIP_NAME.match(picture.name):
            clip = match[1] or match[2]
            if clip in last_of_clip:
                parent[root(i)] = root(last_of_clip[clip])
            last_of_clip[clip] = i
    scenes: dict[int, list[Path]] = defaultdict(list)
    for i, picture in enumerate(pictures):
        scenes[root(i)].append(picture)
    return list(scenes.values())


def held_out(scene: Sequence[Path], always: Sequence[str], share: float) -> bool:
    """Whether a scene is kept for judging: named in `always`, or drawn by its first name's hash."""
    if any(p.name.startswith(prefix) for p in scene for prefix in always):
        return True
    first = min(p.name for p in scene)
    return int.from_bytes(hashlib.sha256(first.encode()).digest()[:4], "big") / 2**32 < share


def _thumbnail(picture: Path) -> np.ndarray:
    image = cv2.imread(str(picture))
    if image is None:
        raise ValueError(f"{picture}: not a picture OpenCV can read")
    small = cv2.resize(image, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32).ravel()
