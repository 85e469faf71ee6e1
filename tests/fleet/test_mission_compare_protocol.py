"""Read-back notices everything that would be flown otherwise, and nothing else.

What ArduCopter alters was read back from a real 4.0.7.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import dialect
from fleet.protocol.mission import first_difference
from mission_plans.formats.mission_items import MissionItem

X, Y = 249_478_000, 1_026_108_000
HOME = MissionItem(seq=0, frame=0, command=16, x=X, y=Y, z=2_300.0)


def item(command: int = 16, *params: float, **fields: object) -> MissionItem:
    numbers = dict(zip(("param1", "param2", "param3", "param4"), params, strict=False))
    place = {"seq": 1, "frame": 3, "x": X, "y": Y, "z": 50.0}
    return MissionItem.model_validate({"command": command} | place | numbers | fields)


def told(sent: MissionItem, read: MissionItem, mission_type: int = 0) -> str | None:
    home = [HOME] if mission_type == 0 else []
    return first_difference([*home, sent], [*home, read], mission_type)


PLACED = [
    dialect.MAV_CMD_NAV_WAYPOINT,
    dialect.MAV_CMD_NAV_SPLINE_WAYPOINT,
    dialect.MAV_CMD_NAV_LOITER_UNLIM,
    dialect.MAV_CMD_NAV_LOITER_TURNS,
    dialect.MAV_CMD_NAV_LOITER_TIME,
    dialect.MAV_CMD_NAV_LOITER_TO_ALT,
    dialect.MAV_CMD_NAV_LAND,
    dialect.MAV_CMD_DO_SET_ROI_LOCATION,
    dialect.MAV_CMD_DO_LAND_START,
]


@pytest.mark.parametrize("command", PLACED)
def test_place_height_and_reference_count_for_every_command_that_has_them(command: int) -> None:
    sent = item(command)
    assert told(sent, sent) is None
    assert "position" in (told(sent, item(command, x=X + 50)) or "")
    assert "position" in (told(sent, item(command, y=Y - 50)) or "")
    assert "altitude" in (told(sent, item(command, z=49.0)) or "")
    assert "frame" in (told(sent, item(command, frame=0)) or "")
    assert told(item(command, frame=6), sent) is None, "two names of one frame"


@given(
    command=st.sampled_from([16, 18, 19, 21, 82, 93, 112, 115, 178, 206, 9_999]),
    number=st.integers(1, 4),
    change=st.sampled_from([-90.0, -7.0, 7.0, 90.0]),
    value=st.sampled_from([0.0, 40.0, -40.0]),
)
def test_a_changed_parameter_is_told(
    command: int, number: int, change: float, value: float
) -> None:
    name = f"param{number}"
    sent, read = item(command, **{name: value}), item(command, **{name: value + change})
    sign_only = {(19, 3), (21, 4)}
    switch_only = {(18, 4), (19, 4)}
    if (command, number) in sign_only:
        expected = (value < 0) != (value + change < 0)
    elif (command, number) in switch_only:
        expected = (value > 0) != (value + change > 0)
    else:
        expected = True
    assert (told(sent, read) is not None) == expected


def test_the_faults_that_were_missed_are_told_in_words() -> None:
    assert told(item(16, 10), item(16, 0)) == "item 1: hold time 10 became 0"
    assert told(item(16, 0, 0, 0, 90), item()) == "item 1: yaw 90 became 0"
    assert told(item(autocontinue=False), item()) == "item 1: autocontinue False became True"
    assert "position" in (told(item(18, 2, 0, 30), item(18, 2, 0, 30, x=X + 900)) or "")
    assert told(item(), item(21)) == "item 1: command 16 became 21"
    assert first_difference([HOME, item()], [HOME]) == "2 items sent, 1 read back"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (item(16, 2.6, z=2_350.126), item(16, 2.0, z=2_350.12)),
        (item(22, 15, x=0, y=0), item(22, 15)),
        (item(18, 2, 0, 33.4, 1), item(18, 2, 0, 33, 1)),
        (item(18, 2, 0, -25.5, 1), item(18, 2, 0, -25, 1)),
        (item(19, 7.7, 0, -20), item(19, 7, 0, -1)),
        (item(19, 7), item(19, 7, 0, 1)),
        (item(31, 0, 22.2, 0, 1), item(31, 0, 22, 0, 1)),
        (item(21), item(21, 0, 0, 0, 1)),
        (item(178, 1, 7.3, -1, frame=2, x=0, y=0, z=0), item(178, 1, 7.300000190734863, -1, 0)),
        (item(20, frame=2, x=0, y=0, z=0), item(20, frame=0, x=0, y=0, z=0)),
        (item(18, 2, 0, 304), item(18, 2, 0, 300)),
    ],
)
def test_what_arducopter_alters_without_harm_is_the_same(
    sent: MissionItem, read: MissionItem
) -> None:
    assert told(sent, read) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (item(18, 2, 0, -300), item(18, 2, 0, -44)),
        (item(18, 1.5), item(18, 1.0)),
        (item(18, 2, 0, 30), item(18, 2, 0, -30)),
        (item(16, 0, 5), item(16)),
        (item(206, 12.5, 0, 1), item(206, 12.5)),
    ],
)
def test_what_arducopter_spoils_is_told(sent: MissionItem, read: MissionItem) -> None:
    assert told(sent, read) is not None


def test_home_is_the_vehicles_own_but_the_first_corner_of_a_fence_is_not() -> None:
    moved = HOME.model_copy(update={"x": X + 900})
    assert first_difference([HOME], [moved]) is None
    fence, rally = 1, 2
    corner = item(5001, 3, frame=0, z=0, autocontinue=True)
    assert told(corner, item(5001, 3, frame=0, z=0, autocontinue=False), fence) is None
    assert "position" in (told(corner, item(5001, 3, x=X + 900), fence) or "")
    assert "parameter 1" in (told(corner, item(5001, 4), fence) or "")
    assert told(item(5003, 50.5), item(5003, 50), fence) is None
    assert told(item(5003, 50), item(5003, 40), fence) is not None
    assert told(item(5100, z=42.6), item(5100, z=42.0), rally) is None
    assert told(item(5100, z=42.6), item(5100, z=40.0), rally) is not None
