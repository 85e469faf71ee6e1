"""Parameters over the whole way: order, aircraft, report; with a real ArduCopter where there is."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from field_api.contract.messages import (
    CommandOutcome,
    FetchParameters,
    ParameterWish,
    ReadParameter,
    SetParameters,
    StartSortie,
    UploadSortie,
)
from fleet.mavlink import dialect
from tests.fleet.flight_line import FlightLine, flight_line, search_plan
from tests.sim_vehicle.peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(300)]
ID = "XS-U2"


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        await running.until(lambda s: s.prearm_ok, within_s=120)
        yield running


def told(line: FlightLine, kind: str) -> list[dict[str, Any]]:
    records = [json.loads(body) for body in line.post.bodies]
    return [r for r in sorted(records, key=lambda r: r["id"]) if r["kind"] == kind]


def wish(name: str, value: float, was: float | None = None) -> ParameterWish:
    return ParameterWish(name=name, value=value, was=was)


def orders(*wishes: ParameterWish, **more: Any) -> SetParameters:
    return SetParameters(vehicle_id=ID, values=list(wishes), **more)


async def test_all_are_fetched_once_and_again_only_when_asked(line: FlightLine) -> None:
    first = await line.order(FetchParameters(vehicle_id=ID), within_s=120)
    assert first.outcome is CommandOutcome.DONE, first.text
    report = told(line, "parameter_report")[-1]
    values = {v["name"]: v["value"] for v in report["values"]}
    assert len(values) > 900
    assert report["missing"] == 0
    assert not report["partial"]
    assert values["SYSID_THISMAV"] == 2
    assert any(mark["begins"] == "FENCE_" for mark in report["marks"])

    await line.order(FetchParameters(vehicle_id=ID))
    kept = told(line, "parameter_report")[-1]
    if report["hardware"]:  # Without a number nobody knows whether it is the same autopilot.
        assert kept["read_ms"] == report["read_ms"]
    again = await line.order(FetchParameters(vehicle_id=ID, again=True), within_s=120)
    assert again.outcome is CommandOutcome.DONE, again.text
    assert told(line, "parameter_report")[-1]["read_ms"] > report["read_ms"]


async def test_a_value_is_set_confirmed_and_recorded_as_it_was_and_is(line: FlightLine) -> None:
    done = await line.order(orders(wish("WPNAV_SPEED", 812), wish("RTL_ALT", 3000)))
    assert done.outcome is CommandOutcome.DONE, done.text
    assert "返航高度" in done.text
    (record,) = told(line, "parameters_changed")
    assert record["author"] == "pilot"
    changed = {c["name"]: (c["old"], c["new"]) for c in record["changes"]}
    assert changed["WPNAV_SPEED"][1] == 812
    assert changed["RTL_ALT"][1] == 3000
    again = await line.order(ReadParameter(vehicle_id=ID, name="WPNAV_SPEED"))
    assert again.outcome is CommandOutcome.DONE
    assert told(line, "parameter_report")[-1]["values"] == [
        {"name": "WPNAV_SPEED", "value": 812, "kind": told_kind(record, "WPNAV_SPEED")}
    ]


def told_kind(record: dict[str, Any], name: str) -> int:
    return next(c["kind"] for c in record["changes"] if c["name"] == name)


async def test_one_value_that_can_not_be_set_means_that_none_is_sent(line: FlightLine) -> None:
    await line.order(orders(wish("WPNAV_SPEED", 700)))
    for wrong, says in (
        (wish("NO_SUCH_NAME", 1), "no answer"),
        (wish("RTL_ALT_FINAL", 40_000), "allowed are"),
        (wish("FS_OPTIONS", 0.5), "whole number"),
        (wish("WPNAV_RADIUS", 300, was=-1), "not -1"),
    ):
        refused = await line.order(orders(wish("WPNAV_SPEED", 900), wrong))
        assert refused.outcome is CommandOutcome.REFUSED, refused.text
        assert refused.code == "parameter_refused"
        assert says in refused.text
    missing = await line.order(ReadParameter(vehicle_id=ID, name="NO_SUCH_NAME"))
    assert missing.code == "unknown_parameter"
    await line.order(ReadParameter(vehicle_id=ID, name="WPNAV_SPEED"))
    assert told(line, "parameter_report")[-1]["values"][0]["value"] == 700


async def test_in_flight_it_takes_a_confirmation_and_a_reason(line: FlightLine) -> None:
    plan = search_plan()
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    upload = UploadSortie(vehicle_id=ID, sortie=plan.sorties[0], checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    await line.until(lambda s: s.fence == "confirmed")
    start = StartSortie(vehicle_id=ID, sortie_id=plan.sorties[0].id)
    assert (await line.order(start)).outcome is CommandOutcome.DONE
    faster = wish("WPNAV_SPEED", 650)
    for order in (orders(faster), orders(faster, in_flight=True, reason="why")):
        refused = await line.order(order)
        assert (refused.outcome, refused.code) == (CommandOutcome.REFUSED, "in_flight")
    reason = "强风,降低航速以便悬停 slower against the wind"
    done = await line.order(orders(faster, wish("FENCE_MARGIN", 3), in_flight=True, reason=reason))
    assert done.outcome is CommandOutcome.DONE, done.text
    record = told(line, "parameters_changed")[-1]
    assert record["in_flight"]
    assert record["reason"] == reason
    # It is another fence than the one that was read back.
    await line.until(lambda s: s.fence != "confirmed")


async def test_all_come_over_a_radio_that_loses_a_third_both_ways(tmp_path: Path) -> None:
    async with flight_line("simulated", tmp_path, radio_between=True) as line:
        await line.until(lambda s: s.prearm_ok, within_s=120)
        assert line.radio is not None
        line.radio.faults.loss = 0.3
        done = await line.order(FetchParameters(vehicle_id=ID), within_s=200)
        assert done.outcome is CommandOutcome.DONE, done.text
        report = told(line, "parameter_report")[-1]
        assert report["missing"] == 0
        assert any(s.onboard_work and (s.onboard_work.fraction or 0) > 0 for s in line.states)
        changed = await line.order(orders(wish("WPNAV_SPEED", 777)))
        assert changed.outcome is CommandOutcome.DONE, changed.text


async def test_another_programs_change_is_known_too(tmp_path: Path) -> None:
    async with flight_line("simulated", tmp_path) as line:
        await line.until(lambda s: s.prearm_ok, within_s=120)
        await line.order(FetchParameters(vehicle_id=ID), within_s=120)
        peer = Peer(2)
        try:
            await peer.connect(line.second_port)
            peer.send(
                dialect.MAVLink_param_set_message(
                    2, 1, b"WPNAV_SPEED", 555.0, dialect.MAV_PARAM_TYPE_REAL32
                )
            )
            async with asyncio.timeout(20):
                await line.post.wait_for(
                    lambda: (
                        [
                            v["value"]
                            for v in told(line, "parameter_report")[-1]["values"]
                            if v["name"] == "WPNAV_SPEED"
                        ]
                        == [555]
                    )
                )
        finally:
            await peer.close()
