"""The map base over HTTP."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from field_api.maps.models import MapBaseView, TerrainView
from field_api.maps.relief import Theme
from field_api.services import Context, ViewerDep
from field_api.wire import Latitude, Longitude

__all__ = ["router"]

router = APIRouter(tags=["map"])


class _PngResponse(Response):
    media_type = "image/png"


@router.get("/map/relief.png", operation_id="getRelief", response_class=_PngResponse)
def get_relief(_who: ViewerDep, ctx: Context, request: Request, theme: Theme = "dark") -> Response:
    """Return the shaded relief, EPSG:3857; its extent is in the map base."""
    png = ctx.maps.relief(theme)
    etag = f'"{hashlib.sha256(png).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return _PngResponse(png, headers=headers)


@router.get("/map/base", operation_id="getMapBase")
def get_map_base(_who: ViewerDep, ctx: Context) -> MapBaseView:
    """Return lake, outline, streets, places and contours as GeoJSON."""
    return ctx.maps.view()


@router.get("/terrain", operation_id="getTerrain")
def get_terrain(
    lat_deg: Annotated[Latitude, Query()],
    lon_deg: Annotated[Longitude, Query()],
    _who: ViewerDep,
    ctx: Context,
) -> TerrainView:
    """Return the ground's height at a place."""
    return TerrainView(
        lat_deg=lat_deg, lon_deg=lon_deg, ground_amsl_m=ctx.maps.ground_m(lat_deg, lon_deg)
    )
