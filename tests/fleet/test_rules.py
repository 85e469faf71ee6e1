"""Guards, the sortie's table, presence, texts, settings and stored sorties."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import (
    BatteryState,
    FlightPhase,
    GpsState,
    LinkState,
    SortieState,
    VehicleState,
)
from fleet.config import ConfigError, load_config
from fleet.fencing import SortieFence
from fleet.guards import battery_needed, before_start, before_upload
from fleet.mavlink import Codec, dialect
from fleet.protocol.fence_items import CircleFence, fence_items
from fleet.protocol.presence import Presence
from fleet.protocol.statustext import StatusTexts
from fleet.sortie import FOLLOWING, NotAllowedError, Sortie, observe
from fleet.store import SortieStore
from fleet.watch import GUARDS
from mission_plans.allocation.return_layers import return_altitude_m
from mission_plans.ground.terrain_files import demo_terrain
from tests.fleet.flight_line import FCP, search_plan
from tests.fleet.wire import Side

SORTIE = search_plan().sorties[0]
READY = VehicleState(
    vehicle_id="XS-U2",
    t_ms=1,
    link=LinkState.LIVE,
    mode="STABILIZE",
    phase=FlightPhase.GROUND,
    lat_deg=FCP.lat_deg,
    lon_deg=FCP.lon_deg,
    battery=BatteryState(remaining_fraction=0.9),
    gps=GpsState(fix_type=3, satellites=10, hdop=1.1),
    position_ok=True,
    prearm_ok=True,
    mission_count=9,
)


def found(**changes: object) -> set[str]:
    return {f.id for f in before_start(READY.model_copy(update=changes), SORTIE, 9)}


def test_a_ready_aircraft_may_start_and_every_fault_stops_it() -> None:
    assert found() == set()
    assert found(link=LinkState.STALE) == {"link"}
    assert found(armed=True) == {"armed"}
    assert found(phase=FlightPhase.AIR) == {"airborne"}
    assert found(gps=GpsState(fix_type=2)) == {"gps_fix"}
    assert found(gps=GpsState(fix_type=3, hdop=4.0)) == {"gps_hdop"}
    assert found(position_ok=False) == {"position"}
    assert found(failsafe="Battery Failsafe") == {"failsafe"}
    assert found(battery=BatteryState(remaining_fraction=0.2)) == {"battery"}
    assert found(mission_count=8) == {"mission"}


def test_the_battery_must_hold_what_the_sortie_needs_and_what_must_be_left() -> None:
    long = SORTIE.model_copy(update={"energy_fraction": 0.64})
    assert battery_needed(long) == pytest.approx(0.84)
    assert battery_needed(SORTIE.model_copy(update={"energy_fraction": 0.05})) == 0.40
    ready = READY.model_copy(update={"battery": BatteryState(remaining_fraction=0.77)})
    (finding,) = before_start(ready, long, 9)
    assert finding.id == "battery"
    assert "77%" in finding.text_en
    assert "84%" in finding.text_en
    full = READY.model_copy(update={"battery": BatteryState(remaining_fraction=0.85)})
    assert before_start(full, long, 9) == []
    assert found(mission_count=None) == {"mission"}
    assert found(lat_deg=FCP.lat_deg + 0.01) == {"launch_point"}
    assert found(lat_deg=None) == {"no_position"}


def test_a_sortie_for_another_aircraft_is_not_uploaded() -> None:
    state = READY.model_copy(update={"vehicle_id": "XS-U1"})
    assert {f.id for f in before_upload(state, SORTIE, [])} == {"wrong_vehicle"}
    assert before_upload(READY, SORTIE, []) == []


def test_the_way_home_clears_the_ground() -> None:
    height_m = return_altitude_m(SORTIE, demo_terrain())
    top = max(float(demo_terrain().elevation_m(w.lat_deg, w.lon_deg)) for w in SORTIE.waypoints)
    assert SORTIE.launch_amsl_m + height_m >= top + 29.9


@given(st.lists(st.sampled_from(list(SortieState)), max_size=12))
def test_the_sortie_follows_its_table(steps: list[SortieState]) -> None:
    sortie = Sortie(SORTIE, "pilot")
    for step in steps:
        if step in FOLLOWING[sortie.state]:
            sortie = sortie.to(step)
            assert sortie.state is step
        else:
            with pytest.raises(NotAllowedError, match=sortie.state.value):
                sortie.to(step)


def test_a_landed_aircraft_ends_its_sortie_whatever_brought_it_home() -> None:
    for state in (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING):
        sortie = Sortie(SORTIE, "pilot", state)
        assert observe(sortie, READY) is SortieState.RETURNED
    flying = Sortie(SORTIE, "pilot", SortieState.FLYING)
    air = READY.model_copy(update={"armed": True, "phase": FlightPhase.AIR})
    assert observe(flying, air.model_copy(update={"mode": "RTL"})) is SortieState.RETURNING
    assert observe(flying, air.model_copy(update={"mode": "BRAKE"})) is SortieState.PAUSED
    assert observe(flying, air.model_copy(update={"mode": "AUTO", "mission_seq": 4})) is None


def test_telemetry_grows_stale_then_lost_and_a_restart_is_noticed() -> None:
    presence = Presence()
    assert presence.state(0.0) is LinkState.LOST
    presence.heartbeat(10.0)
    assert [presence.state(t) for t in (10.0, 12.9, 13.0, 14.9, 15.0)] == [
        *(LinkState.LIVE, LinkState.LIVE, LinkState.STALE, LinkState.STALE, LinkState.LOST)
    ]
    assert not presence.boot_clock(60_000)
    assert not presence.boot_clock(59_500)
    assert presence.boot_clock(1_200)


@given(st.text(alphabet="abc 123", min_size=1, max_size=240), st.integers(0, 1_000))
def test_long_texts_are_joined_in_any_order(text: str, seed: int) -> None:
    vehicle, texts = Side(1), StatusTexts()
    chunks = [text[i : i + 50] for i in range(0, len(text), 50)]
    if len(chunks[-1]) == 50:
        chunks.append("")
    order = list(enumerate(chunks))
    random.Random(seed).shuffle(order)
    whole = []
    for number, chunk in order:
        message = dialect.MAVLink_statustext_message(4, chunk.encode(), 9, number)
        whole += texts.receive(vehicle.says(message), 0.0)
    assert [w.text for w in whole] == [text]


def test_a_lost_chunk_is_marked() -> None:
    vehicle, texts = Side(1), StatusTexts()
    message = dialect.MAVLink_statustext_message(3, b"x" * 50, 5, 1)
    assert texts.receive(vehicle.says(message), 0.0) == []
    assert [t.text for t in texts.poll(3.0)] == ["[...]" + "x" * 50]


@given(st.binary(max_size=600))
def test_garbage_never_stops_the_parser(data: bytes) -> None:
    codec = Codec()
    codec.parse(data)
    beat = Codec(1, 1).pack(dialect.MAVLink_heartbeat_message(2, 3, 0, 0, 3, 3))
    kinds = [m.get_type() for _ in range(40) for m in codec.parse(beat)]
    assert "HEARTBEAT" in kinds


def test_wrong_settings_name_their_field(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text('{"node_id": "n", "data_dir": "d", "links": [{"id": "a", "url": "udp:1"}]}')
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert "links.0.url" in str(refused.value)
    assert "udpin:HOST:PORT" in str(refused.value)
    assert "vehicles" in str(refused.value)
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "none.json")


def test_a_sortie_survives_a_restart_and_damage_is_no_crash(tmp_path: Path) -> None:
    store = SortieStore(tmp_path)
    fence = SortieFence(areas=tuple(fence_items([CircleFence(FCP, 50, True)])), ceiling_m=90)
    sortie = Sortie(SORTIE, "pilot", SortieState.FLYING, 9, fence=fence)
    store.save(sortie)
    assert SortieStore(tmp_path).load("XS-U2") == sortie
    next(tmp_path.glob("*.json")).write_text("{half")
    assert store.load("XS-U2") is None


def settings_with(tmp_path: Path, **more: object) -> Path:
    path = tmp_path / "fleet.json"
    known = {
        "node_id": "n",
        "data_dir": "d",
        "links": [{"id": "a", "url": "udpin:127.0.0.1:14550"}],
        "vehicles": [{"vehicle_id": "XS-U1", "link": "a", "sysid": 1}],
    }
    path.write_text(json.dumps(known | more))
    return path


def test_guards_warn_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    stock = load_config(settings_with(tmp_path))
    assert set(stock.guards) == set(GUARDS)
    assert set(stock.guards.values()) == {"warn"}
    assert (stock.limits.max_wind_ms, stock.limits.night_flights) == (12.0, False)
    chosen = load_config(
        settings_with(
            tmp_path,
            guards={"battery_home": "return", "separation": "hold"},
            max_wind_ms=8,
            night_flights=True,
        )
    )
    assert chosen.guards["battery_home"] == "return"
    assert chosen.guards["separation"] == "hold"
    assert chosen.guards["terrain"] == "warn"
    assert (chosen.limits.max_wind_ms, chosen.limits.night_flights) == (8.0, True)


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        ({"batery_home": "return"}, "no guard 'batery_home'; allowed: position_frozen, "),
        ({"wind": "land"}, "'warn', 'hold' or 'return'"),
        ({"separation": "return"}, "separation must not order 'return'; allowed: hold, warn"),
    ],
)
def test_a_wrong_guard_names_what_is_allowed(
    tmp_path: Path, guards: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(settings_with(tmp_path, guards=guards))
    assert "guards" in str(refused.value)
    assert said in str(refused.value)
