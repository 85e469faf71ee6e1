"""Arriving messages: what each asks of the vehicle. One small function per message."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import commands, gimbal_manager, guided_targets, telemetry
from sim.vehicle.autopilot import Autopilot
from sim.vehicle.file_server import FileServer
from sim.vehicle.link import VehicleLink
from sim.vehicle.log_protocol import LogProtocol
from sim.vehicle.mission import MissionItem
from sim.vehicle.mission_transfer import MissionTransfer
from sim.vehicle.parameter_protocol import ParameterProtocol

__all__ = ["HANDLERS"]

Message = Any
"""A decoded pymavlink message; its attributes are made at run time."""

_INT32 = 2**31 - 1


class Vehicle(Protocol):
    """The vehicle as the handlers see it."""

    @property
    def pilot(self) -> Autopilot: ...
    @property
    def parameters(self) -> ParameterProtocol: ...
    @property
    def transfers(self) -> Mapping[int, MissionTransfer]:
        """By MAV_MISSION_TYPE."""
        ...

    @property
    def files(self) -> FileServer: ...
    @property
    def logs(self) -> LogProtocol: ...
    @property
    def time_s(self) -> float: ...
    def build(self, message_id: int) -> mavlink.MAVLink_message | None: ...
    def after_ack(self, send: Callable[[], None]) -> None: ...
    def flush_after_ack(self) -> None: ...


def _peer(message: Message) -> tuple[int, int]:
    return message.get_srcSystem(), message.get_srcComponent()


def _scaled(degrees: float) -> int:
    if not math.isfinite(degrees):
        return 0
    return min(_INT32, max(-_INT32, round(degrees * 1e7)))


def _heartbeat(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    pilot = vehicle.pilot
    if message.get_srcSystem() == int(pilot.params["SYSID_MYGCS"]):
        pilot.failsafes.heard_gcs(pilot.time_s)


# --- Missions ---


def _mission_type(vehicle: Vehicle, link: VehicleLink, message: Message) -> int | None:
    kind = getattr(message, "mission_type", 0)
    if kind in vehicle.transfers:
        return kind
    sysid, compid = _peer(message)
    refused = mavlink.MAV_MISSION_UNSUPPORTED
    link.send(mavlink.MAVLink_mission_ack_message(sysid, compid, refused, kind))
    return None


def _mission_request_list(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    kind = _mission_type(vehicle, link, message)
    if kind is not None:
        vehicle.transfers[kind].request_list(link.send, *_peer(message))


def _mission_request(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    kind = message.mission_type
    if kind in vehicle.transfers:  # silence otherwise, as measured
        as_int = message.get_msgId() == mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_INT
        vehicle.transfers[kind].request(link.send, *_peer(message), message.seq, as_int=as_int)


def _mission_count(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    kind = _mission_type(vehicle, link, message)
    if kind is not None:
        transfer = vehicle.transfers[kind]
        transfer.count(link.send, *_peer(message), message.count, vehicle.time_s)


def _mission_clear(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    # ArduCopter 4.0.7 does not know MAV_MISSION_TYPE_ALL either.
    kind = _mission_type(vehicle, link, message)
    if kind is not None:
        vehicle.transfers[kind].clear(link.send, *_peer(message))


def _mission_write_partial(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    kind = _mission_type(vehicle, link, message)
    if kind is not None:
        first, last = message.start_index, message.end_index
        transfer = vehicle.transfers[kind]
        transfer.write_partial(link.send, *_peer(message), first, last, vehicle.time_s)


def _item_of(message: Message) -> MissionItem:
    if message.get_msgId() == mavlink.MAVLINK_MSG_ID_MISSION_ITEM:
        x, y = _scaled(message.x), _scaled(message.y)
    else:
        x, y = message.x, message.y
    return MissionItem(
        message.command,
        message.frame,
        message.param1,
        message.param2,
        message.param3,
        message.param4,
        x,
        y,
        message.z,
        message.autocontinue,
    )


def _mission_item(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    kind = _mission_type(vehicle, link, message)
    if kind is None:
        return
    sysid, compid = _peer(message)
    item = _item_of(message)
    if message.current in (2, 3) and kind == 0:
        guided = commands.guided_target if message.current == 2 else commands.guided_height
        done = guided(vehicle.pilot, item)
        result = mavlink.MAV_MISSION_ACCEPTED if done else mavlink.MAV_MISSION_ERROR
        link.send(mavlink.MAVLink_mission_ack_message(sysid, compid, result, 0))
        return
    vehicle.transfers[kind].item(link.send, sysid, compid, message.seq, item, vehicle.time_s)


def _mission_set_current(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    pilot = vehicle.pilot
    if message.seq < len(pilot.mission):
        pilot.controller.jump_to(pilot, message.seq)
        link.send(telemetry.mission_current(pilot))


# --- Parameters ---


def _param_list(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del message
    vehicle.parameters.request_list(link.send)


def _param_read(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    vehicle.parameters.request_read(link.send, message.param_id, message.param_index)


def _param_set(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    if vehicle.parameters.set(message.param_id, message.param_value):
        vehicle.pilot.parameter_changed(message.param_id)


# --- Streams and commands ---


def _data_stream(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    link.set_stream(
        message.req_stream_id,
        message.req_message_rate,
        start=message.start_stop == 1,
        now_s=vehicle.time_s,
    )


def _link_command(vehicle: Vehicle, link: VehicleLink, item: MissionItem) -> int | None:
    """Commands about this link's messages; None where it is not one."""
    command = item.command
    if command == mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES:
        link.send(telemetry.autopilot_version(vehicle.pilot))
        return mavlink.MAV_RESULT_ACCEPTED
    if command == mavlink.MAV_CMD_GET_HOME_POSITION:
        return _send_now(vehicle, link, mavlink.MAVLINK_MSG_ID_HOME_POSITION)
    if command not in (
        mavlink.MAV_CMD_SET_MESSAGE_INTERVAL,
        mavlink.MAV_CMD_GET_MESSAGE_INTERVAL,
        mavlink.MAV_CMD_REQUEST_MESSAGE,
    ):
        return None
    if not math.isfinite(item.param1) or not math.isfinite(item.param2):
        return mavlink.MAV_RESULT_DENIED
    message_id = int(item.param1)
    if command == mavlink.MAV_CMD_REQUEST_MESSAGE:
        return _send_now(vehicle, link, message_id)
    known = message_id in telemetry.BUILDERS or message_id in (mavlink.MAVLINK_MSG_ID_SYSTEM_TIME,)
    if not known and message_id not in mavlink.mavlink_map:
        vehicle.pilot.say(6, f"No ap_message for mavlink id ({message_id})")
        return mavlink.MAV_RESULT_DENIED
    if command == mavlink.MAV_CMD_SET_MESSAGE_INTERVAL:
        link.set_interval(message_id, item.param2, vehicle.time_s)
    else:
        interval = link.interval_us(message_id)
        link.send(mavlink.MAVLink_message_interval_message(message_id & 0xFFFF, interval))
    return mavlink.MAV_RESULT_ACCEPTED


