"""The map base, made once from local files."""

import csv
import json
import threading
from importlib.resources import files
from pathlib import Path

from field_api.features.maps.messages import (
    Attribution,
    Feature,
    FeatureCollection,
    Geometry,
    MapBaseView,
    ReliefView,
)
from field_api.features.maps.relief import Theme, contours, extent_mercator, relief_png
from mission_plans.ground.terrain import GridTerrain, NoTerrainError
from mission_plans.ground.terrain_files import demo_terrain, load_terrain

__all__ = ["MapBase"]

_ATTRIBUTION = [
    Attribution(text_zh="湖岸:GSHHG(LGPL)", text_en="Lake: GSHHG (LGPL)"),
    Attribution(text_zh="地名:GeoNames(CC BY 4.0)", text_en="Places: GeoNames (CC BY 4.0)"),
    Attribution(
        text_zh="高程为合成演示数据,区界为示意",
        text_en="Elevation is synthetic demo data; the boundary is schematic",
    ),
]


def _data(name: str) -> Path:
    return Path(str(files("field_api") / "data" / name))


def _geojson(name: str) -> FeatureCollection:
    return FeatureCollection.model_validate(json.loads(_data(name).read_text("utf-8")))


def _point(
    row: dict[str, str], lat: str, lon: str, properties: dict[str, str | float | bool | None]
) -> Feature:
    return Feature(
        properties=properties,
        geometry=Geometry(type="Point", coordinates=[float(row[lon]), float(row[lat])]),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with _data(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _streets() -> FeatureCollection:
    return FeatureCollection(
        features=[
            _point(
                row,
                "lat_wgs84",
                "lon_wgs84",
                {"code": row["code"], "name": row["name"], "kind": row["kind"]},
            )
            for row in _rows("streets.csv")
        ]
    )


def _places() -> FeatureCollection:
    return FeatureCollection(
        features=[
            _point(
                row,
                "lat",
                "lon",
                {
                    "name": row["name_zh"] or row["name"],
                    "name_en": row["name"],
                    "population": float(row["population"] or 0),
                    "in_district": row["in_district"] == "1",
                },
            )
            for row in _rows("places_geonames.csv")
        ]
    )


class MapBase:
    """The map base and its elevation; pictures are drawn at the first request and kept."""

    def __init__(self, terrain_file: Path | None) -> None:
        self._terrain_file = terrain_file
        self._lock = threading.Lock()
        self._grid: GridTerrain | None = None
        self._view: MapBaseView | None = None
        self._relief: dict[Theme, bytes] = {}

    def terrain(self) -> GridTerrain:
        """Return the elevation model.

        Raises:
            TerrainFileError: the configured file can't be used.
        """
        with self._lock:
            return self._load()

    def ground_m(self, lat_deg: float, lon_deg: float) -> float | None:
        """Return the ground's height above mean sea level, None outside the model."""
        try:
            return float(self.terrain().elevation_m(lat_deg, lon_deg))
        except NoTerrainError:
            return None

    def relief(self, theme: Theme) -> bytes:
        """Return the shaded relief as PNG."""
        with self._lock:
            if theme not in self._relief:
                self._relief[theme] = relief_png(self._load(), theme)
            return self._relief[theme]

    def view(self) -> MapBaseView:
        """Return the map base."""
        with self._lock:
            if self._view is None:
                self._view = self._make_view(self._load())
            return self._view

    def _load(self) -> GridTerrain:
        if self._grid is None:
            file = self._terrain_file
            if file is None:
                self._grid = demo_terrain()
            else:
                self._grid = load_terrain(file)
        return self._grid

    def _make_view(self, grid: GridTerrain) -> MapBaseView:
        return MapBaseView(
            relief=ReliefView(
                dark_url="/api/v1/map/relief.png?theme=dark",
                light_url="/api/v1/map/relief.png?theme=light",
                extent_mercator=list(extent_mercator(grid)),
                extent_lonlat=[grid.west_deg, grid.south_deg, grid.east_deg, grid.north_deg],
            ),
            lake=_geojson("dianchi_lake.geojson"),
            outline=_geojson("xishan_outline_schematic.geojson"),
            streets=_streets(),
            places=_places(),
            contours=contours(grid),
            attribution=_ATTRIBUTION,
            synthetic_terrain=self._terrain_file is None,
        )
