"""Mission, fence and rally items as the vehicle stores and checks them."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["DO_COMMANDS", "NAV_COMMANDS", "Frame", "MissionItem", "check_item", "label"]

Frame = int

_NAV_WITH_PLACE = {
    mavlink.MAV_CMD_NAV_WAYPOINT: "WP",
    mavlink.MAV_CMD_NAV_SPLINE_WAYPOINT: "SplineWP",
    mavlink.MAV_CMD_NAV_LOITER_UNLIM: "LoitUnlim",
    mavlink.MAV_CMD_NAV_LOITER_TURNS: "LoitTurns",
    mavlink.MAV_CMD_NAV_LOITER_TIME: "LoitTime",
    mavlink.MAV_CMD_NAV_LOITER_TO_ALT: "LoitAltitude",
    mavlink.MAV_CMD_NAV_TAKEOFF: "Takeoff",
    mavlink.MAV_CMD_NAV_LAND: "Land",
}
NAV_COMMANDS = _NAV_WITH_PLACE | {
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: "RTL",
    mavlink.MAV_CMD_NAV_DELAY: "Delay",
}
"""Commands that decide where the vehicle goes, with ArduCopter's name for each."""

DO_COMMANDS = {
    mavlink.MAV_CMD_CONDITION_DELAY: "CondDelay",
    mavlink.MAV_CMD_CONDITION_DISTANCE: "CondDist",
    mavlink.MAV_CMD_CONDITION_YAW: "CondYaw",
    mavlink.MAV_CMD_DO_CHANGE_SPEED: "ChangeSpeed",
    mavlink.MAV_CMD_DO_JUMP: "Jump",
    mavlink.MAV_CMD_DO_SET_HOME: "SetHome",
    mavlink.MAV_CMD_DO_SET_SERVO: "SetServo",
    mavlink.MAV_CMD_DO_SET_RELAY: "SetRelay",
    mavlink.MAV_CMD_DO_SET_ROI: "SetROI",
    mavlink.MAV_CMD_DO_SET_ROI_LOCATION: "SetROI",
    mavlink.MAV_CMD_DO_SET_ROI_NONE: "SetROI",
    mavlink.MAV_CMD_DO_MOUNT_CONTROL: "MountControl",
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: "GimbalPitchYaw",
    mavlink.MAV_CMD_DO_DIGICAM_CONTROL: "DigiCamCtrl",
    mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST: "SetCamTrigDst",
    mavlink.MAV_CMD_DO_LAND_START: "LandStart",
    mavlink.MAV_CMD_IMAGE_START_CAPTURE: "ImageStart",
    mavlink.MAV_CMD_IMAGE_STOP_CAPTURE: "ImageStop",
    mavlink.MAV_CMD_VIDEO_START_CAPTURE: "VideoStart",
    mavlink.MAV_CMD_VIDEO_STOP_CAPTURE: "VideoStop",
    mavlink.MAV_CMD_DO_FENCE_ENABLE: "FenceEnable",
}
"""Commands done on the way or at once."""

FENCE_COMMANDS = frozenset(
    {
        mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT,
        mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
        mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
        mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
        mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION,
    }
)

