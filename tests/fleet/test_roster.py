"""No interleaving of discovery, duplicates and reconnects sends a frame to another aircraft."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.mavlink import dialect
from fleet.roster import Roster
from fleet.router import may_forward
from tests.fleet.wire import Side

AIRCRAFT = {"XS-U1": ("north", 1), "XS-U2": ("north", 2), "XS-U4": ("south", 1)}
PEERS = [("127.0.0.1", 40_000 + n) for n in range(3)]


def heartbeat(
    system: int, component: int = 1, autopilot: int = dialect.MAV_AUTOPILOT_ARDUPILOTMEGA
):
    message = dialect.MAVLink_heartbeat_message(dialect.MAV_TYPE_QUADROTOR, autopilot, 0, 0, 3, 3)
    return Side(system, component).says(message)


events = st.lists(
    st.tuples(
        st.sampled_from(["north", "south"]),
        st.sampled_from(PEERS),
        st.integers(1, 4),
        st.sampled_from([1, 100, 190]),
        st.booleans(),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(events)
def test_a_binding_is_made_once_and_names_its_own_aircraft(
    heard: list[tuple[str, tuple[str, int], int, int, bool]],
) -> None:
    roster = Roster(AIRCRAFT)
    first: dict[str, object] = {}
    for link, peer, system, component, is_autopilot in heard:
        kind = dialect.MAV_AUTOPILOT_ARDUPILOTMEGA if is_autopilot else 8
        verdict = roster.heard(link, peer, heartbeat(system, component, kind))
        for vehicle_id, place in AIRCRAFT.items():
            binding = roster.binding(vehicle_id)
            if binding is None:
                continue
            assert (binding.link, binding.system) == place
            assert binding.component == 1
            assert first.setdefault(vehicle_id, binding) == binding
        if verdict.vehicle_id is not None:
            assert AIRCRAFT[verdict.vehicle_id] == (link, system)
            binding = roster.binding(verdict.vehicle_id)
            assert binding is not None
            assert (verdict.kind == "duplicate") == (binding.address != peer)


def test_two_aircraft_with_one_system_id_on_a_link_are_refused() -> None:
    with pytest.raises(ValueError, match="system id 1"):
        Roster({"A": ("north", 1), "B": ("north", 1)})


@given(
    target=st.integers(0, 255),
    source=st.integers(1, 255),
    message=st.sampled_from(["command", "signing", "heartbeat"]),
)
def test_endpoints_forward_only_what_is_for_their_aircraft(
    target: int, source: int, message: str
) -> None:
    made = {
        "command": dialect.MAVLink_command_long_message(target, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
        "signing": dialect.MAVLink_setup_signing_message(target, 1, bytes(32), 1),
        "heartbeat": dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3),
    }[message]
    allowed = may_forward(Side(source, 190).says(made), system=5)
    if message == "signing" or source == 5:
        assert not allowed
    elif message == "heartbeat":
        assert allowed
    else:
        assert allowed == (target in (0, 5))
