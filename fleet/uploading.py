"""Upload: a sortie's mission, fence and failsafes on board, read back and as ordered."""

from field_api.contract.messages import SortieState, UploadSortie
from fleet.controls import Controls, require_nothing_found
from fleet.fence_on_board import put_fence
from fleet.fencing import FenceError, sortie_fence
from fleet.guards import before_upload
from fleet.return_layer import on_layer
from fleet.sortie import Sortie
from fleet.vehicle import RefusedError
from mission_plans.allocation.return_layers import return_altitude_m
from mission_plans.formats.mission_items import mission_items
from mission_plans.ground.terrain import NoTerrainError

__all__ = ["upload"]


async def upload(controls: Controls, body: UploadSortie, author: str) -> str:
    """Put a sortie on board of an aircraft on the ground; return what was confirmed.

    Raises:
        RefusedError: a guard or the aircraft refused; the sortie is failed where it was begun.
    """
    vehicle, book = controls.vehicle, controls.book
    require_nothing_found(before_upload(controls.state(), body.sortie, body.checks))
    items = mission_items(body.sortie)
    sortie = Sortie(body.sortie, author, item_count=len(items), stopped_ms=book.stopped_ms)
    book.begin(sortie)
    # Whatever is on board belongs to the sortie before.
    vehicle.fence_confirmed = False
    book.step(SortieState.UPLOADING, author)
    try:
        least_m = max(
            return_altitude_m(body.sortie.model_copy(update={"launch": home}), controls.terrain)
            for home in (body.sortie.launch, *(rally.place for rally in body.rally))
        )
        layer = on_layer(body, least_m)
        fence = sortie_fence(body, controls.terrain, layer.altitude_m, controls.state())
        for name, value in vehicle.autopilot.failsafe_parameters(layer.altitude_m).items():
            await vehicle.set_parameter(name, value)
        await vehicle.upload_mission(items)
        await put_fence(vehicle, fence)
        book.fenced(fence, layer.altitude_m)
    except (RefusedError, NoTerrainError, ValueError) as error:
        book.step(SortieState.FAILED, author, str(error))
        if isinstance(error, RefusedError):
            raise
        code = "fence" if isinstance(error, FenceError) else "return_altitude"
        raise RefusedError(code, str(error)) from error
    text = (
        f"{len(items)} 项与围栏回读一致,返航高 {layer.altitude_m:.0f} 米(起飞点以上){layer.zh},"
        f"限高 {fence.ceiling_m:.0f} 米 / "
        f"{len(items)} items and the fence read back, return altitude {layer.altitude_m:.0f} m "
        f"above launch{layer.en}, height limit {fence.ceiling_m:.0f} m"
    )
    book.step(SortieState.UPLOADED, author, text)
    return text
