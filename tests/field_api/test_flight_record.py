"""The record of a flight: whole, in order, honest about what is missing."""

import csv
import io
from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    FlownTrack,
    GpsState,
    LinkState,
    SortieEvent,
    SortieState,
    VehicleState,
)
from field_api.core.roles import Actor
from field_api.features.flights.answers import take_sortie_event
from field_api.features.flights.flown import take_flown
from field_api.features.roster.tables import Vehicle
from fleet.flown_track import FlownTrackLog
from tests.field_api.post import CHECKLIST, Post, plan_body

NODE = Actor("node:fleet-1", "fleet-1", "test")
HOUR_S = 3600
CODE = "DEMOXISHAN000000001A"


async def authorised(post: Post) -> dict[str, Any]:
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    pilot = await post.sign_in("pilot")
    plan = (await pilot.post(f"incidents/{incident}/plans", json=plan_body())).json()
    answer = await pilot.post(
        f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["plan"]["sorties"][0]


def tell(post: Post, sortie: dict[str, Any], state: SortieState, t_ms: int) -> None:
    with post.services.store.change(NODE) as change:
        event = SortieEvent(
            id=new_id(),
            t_ms=t_ms,
            sortie_id=sortie["id"],
            vehicle_id=sortie["vehicle_id"],
            state=state,
            author="pilot",
            text="",
        )
        take_sortie_event(post.services, change, "fleet-1", event)


def an_hour(sortie: dict[str, Any], from_ms: int) -> list[FlownTrack]:
    """Return the pieces that the node's log makes of an hour at five snapshots a second."""
    log, pieces = FlownTrackLog(), list[FlownTrack]()
    for tick in range(HOUR_S * 5 + 1):
        state = SortieState.FLYING if tick < HOUR_S * 5 else SortieState.RETURNED
        pieces += log.observe(
            VehicleState(
                vehicle_id=sortie["vehicle_id"],
                t_ms=from_ms + tick * 200,
                link=LinkState.LIVE,
                lat_deg=24.94 + tick * 200 / 1000 * 8 / 111_000,
                lon_deg=102.61,
                altitude_amsl_m=sortie["launch_amsl_m"] + 60,
                heading_deg=0.0,
                gps=GpsState(fix_type=3),
                sortie_id=sortie["id"],
                sortie_state=state.value,
            )
        )
    return pieces


def store(post: Post, pieces: list[FlownTrack]) -> None:
    for piece in pieces:
        with post.services.store.change(NODE) as change:
            take_flown(post.services, change, "fleet-1", piece)


async def test_an_hour_is_recorded_without_a_gap_in_whatever_order_it_comes(post: Post) -> None:
    sortie = await authorised(post)
    with post.services.store.change(NODE) as change:
        aircraft = change.session.get(Vehicle, sortie["vehicle_id"])
        assert aircraft is not None
        change.put(aircraft)
        aircraft.product_code, aircraft.weight_class = CODE, "light"
        change.record("node.connected", aircraft.id, node="test")
    begun_ms = post.clock()
    tell(post, sortie, SortieState.FLYING, begun_ms)
    pieces = an_hour(sortie, begun_ms)
    store(post, pieces[::2] + pieces[1::2][::-1])
    tell(post, sortie, SortieState.RETURNED, begun_ms + HOUR_S * 1000)
    auditor = await post.sign_in("auditor")
    record = (await auditor.get(f"sorties/{sortie['id']}/record")).json()
    times = [sample["t_ms"] for sample in record["samples"]]
    assert times == [begun_ms + second * 1000 for second in range(HOUR_S)]
    assert record["gaps"] == []
    assert (record["took_off_ms"], record["landed_ms"]) == (begun_ms, begun_ms + HOUR_S * 1000)
    middle = record["samples"][1800]
    assert middle["height_m"] == 60
    assert abs(middle["ground_speed_ms"] - 8) < 0.1
    assert (record["product_code"], record["weight_class"]) == (CODE, "light")
    # Nobody entered them: the record says so instead of looking complete.
    assert record["missing"] == ["registration", "licence"]


async def test_a_hole_in_the_record_is_shown(post: Post) -> None:
    sortie = await authorised(post)
    pieces = an_hour(sortie, post.clock())
    store(post, pieces[:3] + pieces[4:])
    record = (await (await post.sign_in("pilot")).get(f"sorties/{sortie['id']}/record")).json()
    (gap,) = record["gaps"]
    assert gap["from_ms"] == pieces[2].samples[-1].t_ms
    assert gap["to_ms"] == pieces[4].samples[0].t_ms
    assert record["landed_ms"] is None


async def test_the_table_has_a_line_for_every_position_in_the_readers_language(
    post: Post,
) -> None:
    sortie = await authorised(post)
    pieces = an_hour(sortie, post.clock())[:2]
    store(post, pieces)
    pilot = await post.sign_in("pilot")
    for language, title in (("zh", "架次"), ("en", "Sortie")):
        answer = await pilot.get(f"sorties/{sortie['id']}/record.csv?language={language}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert sortie["vehicle_id"] in answer.headers["content-disposition"]
        lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(lines) == sum(len(piece.samples) for piece in pieces)
        assert {line[title] for line in lines} == {sortie["id"]}


async def test_a_sortie_that_has_not_flown_has_no_record(post: Post) -> None:
    sortie = await authorised(post)
    pilot = await post.sign_in("pilot")
    answer = await pilot.get(f"sorties/{sortie['id']}/record")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "not_flown")
    assert (await pilot.get(f"sorties/{new_id()}/record.csv")).status_code == 404
