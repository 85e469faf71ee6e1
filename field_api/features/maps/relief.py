"""Shaded relief and contours from an elevation grid. Pure: arrays in, arrays out."""

from typing import Literal

import contourpy
import cv2
import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from field_api.features.maps.messages import Feature, FeatureCollection, Geometry
from mission_plans.ground.terrain import GridTerrain

__all__ = ["Theme", "contours", "extent_mercator", "relief_png"]

Theme = Literal["dark", "light"]

Array = npt.NDArray[np.float64]

UPSAMPLE = 3
"""Pixels per grid post."""

_TINT: dict[Theme, list[tuple[float, tuple[int, int, int]]]] = {
    # Height in metres and red, green, blue. Quiet: what happens is drawn on top of it.
    "dark": [
        (1700, (24, 44, 46)),
        (1890, (30, 52, 50)),
        (2000, (40, 62, 52)),
        (2150, (54, 72, 54)),
        (2300, (72, 80, 58)),
        (2500, (94, 90, 70)),
        (2900, (122, 116, 104)),
    ],
    "light": [
        (1700, (206, 224, 208)),
        (1890, (216, 230, 212)),
        (2000, (228, 234, 210)),
        (2150, (236, 232, 204)),
        (2300, (236, 220, 190)),
        (2500, (228, 204, 176)),
        (2900, (240, 232, 224)),
    ],
}

_to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)


def extent_mercator(grid: GridTerrain) -> tuple[float, float, float, float]:
    """Return the grid's extent in EPSG:3857 metres."""
    west, south = _to_mercator.transform(grid.west_deg, grid.south_deg)
    east, north = _to_mercator.transform(grid.east_deg, grid.north_deg)
    return float(west), float(south), float(east), float(north)


def _filled(grid: GridTerrain) -> Array:
    """Return the heights with gaps filled by the lowest ground, so that they can be drawn."""
    return np.where(np.isnan(grid.z), np.nanmin(grid.z), grid.z)


def _mercator_heights(grid: GridTerrain) -> Array:
    """Return smooth heights on a grid regular in EPSG:3857, north row first."""
    rows, columns = grid.z.shape
    _, south, _, north = extent_mercator(grid)
    to_degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    y = np.linspace(north, south, rows * UPSAMPLE)
    _, lat = to_degrees.transform(np.zeros_like(y), y)
    row = ((np.asarray(lat) - grid.south_deg) / grid.step_deg).astype(np.float32)
    column = np.linspace(0, columns - 1, columns * UPSAMPLE, dtype=np.float32)
    smooth = cv2.GaussianBlur(_filled(grid), (0, 0), 0.8)
    return cv2.remap(
        smooth,
        np.tile(column, (row.size, 1)),
        np.tile(row[:, None], (1, column.size)),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float64)


def _hillshade(z: Array, pixel_m: float) -> Array:
    """Return light from the north-west at 45 degrees, 0 to 1 (Horn 1981)."""
    exaggeration = 3.0
    down, right = np.gradient(z * exaggeration, pixel_m)
    norm = np.sqrt(down**2 + right**2 + 1)
    # Row numbers grow southwards; the light's horizontal part points to the north-west.
    light = (right * 0.5 + down * 0.5 + np.sqrt(0.5)) / norm
    return np.clip(light, 0, 1)


def relief_png(grid: GridTerrain, theme: Theme) -> bytes:
    """Return a PNG in EPSG:3857 of the grid's extent: tint by height, shaded."""
    z = _mercator_heights(grid)
    west, _, east, _ = extent_mercator(grid)
    scale = np.cos(np.radians((grid.south_deg + grid.north_deg) / 2))
    pixel_m = float((east - west) / z.shape[1] * scale)
    heights = [height for height, _ in _TINT[theme]]
    shade = _hillshade(z, pixel_m)
    # Full light leaves the tint as it is; slopes facing away keep a third of it.
    strength = 0.35 + 0.9 * shade if theme == "dark" else 0.62 + 0.5 * shade
    channels = [
        np.interp(z, heights, [colour[channel] for _, colour in _TINT[theme]]) * strength
        for channel in (2, 1, 0)  # OpenCV writes blue, green, red
    ]
    picture: npt.NDArray[np.uint8] = np.clip(np.dstack(channels), 0, 255).astype(np.uint8)
    done, png = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 7])
    if not done:
        raise RuntimeError("the relief could not be written as PNG")
    return png.tobytes()


def contours(grid: GridTerrain, interval_m: int = 50) -> FeatureCollection:
    """Return contour lines every `interval_m` as GeoJSON."""
    rows, columns = grid.z.shape
    smooth = cv2.GaussianBlur(_filled(grid), (0, 0), 1.2)
    maker = contourpy.contour_generator(
        x=np.linspace(grid.west_deg, grid.east_deg, columns),
        y=np.linspace(grid.south_deg, grid.north_deg, rows),
        z=smooth,
        line_type=contourpy.LineType.Separate,
    )
    lowest = int(np.ceil(smooth.min() / interval_m)) * interval_m
    features: list[Feature] = []
    for level in range(lowest, int(smooth.max()) + 1, interval_m):
        lines: list[list[list[float]]] = []
        for line in maker.lines(level):
            points = np.asarray(line, dtype=np.float64)
            # Rings of a few grid cells are noise of the synthetic grid.
            if len(points) >= 16:
                lines.append(np.round(points, 5).tolist())
        if lines:
            features.append(
                Feature(
                    properties={
                        "altitude_amsl_m": float(level),
                        "index": level % (2 * interval_m) == 0,
                    },
                    geometry=Geometry(type="MultiLineString", coordinates=lines),
                )
            )
    return FeatureCollection(features=features)