def _send_now(vehicle: Vehicle, link: VehicleLink, message_id: int) -> int:
    message = vehicle.build(message_id)
    if message is None:
        return mavlink.MAV_RESULT_FAILED
    vehicle.after_ack(lambda: link.send(message))
    return mavlink.MAV_RESULT_ACCEPTED


def _run(vehicle: Vehicle, link: VehicleLink, message: Message, item: MissionItem) -> None:
    result = _link_command(vehicle, link, item)
    if item.command == mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE:
        result = gimbal_manager.configure(vehicle.pilot, item, _peer(message))
    elif result is None:
        result = commands.run_command(vehicle.pilot, item)
    sysid, compid = _peer(message)
    link.send(mavlink.MAVLink_command_ack_message(item.command, result, 0, 0, sysid, compid))
    vehicle.flush_after_ack()


def _command_long(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    absolute = message.command in (
        mavlink.MAV_CMD_DO_SET_HOME,
        mavlink.MAV_CMD_DO_REPOSITION,
    )
    frame = mavlink.MAV_FRAME_GLOBAL if absolute else mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
    item = MissionItem(
        message.command,
        frame,
        message.param1,
        message.param2,
        message.param3,
        message.param4,
        _scaled(message.param5),
        _scaled(message.param6),
        message.param7,
    )
    _run(vehicle, link, message, item)


def _command_int(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    item = MissionItem(
        message.command,
        message.frame,
        message.param1,
        message.param2,
        message.param3,
        message.param4,
        message.x,
        message.y,
        message.z,
    )
    _run(vehicle, link, message, item)


def _set_mode(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    result = mavlink.MAV_RESULT_DENIED
    if message.base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        result = commands.set_mode_number(vehicle.pilot, message.custom_mode)
    sysid, compid = _peer(message)
    link.send(
        mavlink.MAVLink_command_ack_message(
            mavlink.MAVLINK_MSG_ID_SET_MODE, result, 0, 0, sysid, compid
        )
    )


# --- The pilot ---


def _target_global(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    guided_targets.take_global(vehicle.pilot, message)


def _target_local(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    guided_targets.take_local(vehicle.pilot, message)


def _gimbal_pitch_yaw(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    gimbal_manager.set_pitch_yaw(vehicle.pilot, message)


def _rc_override(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link
    if message.get_srcSystem() != int(vehicle.pilot.params["SYSID_MYGCS"]):
        return
    vehicle.pilot.failsafes.heard_gcs(vehicle.pilot.time_s)
    values = [getattr(message, f"chan{n}_raw") for n in range(1, 9)]
    vehicle.pilot.rc.override(values, vehicle.time_s)


# --- Files ---


def _file_transfer(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    if vehicle.pilot.config.ftp:
        vehicle.files.receive(link.send, _peer(message), bytes(message.payload))


def _log_list(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del message
    vehicle.logs.request_list(link.send)


def _log_data(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    vehicle.logs.request_data(link.send, message.id, message.ofs, message.count)


def _log_end(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    del link, message
    vehicle.logs.request_end()


# --- Time ---


def _timesync(vehicle: Vehicle, link: VehicleLink, message: Message) -> None:
    if message.tc1 != 0:
        return
    now_ns = round(vehicle.pilot.uptime_s * 1e9)
    link.send(mavlink.MAVLink_timesync_message(now_ns, message.ts1))


HANDLERS: dict[int, Callable[[Vehicle, VehicleLink, Message], None]] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: _heartbeat,
    mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_LIST: _mission_request_list,
    mavlink.MAVLINK_MSG_ID_MISSION_REQUEST: _mission_request,
    mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_INT: _mission_request,
    mavlink.MAVLINK_MSG_ID_MISSION_COUNT: _mission_count,
    mavlink.MAVLINK_MSG_ID_MISSION_CLEAR_ALL: _mission_clear,
    mavlink.MAVLINK_MSG_ID_MISSION_WRITE_PARTIAL_LIST: _mission_write_partial,
    mavlink.MAVLINK_MSG_ID_MISSION_ITEM: _mission_item,
    mavlink.MAVLINK_MSG_ID_MISSION_ITEM_INT: _mission_item,
    mavlink.MAVLINK_MSG_ID_MISSION_SET_CURRENT: _mission_set_current,
    mavlink.MAVLINK_MSG_ID_PARAM_REQUEST_LIST: _param_list,
    mavlink.MAVLINK_MSG_ID_PARAM_REQUEST_READ: _param_read,
    mavlink.MAVLINK_MSG_ID_PARAM_SET: _param_set,
    mavlink.MAVLINK_MSG_ID_REQUEST_DATA_STREAM: _data_stream,
    mavlink.MAVLINK_MSG_ID_COMMAND_LONG: _command_long,
    mavlink.MAVLINK_MSG_ID_COMMAND_INT: _command_int,
    mavlink.MAVLINK_MSG_ID_SET_MODE: _set_mode,
    mavlink.MAVLINK_MSG_ID_SET_POSITION_TARGET_GLOBAL_INT: _target_global,
    mavlink.MAVLINK_MSG_ID_SET_POSITION_TARGET_LOCAL_NED: _target_local,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_SET_PITCHYAW: _gimbal_pitch_yaw,
    mavlink.MAVLINK_MSG_ID_RC_CHANNELS_OVERRIDE: _rc_override,
    mavlink.MAVLINK_MSG_ID_FILE_TRANSFER_PROTOCOL: _file_transfer,
    mavlink.MAVLINK_MSG_ID_LOG_REQUEST_LIST: _log_list,
    mavlink.MAVLINK_MSG_ID_LOG_REQUEST_DATA: _log_data,
    mavlink.MAVLINK_MSG_ID_LOG_REQUEST_END: _log_end,
    mavlink.MAVLINK_MSG_ID_TIMESYNC: _timesync,
}
