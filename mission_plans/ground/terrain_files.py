"""Elevation models from files: `.npz` grids, SRTM `.hgt` tiles and any GeoTIFF."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from mission_plans.ground.terrain import GridTerrain, TerrainFileError

__all__ = ["FORMATS", "demo_terrain", "load_geotiff", "load_hgt", "load_npz", "load_terrain"]

FORMATS = ".npz, .hgt, .tif or .tiff"
HGT_VOID = -32768
MOST_NODES = 60_000_000
"""Largest grid kept in memory (half a gigabyte); larger models are cut to the district first."""

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights outside are no ground on Earth: a forgotten no-data value."""


def load_terrain(path: Path) -> GridTerrain:
    """Load an elevation model by its file name's ending.

    Raises:
        TerrainFileError: another ending, or a file that is not what it says.
    """
    match path.suffix.lower():
        case ".npz":
            return load_npz(path)
        case ".hgt":
            return load_hgt(path)
        case ".tif" | ".tiff":
            return load_geotiff(path)
        case _:
            raise TerrainFileError(f"{path.name}: a terrain file ends in {FORMATS}")


def load_npz(path: Path) -> GridTerrain:
    """Load a grid with arrays `z`, `south`, `west` and `step` (degrees).

    Raises:
        TerrainFileError: unreadable, or an array is missing.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            return GridTerrain(
                data["z"].astype(np.float64),
                float(data["south"]),
                float(data["west"]),
                float(data["step"]),
            )
    except (OSError, KeyError, ValueError) as error:
        raise TerrainFileError(
            f"{path.name} is no terrain grid (.npz with z, south, west, step): {error}"
        ) from error


def load_hgt(path: Path) -> GridTerrain:
    """Load an SRTM tile such as `N24E102.hgt`: big-endian int16, north row first.

    The file name gives the south-west corner, its size the step (3601 or 1201 nodes a side).

    Raises:
        TerrainFileError: unreadable, or a name or size that is no SRTM tile's.
    """
    name = path.stem.upper()
    try:
        south = int(name[1:3]) * {"N": 1, "S": -1}[name[0]]
        west = int(name[4:7]) * {"E": 1, "W": -1}[name[3]]
    except (KeyError, ValueError, IndexError) as error:
        raise TerrainFileError(f"{path.name}: an .hgt name looks like N24E102.hgt") from error
    try:
        raw = np.fromfile(path, dtype=">i2")
    except OSError as error:
        raise TerrainFileError(f"{path.name}: {error.strerror}") from error
    side = round(raw.size**0.5)
    if side * side != raw.size or side not in (1201, 3601):
        raise TerrainFileError(f"{path.name}: {raw.size} heights; a tile has 1201² or 3601²")
    z = raw.reshape(side, side)[::-1].astype(np.float64)
    z[z == HGT_VOID] = np.nan
    return GridTerrain(z, float(south), float(west), 1 / (side - 1))


def load_geotiff(path: Path) -> GridTerrain:
    """Load the first band of a GeoTIFF in any coordinate system, heights in metres.

    The model is resampled (bilinear) to square steps in WGS-84 degrees no coarser than its own.

    Raises:
        TerrainFileError: no GeoTIFF, no coordinate system, too large, or impossible heights.
    """
    # GDAL takes half a second to load: only who reads GeoTIFF pays.
    import rasterio
    from rasterio.enums import Resampling
    from rasterio.errors import RasterioError
    from rasterio.transform import from_origin
    from rasterio.vrt import WarpedVRT
    from rasterio.warp import calculate_default_transform

    try:
        with rasterio.open(path, driver="GTiff") as source:
            if source.crs is None:
                raise TerrainFileError(f"{path.name}: the GeoTIFF names no coordinate system")
            west, south, east, north = source.bounds
            step = min(source.res)
            if source.crs.to_epsg() != 4326 or not source.transform.is_rectilinear:
                transform, width, height = calculate_default_transform(
                    source.crs, "EPSG:4326", source.width, source.height, *source.bounds
                )
                if transform is None or width is None or height is None:
                    raise TerrainFileError(
                        f"{path.name}: its coordinates can't be turned to WGS-84"
                    )
                step = min(transform.a, -transform.e)
                west, north = transform.c, transform.f
                east, south = west + transform.a * width, north + transform.e * height
            columns = max(2, round((east - west) / step))
            rows = max(2, round((north - south) / step))
            if rows * columns > MOST_NODES:
                raise TerrainFileError(
                    f"{path.name}: {rows} x {columns} nodes; at most {MOST_NODES:,} are loaded: "
                    "cut the model to the district"
                )
            with WarpedVRT(
                source,
                crs="EPSG:4326",
                transform=from_origin(west, north, step, step),
                width=columns,
                height=rows,
                resampling=Resampling.bilinear,
            ) as grid:
                z = grid.read(1, masked=True).astype(np.float64).filled(np.nan)
    except (RasterioError, ValueError) as error:
        if isinstance(error, TerrainFileError):
            raise
        raise TerrainFileError(f"{path.name} is no readable GeoTIFF: {error}") from error
    known = z[np.isfinite(z)]
    if known.size == 0:
        raise TerrainFileError(f"{path.name}: no height in the first band")
    if known.min() < LOWEST_M or known.max() > HIGHEST_M:
        raise TerrainFileError(
            f"{path.name}: heights from {known.min():.0f} to {known.max():.0f} m; ground lies "
            f"between {LOWEST_M:.0f} and {HIGHEST_M:.0f} m: is the no-data value declared?"
        )
    # Values stand for pixel centres; the grid's nodes are those centres.
    return GridTerrain(z[::-1], north - (rows - 0.5) * step, west + step / 2, step)


@lru_cache(maxsize=1)
def demo_terrain() -> GridTerrain:
    """Return the synthetic grid of Xishan: for demos and simulation, never for real flight."""
    return load_npz(Path(__file__).parents[1] / "data" / "dem_xishan_synthetic_100m.npz")
