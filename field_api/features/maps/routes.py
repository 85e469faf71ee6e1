"""The map base over HTTP."""

import hashlib
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from field_api.core.access import Principal
from field_api.core.areas import district_areas
from field_api.core.roles import VIEW
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.core.wire import Latitude, Longitude
from field_api.features.maps.base import MapBase
from field_api.features.maps.messages import AreaView, MapBaseView, PointView, TerrainView
from field_api.features.maps.permissions import MAP_VIEW
from field_api.features.maps.relief import Theme
from mission_plans.ground.datum import Datum, to_wgs84

__all__ = ["router"]

router = Routes(tags=["map"])

ViewerDep = Annotated[Principal, Depends(require(MAP_VIEW))]


class _PngResponse(Response):
    media_type = "image/png"


@router.get("/map/relief.png", operation_id="getRelief", response_class=_PngResponse)
def get_relief(_who: ViewerDep, ctx: Context, request: Request, theme: Theme = "dark") -> Response:
    """Return the shaded relief, EPSG:3857; its extent is in the map base."""
    png = ctx.part(MapBase).relief(theme)
    etag = f'"{hashlib.sha256(png).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return _PngResponse(png, headers=headers)


@router.get("/map/base", operation_id="getMapBase")
def get_map_base(_who: ViewerDep, ctx: Context) -> MapBaseView:
    """Return lake, outline, streets, places and contours as GeoJSON."""
    return ctx.part(MapBase).view()


@router.get("/terrain", operation_id="getTerrain")
def get_terrain(
    lat_deg: Annotated[Latitude, Query()],
    lon_deg: Annotated[Longitude, Query()],
    _who: ViewerDep,
    ctx: Context,
) -> TerrainView:
    """Return the ground's height at a place."""
    ground_m = ctx.part(MapBase).ground_m(lat_deg, lon_deg)
    return TerrainView(lat_deg=lat_deg, lon_deg=lon_deg, ground_amsl_m=ground_m)


@router.get("/map/wgs84", operation_id="toWgs84")
def get_wgs84(
    lat_deg: Annotated[Latitude, Query()],
    lon_deg: Annotated[Longitude, Query()],
    datum: Annotated[Datum, Query()],
    _who: ViewerDep,
) -> PointView:
    """Return the WGS-84 place of a coordinate that somebody read off another map."""
    lat, lon = to_wgs84(datum, lat_deg, lon_deg)
    return PointView(lat_deg=lat, lon_deg=lon)


@router.get("/areas", operation_id="listAreas")
def list_areas(_who: Annotated[Principal, Depends(require(VIEW))]) -> list[AreaView]:
    """List the district, its streets and communities, each after what contains it."""
    return [AreaView.model_validate(area) for area in district_areas().listed()]