_GLOBAL = {mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT}
_RELATIVE = {mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT}
_TERRAIN = {mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT, mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT}
_PLACELESS = {mavlink.MAV_FRAME_MISSION}
_PLACED_DO = {mavlink.MAV_CMD_DO_SET_ROI, mavlink.MAV_CMD_DO_SET_ROI_LOCATION}
_ALLOWED: dict[int, tuple[Collection[int], set[int]]] = {
    mavlink.MAV_MISSION_TYPE_MISSION: (
        {*NAV_COMMANDS, *DO_COMMANDS},
        _GLOBAL | _RELATIVE | _TERRAIN | _PLACELESS,
    ),
    mavlink.MAV_MISSION_TYPE_FENCE: (FENCE_COMMANDS, _GLOBAL | _RELATIVE | _TERRAIN),
    mavlink.MAV_MISSION_TYPE_RALLY: ({mavlink.MAV_CMD_NAV_RALLY_POINT}, _RELATIVE),
}
"""Commands and frames of each mission type."""


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One stored item; latitude and longitude as degrees times 1e7, as on the wire."""

    command: int
    frame: Frame = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: int = 0
    y: int = 0
    z: float = 0.0
    autocontinue: int = 1

    @property
    def lat_deg(self) -> float:
        """Latitude, degrees."""
        return self.x * 1e-7

    @property
    def lon_deg(self) -> float:
        """Longitude, degrees."""
        return self.y * 1e-7

    @property
    def is_amsl(self) -> bool:
        """Whether `z` is above mean sea level."""
        return self.frame in _GLOBAL

    @property
    def is_above_terrain(self) -> bool:
        """Whether `z` is above the ground below."""
        return self.frame in _TERRAIN

    @property
    def has_place(self) -> bool:
        """Whether the item names a latitude and longitude (0, 0 means 'here')."""
        return self.x != 0 or self.y != 0


def label(item: MissionItem) -> str:
    """ArduCopter's short name of an item's command."""
    return NAV_COMMANDS.get(item.command) or DO_COMMANDS.get(item.command, "?")


def check_item(item: MissionItem, mission_type: int) -> tuple[int, MissionItem]:
    """MAV_MISSION_RESULT for an offered item, and the item as it would be stored."""
    known, frames = _ALLOWED[mission_type]
    if item.command not in known:
        return mavlink.MAV_MISSION_UNSUPPORTED, item
    mission = mission_type == mavlink.MAV_MISSION_TYPE_MISSION
    placed = not mission or item.command in _NAV_WITH_PLACE or item.command in _PLACED_DO
    if placed and item.frame not in frames:
        return mavlink.MAV_MISSION_UNSUPPORTED_FRAME, item
    # Where a fence lies is judged with the fence as a whole.
    bad = _bad_number(item, placed and mission_type != mavlink.MAV_MISSION_TYPE_FENCE)
    if bad is None and mission_type == mavlink.MAV_MISSION_TYPE_RALLY and abs(item.z) >= 32768:
        bad = mavlink.MAV_MISSION_INVALID_PARAM7
    if bad is not None:
        return bad, item
    stored = {0: _stored_form, 1: _stored_fence_item, 2: _stored_rally_point}[mission_type]
    return mavlink.MAV_MISSION_ACCEPTED, stored(item)


def _bad_number(item: MissionItem, placed: bool) -> int | None:
    for offset, value in enumerate((item.param1, item.param2, item.param3)):
        if not math.isfinite(value):
            return mavlink.MAV_MISSION_INVALID_PARAM1 + offset
    if math.isinf(item.param4):
        return mavlink.MAV_MISSION_INVALID_PARAM4
    if placed and abs(item.x) > 900_000_000:
        return mavlink.MAV_MISSION_INVALID_PARAM5_X
    if placed and abs(item.y) > 1_800_000_000:
        return mavlink.MAV_MISSION_INVALID_PARAM6_Y
    # ArduPilot stores heights as 24-bit centimetres.
    if not math.isfinite(item.z) or abs(item.z) * 100.0 >= 1 << 23:
        return mavlink.MAV_MISSION_INVALID_PARAM7
    return None


def _stored_fence_item(item: MissionItem) -> MissionItem:
    """A fence item as it reads back: no height, whatever height and frame were sent."""
    param1 = 0.0 if item.command == mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT else item.param1
    return replace(
        item,
        frame=mavlink.MAV_FRAME_GLOBAL,
        param1=param1,
        param2=0.0,
        param3=0.0,
        param4=0.0,
        z=0.0,
        autocontinue=0,
    )


def _stored_rally_point(item: MissionItem) -> MissionItem:
    """ArduPilot keeps the place and whole metres above home."""
    return MissionItem(
        item.command,
        mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT,
        x=item.x,
        y=item.y,
        z=float(int(item.z)),
        autocontinue=0,
    )


def _stored_form(item: MissionItem) -> MissionItem:
    frame = item.frame
    if frame in _RELATIVE:
        frame = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
    elif frame in _TERRAIN:
        frame = mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT
    elif frame in _GLOBAL:
        frame = mavlink.MAV_FRAME_GLOBAL
    param1 = item.param1
    if item.command == mavlink.MAV_CMD_NAV_WAYPOINT:
        param1 = float(int(min(65535.0, max(0.0, param1))))
    param4 = 0.0 if math.isnan(item.param4) else item.param4
    return replace(item, frame=frame, param1=param1, param4=param4, z=round(item.z, 2))
