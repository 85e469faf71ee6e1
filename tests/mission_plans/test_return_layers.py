"""Heights of return: apart, above what is flown and the ground, never over the ceiling."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mission_plans.allocation.return_layers import (
    LAYERS_APART_M,
    LayerNeed,
    check_return_layers,
    layer_need,
    return_altitude_m,
    return_layers,
)
from mission_plans.ground.terrain_files import demo_terrain
from tests.fleet.flight_line import search_plan

heights = st.floats(0, 400)


@given(st.lists(st.tuples(heights, st.floats(0, 150)), max_size=8), st.lists(heights, max_size=4))
def test_layers_are_apart_or_said_to_be_shared(
    needed: list[tuple[float, float]], taken: list[float]
) -> None:
    needs = [LayerNeed(str(i), low, low + room) for i, (low, room) in enumerate(needed)]
    layers = return_layers(needs, taken)
    by_id = {need.sortie_id: need for need in needs}
    assert sorted(layer.sortie_id for layer in layers) == sorted(by_id)
    for layer in layers:
        need = by_id[layer.sortie_id]
        assert need.least_amsl_m <= layer.amsl_m <= need.most_amsl_m
    apart = [layer.amsl_m for layer in layers if layer.apart]
    for a, b in itertools.combinations(apart, 2):
        assert abs(a - b) >= LAYERS_APART_M - 1e-6
    for a, b in itertools.product(apart, taken):
        assert abs(a - b) >= LAYERS_APART_M - 1e-6


def test_no_room_is_said_and_nobody_is_sent_over_the_ceiling() -> None:
    needs = [LayerNeed(name, 100.0, 130.0) for name in "abc"]
    layers = return_layers(needs, [])
    assert [(layer.amsl_m, layer.apart) for layer in layers] == [
        (100.0, True),
        (120.0, True),
        (100.0, False),
    ]


def test_a_layer_lies_above_the_ground_and_everything_flown() -> None:
    plan = search_plan()
    sortie = plan.sorties[0]
    need = layer_need(sortie, demo_terrain(), 120.0)
    assert need.least_amsl_m >= max(w.altitude_amsl_m for w in sortie.waypoints)
    clear_m = return_altitude_m(sortie, demo_terrain()) + sortie.launch_amsl_m
    assert clear_m <= need.least_amsl_m <= need.most_amsl_m
    assert check_return_layers(plan.sorties, demo_terrain(), plan.request) == []


def test_the_plan_says_where_there_is_no_room() -> None:
    plan = search_plan()
    (sortie,) = plan.sorties
    crowd = [sortie.model_copy(update={"vehicle_id": f"U{i}", "id": f"s{i}"}) for i in range(9)]
    (check,) = check_return_layers(crowd, demo_terrain(), plan.request)
    assert not check.passed
    assert check.value
    (check,) = check_return_layers(crowd[:2], demo_terrain(), plan.request)
    assert check.passed
