"""A fence on board for certain: areas, rally points and the parameters that make it count."""

from fleet.fencing import SortieFence
from fleet.protocol.fence_items import FENCE, RALLY, fence_difference, rally_difference
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.formats.parameter_file import as_float32

__all__ = ["confirm_fence", "put_fence"]


async def put_fence(vehicle: Vehicle, fence: SortieFence) -> None:
    """Replace the fence and the rally points of whatever was flown before, and switch it on.

    Raises:
        RefusedError: `fence_failed`; what is on board is unknown then.
    """
    vehicle.fence_confirmed = False
    try:
        await vehicle.write_items(fence.areas, FENCE)
        await vehicle.write_items(fence.rally, RALLY)
        for name, value in vehicle.autopilot.fence_parameters(fence.ceiling_m).items():
            await vehicle.set_parameter(name, value)
    except RefusedError as error:
        text = f"围栏未能写入并核对 / the fence was not confirmed on board: {error.text}"
        raise RefusedError("fence_failed", text) from error
    vehicle.fence_confirmed = True


async def confirm_fence(vehicle: Vehicle, fence: SortieFence | None) -> None:
    """Read the fence back and compare: another program may have changed it since.

    Raises:
        RefusedError: `fence_changed`, or `fence_unread` where it could not be read.
    """
    if fence is None:
        raise RefusedError("fence_changed", "没有围栏,请重新上传 / no fence: upload it again")
    try:
        difference = await _difference(vehicle, fence)
    except RefusedError as error:
        text = f"机上围栏无法回读 / the fence could not be read back: {error.text}"
        raise RefusedError("fence_unread", text) from error
    vehicle.fence_confirmed = difference is None
    if difference is not None:
        text = f"机上围栏已被改动 / the fence on board was changed: {difference}"
        raise RefusedError("fence_changed", text)


async def _difference(vehicle: Vehicle, fence: SortieFence) -> str | None:
    if difference := fence_difference(fence.areas, await vehicle.read_items(FENCE)):
        return difference
    if difference := rally_difference(fence.rally, await vehicle.read_items(RALLY)):
        return f"rally points: {difference}"
    for name, value in vehicle.autopilot.fence_parameters(fence.ceiling_m).items():
        held = await vehicle.read_parameter(name)
        if held != as_float32(value):
            return f"{name} is {held:g}, not {value:g}"
    return None
