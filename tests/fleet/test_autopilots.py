"""ArduCopter and PX4 behind one face: modes both ways, failsafes, how numbers travel."""

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.autopilots import ARDUCOPTER, UNKNOWN, Autopilot, autopilot_of
from fleet.autopilots.base import GUIDED, HOLD, HOME, LAND, MISSION
from fleet.autopilots.px4 import Px4
from fleet.mavlink import Message, dialect
from fleet.telemetry import Telemetry, follow
from fleet.vehicle import RefusedError, Vehicle
from tests.fleet.wire import AUTOPILOT, VEHICLE, Side

PX4 = dialect.MAV_AUTOPILOT_PX4
ARDUPILOT = dialect.MAV_AUTOPILOT_ARDUPILOTMEGA
CUSTOM = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
aircraft = Side(VEHICLE)


def custom_mode(main: int, sub: int = 0) -> int:
    """As px4_custom_mode.h lays it out: two bytes nothing, main mode, sub mode."""
    return int(struct.unpack("<I", struct.pack("<HBB", 0, main, sub))[0])


def heartbeat(make: int, mode: int) -> Message:
    return aircraft.says(
        dialect.MAVLink_heartbeat_message(dialect.MAV_TYPE_QUADROTOR, make, CUSTOM, mode, 4, 3)
    )


@pytest.mark.parametrize(
    ("mode", "main", "sub"),
    [(MISSION, 4, 4), (HOLD, 4, 3), (HOME, 4, 5), (LAND, 4, 6), (GUIDED, 6, 0), ("POSCTL", 3, 0)],
)
def test_px4_modes_are_the_documented_numbers_both_ways(mode: str, main: int, sub: int) -> None:
    assert Px4().mode_order(mode) == (1.0, main, sub)
    assert Px4().mode_name(custom_mode(main, sub)) == mode
    assert follow(Telemetry(), heartbeat(PX4, custom_mode(main, sub)), 0).mode == mode


def test_what_the_node_orders_is_a_mode_of_every_autopilot() -> None:
    for autopilot in (ARDUCOPTER, Px4()):
        for mode in (MISSION, HOLD, HOME, LAND, GUIDED):
            assert autopilot.mode_order(mode)[0] == CUSTOM
    assert ARDUCOPTER.mode_order(HOLD) == (1.0, 17.0)
    assert ARDUCOPTER.mode_name(6) == HOME


@given(st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_every_heartbeat_has_some_mode(mode: int, make: int) -> None:
    assert autopilot_of(make).mode_name(mode)


def test_a_heartbeat_of_nobodys_make_changes_no_known_autopilot() -> None:
    assert autopilot_of(dialect.MAV_AUTOPILOT_INVALID, ARDUCOPTER) is ARDUCOPTER
    assert autopilot_of(PX4, ARDUCOPTER).name == "PX4"
    assert autopilot_of(250) is UNKNOWN


def test_px4_comes_home_when_it_hears_nobody() -> None:
    wanted = Px4().failsafe_parameters(80.0)
    assert wanted["NAV_DLL_ACT"] == 2
    assert wanted["COM_DL_LOSS_T"] == 5
    assert wanted["RTL_RETURN_ALT"] == 80
    with pytest.raises(ValueError, match="150"):
        Px4().failsafe_parameters(200.0)
    assert list(Px4().fence_parameters(120.0).items())[-1] == ("GF_ACTION", 3.0)


class Line:
    """A vehicle whose messages a test answers."""

    def __init__(self, make: int) -> None:
        self.sent: list[Message] = []
        self.vehicle = Vehicle("XS-U1", VEHICLE, AUTOPILOT, self.sent.append)
        self.vehicle.receive(heartbeat(make, 0), 0.0, 0)

    async def next(self) -> Message:
        while not self.sent:
            self.vehicle.tick(asyncio.get_running_loop().time())
            await asyncio.sleep(0)
        return self.sent.pop(0)

    def says(self, message: Message) -> None:
        now_s = asyncio.get_running_loop().time()
        self.vehicle.receive(aircraft.says(message), now_s, 0)


def value(name: str, wire: float, kind: int) -> Message:
    return dialect.MAVLink_param_value_message(name.encode(), wire, kind, 1, 0)


async def of_kind(line: Line, kind: str) -> Message:
    async with asyncio.timeout(5):
        while (message := await line.next()).get_type() != kind:
            pass
    return message


async def test_px4_gets_whole_numbers_as_the_bytes_of_their_type() -> None:
    line = Line(PX4)
    work = asyncio.create_task(line.vehicle.set_parameter("NAV_DLL_ACT", 2.0))
    await of_kind(line, "PARAM_REQUEST_READ")
    int32 = dialect.MAV_PARAM_TYPE_INT32
    line.says(value("NAV_DLL_ACT", struct.unpack("<f", struct.pack("<i", 0))[0], int32))
    order = await of_kind(line, "PARAM_SET")
    assert order.param_type == int32
    assert struct.unpack("<i", struct.pack("<f", order.param_value)) == (2,)
    line.says(value("NAV_DLL_ACT", order.param_value, int32))
    async with asyncio.timeout(5):
        await work


@pytest.mark.parametrize(("make", "numbers"), [(PX4, (1, 4, 5)), (ARDUPILOT, (1, 6, 0))])
async def test_coming_home_is_ordered_by_the_autopilots_own_number(
    make: int, numbers: tuple[int, int, int]
) -> None:
    line = Line(make)
    work = asyncio.create_task(line.vehicle.set_mode(HOME))
    order = await of_kind(line, "COMMAND_LONG")
    assert order.command == dialect.MAV_CMD_DO_SET_MODE
    assert (order.param1, order.param2, order.param3) == numbers
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_nothing_is_ordered_of_an_unknown_make() -> None:
    line = Line(dialect.MAV_AUTOPILOT_GENERIC)
    with pytest.raises(RefusedError, match="unknown make"):
        await line.vehicle.set_mode(HOME)
    autopilot: Autopilot = line.vehicle.autopilot
    with pytest.raises(ValueError, match="unknown make"):
        autopilot.failsafe_parameters(80.0)


def test_px4s_estimate_is_read_like_ardupilots() -> None:
    good = dialect.ESTIMATOR_ATTITUDE | dialect.ESTIMATOR_VELOCITY_HORIZ
    good |= dialect.ESTIMATOR_POS_HORIZ_ABS
    said = aircraft.says(
        dialect.MAVLink_estimator_status_message(0, good, 0, 0, 0, 0, 0, 0, 1.0, 1.0)
    )
    assert follow(Telemetry(), said, 0).position_ok
