"""What a guard may order: once, never against a person, never where it could do harm."""

from collections.abc import Mapping
from typing import Any

import pytest

from field_api.contract.messages import VehicleState
from fleet.reflexes import Reflexes
from fleet.watch import Action

ACTIONS: Mapping[str, Action] = {
    "separation": "hold",
    "terrain": "hold",
    "battery_home": "return",
    "wind": "warn",
}
IN_AIR: dict[str, Any] = {
    "vehicle_id": "XS-U2",
    "t_ms": 1,
    "link": "live",
    "mode": "AUTO",
    "armed": True,
    "phase": "air",
    "sortie_state": "flying",
}


def seen(**changes: object) -> VehicleState:
    return VehicleState.model_validate(IN_AIR | changes)


def look(
    reflexes: Reflexes, *holding: str, certain: bool = True, **changes: object
) -> tuple[str, Action] | None:
    return reflexes.look(holding, seen(**changes), certain=certain)


def test_it_orders_once_until_the_guard_has_cleared() -> None:
    reflexes = Reflexes(ACTIONS)
    assert look(reflexes) is None
    assert look(reflexes, "wind") is None
    assert look(reflexes, "separation") == ("separation", "hold")
    assert look(reflexes, "separation") is None
    assert look(reflexes, "separation", mode="BRAKE") is None
    assert look(reflexes) is None
    assert look(reflexes, "separation") == ("separation", "hold")


@pytest.mark.parametrize(
    "change",
    [
        {"phase": "ground"},
        {"armed": False},
        {"link": "stale"},
        {"link": "lost"},
        {"mode": "LOITER"},
        {"mode": "STABILIZE"},
        {"mode": "RTL"},
        {"mode": "LAND"},
        {"mode": "BRAKE"},
        {"sortie_state": "returning"},
        {"certain": False},
    ],
)
def test_where_it_must_not_it_orders_nothing(change: dict[str, Any]) -> None:
    reflexes = Reflexes(ACTIONS)
    assert look(reflexes, "separation", **change) is None
    assert look(reflexes, "separation") == ("separation", "hold"), "nothing was used up by it"


def test_a_return_is_more_than_a_hold_and_one_order_is_enough() -> None:
    reflexes = Reflexes(ACTIONS)
    assert look(reflexes, "separation", "battery_home") == ("battery_home", "return")
    assert look(reflexes, "separation", "battery_home") is None
    held = Reflexes(ACTIONS)
    assert look(held, "terrain") == ("terrain", "hold")
    assert look(held, "terrain", "battery_home", mode="BRAKE") == ("battery_home", "return")
    assert look(held, "terrain", "battery_home", "separation", mode="RTL") is None


def test_what_a_person_orders_after_the_guard_stands() -> None:
    reflexes = Reflexes(ACTIONS)
    assert look(reflexes, "separation") == ("separation", "hold")
    reflexes.person_begins()
    reflexes.person_ends()
    assert look(reflexes, "separation") is None, "the pilot goes on, knowing"
    assert look(reflexes) is None
    assert look(reflexes, "separation") == ("separation", "hold"), "it cleared and came again"


def test_while_a_persons_order_is_under_way_it_orders_nothing() -> None:
    reflexes = Reflexes(ACTIONS)
    reflexes.person_begins()
    assert look(reflexes, "separation") is None
    reflexes.person_ends()
    assert look(reflexes, "separation") is None, "it came up while the pilot was at it"
    assert look(reflexes, "separation", "battery_home") == ("battery_home", "return")


def test_a_guard_that_holds_when_the_pilot_orders_is_answered_even_if_it_could_not_act() -> None:
    reflexes = Reflexes(ACTIONS)
    assert look(reflexes, "separation", link="stale") is None
    reflexes.person_begins()
    reflexes.person_ends()
    assert look(reflexes, "separation") is None
