"""No interleaving of discovery, duplicates and reconnects sends a frame to another aircraft."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.mavlink import dialect
from fleet.roster import Roster
from tests.fleet.wire import Side

AIRCRAFT = {
    "XS-U1": (("north",), 1),
    "XS-U2": (("north", "south"), 2),
    "XS-U4": (("south",), 1),
}
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


@given(events)
def test_a_binding_is_made_once_and_names_its_own_aircraft(
    heard: list[tuple[str, tuple[str, int], int, int, bool]],
) -> None:
    roster = Roster(AIRCRAFT)
    first: dict[str, object] = {}
    for link, peer, system, component, is_autopilot in heard:
        kind = dialect.MAV_AUTOPILOT_ARDUPILOTMEGA if is_autopilot else 8
        verdict = roster.heard(link, peer, heartbeat(system, component, kind))
        for vehicle_id, (links, own) in AIRCRAFT.items():
            for binding in roster.bindings(vehicle_id):
                assert binding.link in links
                assert binding.system == own
                assert binding.component == 1
                assert first.setdefault(vehicle_id, binding) == binding
        if verdict.kind != "stranger":
            assert verdict.vehicle_id is not None
            links, own = AIRCRAFT[verdict.vehicle_id]
            assert link in links
            assert own == system
            bindings = roster.bindings(verdict.vehicle_id)
            # Nothing but a proof adds a way.
            assert len(bindings) == 1
            known = bindings[0].origin == (link, peer)
            assert (verdict.kind == "claims") == (not known)


@given(events)
def test_a_proved_way_is_one_of_the_aircrafts_links(
    heard: list[tuple[str, tuple[str, int], int, int, bool]],
) -> None:
    roster = Roster(AIRCRAFT)
    for link, peer, system, component, _ in heard:
        verdict = roster.heard(link, peer, heartbeat(system, component))
        if verdict.kind == "claims" and verdict.vehicle_id is not None:
            binding = roster.proved(verdict.vehicle_id, (link, peer))
            assert binding.system == system
            assert roster.heard(link, peer, heartbeat(system)).kind == "known"
            roster.disproved(verdict.vehicle_id, link)
            assert roster.bindings(verdict.vehicle_id)
    for vehicle_id, (links, system) in AIRCRAFT.items():
        for binding in roster.bindings(vehicle_id):
            assert binding.link in links
            assert binding.system == system


def test_no_way_leads_over_another_link() -> None:
    roster = Roster(AIRCRAFT)
    roster.heard("north", PEERS[0], heartbeat(1))
    with pytest.raises(ValueError, match="has no link south"):
        roster.proved("XS-U1", ("south", PEERS[0]))


def test_two_aircraft_with_one_system_id_on_a_link_are_refused() -> None:
    with pytest.raises(ValueError, match="system id 1"):
        Roster({"A": (("north",), 1), "B": (("south", "north"), 1)})
