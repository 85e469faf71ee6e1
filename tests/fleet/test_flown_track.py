"""The durable record of a sortie as flown."""

from field_api.contract.messages import LinkState, SortieState, VehicleState
from fleet.flown_track import FlownTrackLog


def state(t_ms: int, sortie: str | None, sortie_state: SortieState | None) -> VehicleState:
    return VehicleState(
        vehicle_id="XS-U1",
        t_ms=t_ms,
        link=LinkState.LIVE,
        lat_deg=24.9 + t_ms * 1e-9,
        lon_deg=102.6,
        altitude_amsl_m=2300.0,
        heading_deg=90.0,
        sortie_id=sortie,
        sortie_state=sortie_state,
    )


def test_a_flight_is_handed_over_in_pieces_once_a_second_and_whole() -> None:
    log = FlownTrackLog()
    pieces = []
    for t_ms in range(0, 40_000, 200):
        pieces += log.observe(state(t_ms, "S1", SortieState.FLYING))
    pieces += log.observe(state(40_000, "S1", SortieState.RETURNED))
    times = [s.t_ms for piece in pieces for s in piece.samples]
    assert times == list(range(0, 40_000, 1000))
    assert len(pieces) == 3
    assert {piece.sortie_id for piece in pieces} == {"S1"}
    assert len({piece.id for piece in pieces}) == len(pieces)


def test_nothing_is_recorded_on_the_ground_and_sorties_are_kept_apart() -> None:
    log = FlownTrackLog()
    assert log.observe(state(0, "S1", SortieState.UPLOADED)) == []
    log.observe(state(1000, "S1", SortieState.FLYING))
    (first,) = log.observe(state(2000, "S2", SortieState.FLYING))
    assert first.sortie_id == "S1"
    (second,) = log.observe(state(3000, None, None))
    assert second.sortie_id == "S2"
    assert log.observe(state(4000, None, None)) == []
