"""The messages' wire form: told apart by their kind, read by older and newer peers."""

import pytest
from pydantic import TypeAdapter, ValidationError

from field_api.contract import messages
from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    CommandOutcome,
    DurableBody,
    LandVehicle,
    LinkState,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
    durable_adapter,
)
from mission_plans.values.plan import GeoPoint, SortiePlan
from tests.contract.messages import START_MS, result, vehicle_event

PLACE = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)


@pytest.mark.parametrize("message", [vehicle_event(), result(new_id(), CommandOutcome.REFUSED)])
def test_a_durable_record_is_read_back_as_what_it_was(message: DurableBody) -> None:
    assert durable_adapter.validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    "body",
    [
        StartSortie(vehicle_id="XS-U1", sortie_id="s1"),
        PauseVehicle(vehicle_id="XS-U1"),
        ResumeVehicle(vehicle_id="XS-U1"),
        ReturnVehicle(vehicle_id="XS-U1"),
        LandVehicle(vehicle_id="XS-U1"),
    ],
)
def test_an_order_is_told_apart_by_its_action(body: CommandBody) -> None:
    order = Command(id=new_id(), author="pilot", issued_ms=START_MS, expires_ms=START_MS, body=body)
    read = Command.model_validate_json(order.model_dump_json())
    assert type(read.body) is type(body)
    assert read == order
    assert TypeAdapter[CommandBody](CommandBody).validate_json(body.model_dump_json()) == body


def test_an_unknown_order_is_refused_and_an_unknown_field_is_not() -> None:
    order = {
        "id": new_id(),
        "author": "pilot",
        "issued_ms": START_MS,
        "expires_ms": START_MS,
        "body": {"action": "land_vehicle", "vehicle_id": "XS-U1", "newer": 1},
    }
    assert Command.model_validate(order).body == LandVehicle(vehicle_id="XS-U1")
    with pytest.raises(ValidationError, match="body"):
        Command.model_validate(order | {"body": {"action": "loop", "vehicle_id": "XS-U1"}})


def test_every_public_name_can_be_imported_from_the_package() -> None:
    assert len(set(messages.__all__)) == len(messages.__all__)
    for name in messages.__all__:
        assert hasattr(messages, name)


def test_fences_are_optional_for_an_older_post_and_an_older_node() -> None:
    sortie = SortiePlan(
        id="s1", vehicle_id="XS-U1", order=0, launch=PLACE, launch_amsl_m=0, cruise_ms=8,
        camera_pitch_deg=-90, waypoints=[], length_m=0, duration_s=0, energy_fraction=0,
    )  # fmt: skip
    order = UploadSortie(vehicle_id="XS-U1", sortie=sortie, checks=[])
    older = order.model_dump(exclude={"fences", "max_agl_m", "rally"})
    assert UploadSortie.model_validate(older) == order
    rally = [{"place": PLACE, "altitude_relative_m": 30, "newer": 1}]
    assert UploadSortie.model_validate(older | {"rally": rally}).rally[0].place == PLACE
    state = VehicleState(vehicle_id="XS-U1", t_ms=1, link=LinkState.LIVE, fence="breached")
    assert VehicleState.model_validate(state.model_dump(exclude={"fence"})).fence is None
    assert VehicleState.model_validate_json(state.model_dump_json()) == state
