"""Cameras over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from field_api.contract.messages import AimAngles, AimPlace, CameraAim
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.features.cameras.aiming import aim_at_pixel, ground_at_pixel
from field_api.features.cameras.messages import (
    AimBody,
    AimPixel,
    CameraView,
    GroundBody,
    GroundView,
)
from field_api.features.cameras.operations import (
    PHOTO,
    RELEASE,
    TAKE,
    TRACK,
    refuse_other_holder,
)
from field_api.features.cameras.permissions import CAMERA_CONTROL, CAMERA_VIEW
from field_api.features.cameras.tables import CameraHold
from field_api.features.flights.heard import newest_state
from field_api.features.flights.messages import CommandView
from field_api.features.flights.orders import fleet_node
from field_api.features.maps.base import MapBase
from field_api.features.roster.tables import Vehicle

__all__ = ["router"]

router = Routes()

OLDEST_PICTURE_MS = 5000
"""An older picture was taken from somewhere else, looking elsewhere."""
VehicleIdPart = Annotated[str, Path(max_length=40)]

for operation, path, operation_id in (
    (TAKE, "take", "takeCamera"),
    (RELEASE, "release", "releaseCamera"),
    (TRACK, "track", "trackWithCamera"),
):
    serve_operation(
        router,
        operation,
        f"/vehicles/{{vehicle_id}}/camera/{path}",
        operation_id=operation_id,
        tag="cameras",
        returns=CameraView,
        target="vehicle_id",
    )
serve_operation(
    router,
    PHOTO,
    "/vehicles/{vehicle_id}/camera/photo",
    operation_id="takePhoto",
    tag="cameras",
    returns=CommandView,
    target="vehicle_id",
    status_code=202,
)


@router.post(
    "/vehicles/{vehicle_id}/camera/aim",
    operation_id="aimCamera",
    status_code=204,
    tags=["cameras"],
)
def aim(
    vehicle_id: VehicleIdPart,
    body: AimBody,
    who: Annotated[Principal, Depends(require(CAMERA_CONTROL))],
    ctx: Context,
) -> None:
    """Point or zoom a camera that one holds; where it looks then, its aircraft's state says."""
    with ctx.store.read(who.viewer) as session:
        vehicle = session.get(Vehicle, vehicle_id)
        if vehicle is None:
            raise refuse(404, "unknown_vehicle", id=vehicle_id)
        refuse_other_holder(session.get(CameraHold, vehicle_id), who.actor.id)
    node_id = fleet_node(ctx, vehicle_id)
    target = body.target
    if isinstance(target, AimPixel):
        target = _at_pixel(ctx, vehicle, target)
    now_ms = ctx.clock()
    # Direction and nearness are wished apart: the newest of each counts.
    if target is not None:
        ctx.wishes.wish(node_id, CameraAim(vehicle_id=vehicle_id, t_ms=now_ms, target=target))
    if body.zoom_percent is not None:
        ctx.wishes.wish(
            node_id, CameraAim(vehicle_id=vehicle_id, t_ms=now_ms, zoom_percent=body.zoom_percent)
        )


@router.post(
    "/vehicles/{vehicle_id}/camera/ground", operation_id="groundInPicture", tags=["cameras"]
)
def ground(
    vehicle_id: VehicleIdPart,
    body: GroundBody,
    who: Annotated[Principal, Depends(require(CAMERA_VIEW))],
    ctx: Context,
) -> GroundView:
    """Say which ground a point of an aircraft's picture shows, and how certain that is.

    409 where the camera's direction or the ground isn't known, or the view is too flat to tell.
    """
    with ctx.store.read(who.viewer) as session:
        vehicle = session.get(Vehicle, vehicle_id)
    state = newest_state(ctx, vehicle_id) if vehicle is not None else None
    if vehicle is None:
        raise refuse(404, "unknown_vehicle", id=vehicle_id)
    age_ms = 0 if state is None or body.t_ms is None else state.t_ms - body.t_ms
    found = None
    if state is not None and abs(age_ms) <= OLDEST_PICTURE_MS:
        terrain, hfov_deg = ctx.part(MapBase).terrain(), vehicle.spec.camera.hfov_deg
        found = ground_at_pixel(state, terrain, hfov_deg, body.aspect, body.x, body.y, age_ms)
    if found is None:
        raise refuse(409, "ground_unknown", vehicle=vehicle_id)
    return GroundView(
        lat_deg=found.place.lat_deg,
        lon_deg=found.place.lon_deg,
        elevation_amsl_m=found.elevation_amsl_m,
        error_m=found.error_m,
        distance_m=found.distance_m,
        bearing_deg=found.bearing_deg,
    )


def _at_pixel(ctx: Services, vehicle: Vehicle, pixel: AimPixel) -> AimPlace | AimAngles:
    state = newest_state(ctx, vehicle.id)
    target: AimPlace | AimAngles | None = None
    if state is not None:
        hfov_deg = vehicle.spec.camera.hfov_deg
        terrain = ctx.part(MapBase).terrain()
        target = aim_at_pixel(state, terrain, hfov_deg, pixel.aspect, pixel.x, pixel.y)
    if target is None:
        raise refuse(409, "camera_direction_unknown", field="target", vehicle=vehicle.id)
    return target
