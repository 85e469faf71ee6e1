"""Pictures that simulated handhelds take: drawn, with time and place burnt in."""

import math
import zlib
from datetime import UTC, datetime

import cv2
import numpy as np
import numpy.typing as npt

from mission_plans.values.plan import GeoPoint

__all__ = ["take_photo"]

WIDTH_PX = 960
HEIGHT_PX = 720


def take_photo(terminal_id: str, at: GeoPoint, t_ms: int) -> bytes:
    """Return a JPEG of three people on a wooded slope, stamped with who, where and when."""
    rng = np.random.default_rng(zlib.crc32(f"{terminal_id}{t_ms}".encode()))
    picture = _slope(rng)
    for _ in range(90):
        _tree(picture, rng)
    for n, colour in enumerate(((40, 40, 200), (190, 110, 40), (40, 190, 220))):
        _person(picture, 380 + 90 * n, 560 - 12 * (n % 2), 150 - 25 * n, colour)
    when = datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    stamp = f"{terminal_id}  {at.lat_deg:.5f}N {at.lon_deg:.5f}E  {when}"
    cv2.rectangle(picture, (0, HEIGHT_PX - 40), (WIDTH_PX, HEIGHT_PX), (20, 20, 20), -1)
    cv2.putText(
        picture,
        stamp,
        (12, HEIGHT_PX - 13),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.62,
        (240, 240, 240),
        1,
        cv2.LINE_AA,
    )
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])
    if not done:
        raise RuntimeError("the picture could not be encoded as JPEG")
    return jpeg.tobytes()


def _slope(rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    rows = np.linspace(0.0, 1.0, HEIGHT_PX)[:, None, None]
    sky = np.array([235.0, 205.0, 170.0])
    ground = np.array([70.0, 120.0, 125.0])
    columns = np.arange(WIDTH_PX)
    ridge = 0.36 + 0.05 * np.sin(columns / 170 + rng.uniform(0, math.tau)) - columns / 9_000
    below = rows > ridge[None, :, None]
    picture = np.where(below, ground * (1.15 - 0.45 * rows), sky * (1.0 - 0.12 * rows))
    picture = picture + rng.normal(0, 5, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _tree(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> None:
    depth = rng.uniform(0.42, 0.95)
    x, y = int(rng.uniform(0, WIDTH_PX)), int(depth * HEIGHT_PX)
    if 330 < x < 640 and depth > 0.6:
        return
    size = int(18 + 70 * (depth - 0.4))
    green = (int(rng.uniform(30, 60)), int(rng.uniform(75, 115)), int(rng.uniform(45, 75)))
    cv2.ellipse(picture, (x, y - size), (size // 2, size), 0, 0, 360, green, -1, cv2.LINE_AA)


def _person(
    picture: npt.NDArray[np.uint8],
    x: int,
    feet_y: int,
    height_px: int,
    jacket: tuple[int, int, int],
) -> None:
    head = height_px // 8
    hip = feet_y - height_px * 45 // 100
    shoulder = feet_y - height_px * 80 // 100
    width = height_px // 7
    for side in (-1, 1):
        cv2.line(
            picture,
            (x, hip),
            (x + side * width // 2, feet_y),
            (60, 45, 40),
            width // 2,
            cv2.LINE_AA,
        )
    cv2.rectangle(picture, (x - width, shoulder), (x + width, hip), jacket, -1)
    centre = (x, shoulder - head)
    cv2.circle(picture, centre, head, (150, 180, 215), -1, cv2.LINE_AA)
