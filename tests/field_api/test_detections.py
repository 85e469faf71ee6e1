"""Detections: joining incidents, becoming alerts, being judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from field_api.contract.alert_merging import WINDOW_MS, Sighting, alert_of
from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.contract.messages import (
    Detection,
    FlightPhase,
    LinkState,
    SortieState,
    VehicleEvent,
    VehicleState,
)
from field_api.core.audit.tables import AuditEntry
from field_api.features.flights import VEHICLE_STATE
from field_api.features.flights.tables import SortieRecord
from field_api.features.incidents.rules import Place, nearest_open
from field_api.links.nodes.inbox import store_batch
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint
from tests.field_api.field import JPEG, detection, picture
from tests.field_api.post import CHECKLIST, OPERATOR, SMOKE, T0_MS, Post, plan_body


def _point(at: tuple[float, float]) -> GeoPoint:
    return GeoPoint(lat_deg=at[0], lon_deg=at[1])


def store(post: Post, *messages: Detection) -> None:
    batch = [Durable(seq, message) for seq, message in enumerate(messages, 1)]
    stored, rejected = store_batch(post.services, "vision-1", "127.0.0.1", batch)
    assert (len(stored), rejected) == (len(messages), [])


def sighting(**changes: object) -> Sighting:
    values: dict[str, object] = {
        "id": "a",
        "label": "smoke",
        "stream_id": "s1",
        "track_id": 1,
        "first_seen_ms": 0,
        "last_seen_ms": 1000,
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
    }
    return Sighting(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"stream_id": "s2", "lat_deg": SMOKE[0] + 0.0004}, True),  # 44 m
        ({"stream_id": "s2", "lat_deg": SMOKE[0] + 0.0005}, False),  # 55 m
        ({"stream_id": "s2", "first_seen_ms": 1000 + WINDOW_MS, "last_seen_ms": 40_000}, True),
        ({"stream_id": "s2", "first_seen_ms": 1001 + WINDOW_MS, "last_seen_ms": 40_000}, False),
        ({"label": "person"}, False),
        ({"lat_deg": None, "lon_deg": None}, True),  # the same track needs no position
        ({"lat_deg": None, "lon_deg": None, "track_id": 2}, False),
    ],
)
def test_one_fire_is_one_alert(changes: dict[str, object], same: bool) -> None:
    assert alert_of(sighting(id="new", **changes), [sighting()]) == ("a" if same else None)


def test_two_people_in_one_picture_are_two_alerts() -> None:
    one = sighting(label="person")
    beside = sighting(id="b", label="person", track_id=2)
    assert alert_of(beside, [one]) is None
    later = sighting(id="c", label="person", track_id=3, first_seen_ms=5000, last_seen_ms=6000)
    assert alert_of(later, [one]) == "a"


@given(
    st.lists(st.tuples(st.floats(24, 26), st.floats(102, 103)), max_size=20),
    st.floats(100, 50_000),
)
def test_nearest_incident_is_nearest_and_near_enough(
    places: list[tuple[float, float]], within_m: float
) -> None:
    found = nearest_open([Place(str(n), *at) for n, at in enumerate(places)], *SMOKE, within_m)
    distances = {str(n): distance_m(_point(at), _point(SMOKE)) for n, at in enumerate(places)}
    if found is None:
        assert all(distance > within_m for distance in distances.values())
    else:
        assert distances[found] == min(distances.values()) <= within_m


async def test_detection_joins_the_nearest_open_incident_within_5_km(post: Post) -> None:
    near = await post.open_incident()
    await post.open_incident(lat_deg=24.97, title="较远")
    store(post, detection(), detection(at=(24.80, 102.50), track_id=2))
    commander = await post.sign_in("commander")
    alerts = (await commander.get("detections")).json()
    assert {alert["track_id"]: alert["incident_id"] for alert in alerts} == {1: near, 2: None}
    timeline = (await commander.get(f"incidents/{near}/timeline")).json()
    assert timeline[-1]["action"] == "detection.received"
    assert "83%" in timeline[-1]["text_zh"]


@pytest.mark.parametrize(
    ("armed", "phase", "sortie", "age_ms", "noted"),
    [
        (False, FlightPhase.GROUND, None, 1000, "detection.on_ground"),
        (False, FlightPhase.GROUND, "flying", 1000, "detection.on_ground"),
        (True, FlightPhase.GROUND, None, 1000, "detection.outside_sortie"),
        (True, FlightPhase.AIR, None, 1000, "detection.outside_sortie"),
        (True, FlightPhase.AIR, "returned", 1000, "detection.outside_sortie"),
        (True, FlightPhase.UNKNOWN, None, 1000, "detection.outside_sortie"),
        (True, FlightPhase.GROUND, "starting", 1000, None),
        (True, FlightPhase.AIR, "flying", 1000, None),
        (True, FlightPhase.AIR, "paused", 1000, None),
        (False, FlightPhase.UNKNOWN, None, 1000, None),
        (False, FlightPhase.GROUND, None, 60_000, None),
        (True, FlightPhase.AIR, None, 60_000, None),
    ],
)
async def test_what_an_aircraft_sees_on_the_ground_or_outside_a_sortie_is_noted_and_alerts_nobody(
    post: Post,
    armed: bool,
    phase: FlightPhase,
    sortie: str | None,
    age_ms: int,
    noted: str | None,
) -> None:
    state = VehicleState(
        vehicle_id="XS-U1",
        t_ms=T0_MS - age_ms,
        link=LinkState.LIVE,
        armed=armed,
        phase=phase,
        sortie_id=sortie and "s1",
        sortie_state=sortie,
    )
    post.services.bus.publish(VEHICLE_STATE, state.key, state)
    store(post, detection())
    commander = await post.sign_in("commander")
    alerts = len((await commander.get("detections")).json())
    assert alerts == (0 if noted else 1)
    with post.services.store.read() as session:
        actions = set(session.exec(select(AuditEntry.action)))
    assert {a for a in actions if a.startswith("detection.")} == {noted or "detection.received"}
    store(post, detection(vehicle_id=None, stream_id="mast-1", track_id=2, at=(24.80, 102.50)))
    assert len((await commander.get("detections")).json()) == alerts + 1


async def test_closed_incidents_take_no_detections(post: Post) -> None:
    incident = await post.open_incident()
    await (await post.sign_in("duty")).post(f"incidents/{incident}/close", json={"text": "结束"})
    store(post, detection())
    alerts = (await (await post.sign_in("commander")).get("detections")).json()
    assert alerts[0]["incident_id"] is None


async def test_pictures_are_kept_by_hash_and_not_in_the_message(post: Post) -> None:
    store(post, detection())
    commander = await post.sign_in("commander")
    alert = (await commander.get("detections")).json()[0]
    evidence = alert["evidence"][0]
    assert evidence["sha256"] == picture().sha256
    got = await commander.get(evidence["url"].removeprefix("/api/v1/"))
    assert got.content == JPEG
    assert "immutable" in got.headers["cache-control"]


@pytest.mark.parametrize(
    "wrong",
    [
        picture(data_base64="***"),
        picture(sha256="1" * 64),
        picture(b"<script>not a jpeg</script>"),
        picture(data_base64=""),
    ],
)
async def test_a_false_picture_is_rejected_and_nothing_kept(post: Post, wrong: object) -> None:
    batch = [Durable(1, detection(evidence=[wrong])), Durable(2, detection(track_id=9))]
    stored, rejected = store_batch(post.services, "vision-1", "127.0.0.1", batch)
    assert (stored, [(item.seq, item.code) for item in rejected]) == ([2], [(1, "bad_evidence")])
    alerts = (await (await post.sign_in("commander")).get("detections")).json()
    assert [alert["track_id"] for alert in alerts] == [9]


async def test_repeated_sightings_grow_one_alert(post: Post) -> None:
    await post.open_incident()
    store(
        post,
        detection(label="smoke"),
        detection(label="smoke", track_id=2, t_ms=T0_MS + 9000, first_seen_ms=T0_MS + 8000),
        detection(label="smoke", track_id=3, t_ms=T0_MS + 99_000, first_seen_ms=T0_MS + 98_000),
    )
    alerts = (await (await post.sign_in("commander")).get("detections")).json()
    assert [alert["sightings"] for alert in alerts] == [1, 2]
    assert alerts[1]["last_seen_ms"] == T0_MS + 9000


def hiker(second: float, stream: str, track_id: int, north_deg: float = 0.0) -> Detection:
    at_ms = T0_MS + round(second * 1000)
    return detection(
        stream_id=f"{stream}-cam", vehicle_id=stream, track_id=track_id, t_ms=at_ms,
        first_seen_ms=at_ms - 1000, at=(SMOKE[0] + north_deg, SMOKE[1]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "sightings"),
    [
        # One hiker under two aircraft.
        ([hiker(0, "XS-U1", 1), hiker(3, "XS-U2", 1)], [2]),
        # Two hikers under two aircraft, 5 m apart.
        (
            [
                hiker(0, "XS-U1", 1),
                hiker(0.5, "XS-U1", 2, 0.00005),
                hiker(3, "XS-U2", 1),
                hiker(3.5, "XS-U2", 2, 0.00005),
            ],
            [2, 2],
        ),
        # The first aircraft sees one of them, the second both.
        ([hiker(0, "XS-U1", 1), hiker(3, "XS-U2", 1), hiker(3.5, "XS-U2", 2, 0.00005)], [1, 2]),
        # The other one comes into the picture ten seconds later: the node says two.
        ([hiker(0, "XS-U1", 1), hiker(10, "XS-U1", 2, 0.00005)], [1, 1]),
    ],
)
async def test_people_under_two_aircraft_are_counted_once_and_nobody_is_swallowed(
    post: Post, seen: list[Detection], sightings: list[int]
) -> None:
    store(post, *seen)
    alerts = (await (await post.sign_in("commander")).get("detections")).json()
    assert sorted(alert["sightings"] for alert in alerts) == sightings


async def test_two_directions_of_one_camera_are_two_alerts(post: Post) -> None:
    """Their boxes lie at one place of the picture: the camera has turned in between."""
    flat = {"label": "smoke", "position": None}
    store(
        post,
        detection(**flat, bearing_deg=10.0),
        detection(**flat, bearing_deg=95.0, track_id=2, t_ms=T0_MS + 9000),
        detection(**flat, bearing_deg=12.0, track_id=3, t_ms=T0_MS + 12_000),
    )
    alerts = (await (await post.sign_in("commander")).get("detections")).json()
    assert sorted(alert["sightings"] for alert in alerts) == [1, 2]


async def test_a_named_person_judges_once(post: Post) -> None:
    incident = await post.open_incident()
    message = detection()
    store(post, message)
    pilot = await post.sign_in("pilot")
    commander = await post.sign_in("commander")
    url = f"detections/{message.id}/review"
    assert (await pilot.post(url, json={"verdict": "confirm"})).status_code == 403
    confirmed = (await commander.post(url, json={"verdict": "confirm"})).json()
    assert (confirmed["status"], confirmed["reviewed_by"]) == ("confirmed", "指挥长")
    assert (await commander.post(url, json={"verdict": "confirm"})).status_code == 200
    other = await commander.post(url, json={"verdict": "reject", "reason": "树影"})
    assert other.json()["detail"]["code"] == "already_reviewed"
    assert (await commander.get("detections?status=open")).json() == []
    timeline = (await commander.get(f"incidents/{incident}/timeline")).json()
    assert [line["action"] for line in timeline].count("detection.confirmed") == 1


async def test_rejected_alerts_are_the_false_alarm_log(post: Post) -> None:
    message = detection()
    store(post, message)
    duty = await post.sign_in("duty")
    await duty.post(f"detections/{message.id}/review", json={"verdict": "reject", "reason": "树影"})
    log = (await duty.get("detections?status=rejected")).json()
    assert [(item["id"], item["review_reason"]) for item in log] == [(message.id, "树影")]


async def test_repeated_words_of_a_vehicle_come_onto_the_timeline_once(post: Post) -> None:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    plan = (await pilot.post(f"incidents/{incident}/plans", json=plan_body())).json()
    body = {"checklist": CHECKLIST, "revision": 1, "override_reason": "演练,人员待救助,立即起飞"}
    commander = await post.sign_in("commander")
    assert (await commander.post(f"plans/{plan['id']}/authorise", json=body)).status_code == 200
    with post.services.store.change(OPERATOR) as change:
        sortie = change.session.exec(select(SortieRecord).limit(1)).one()
        change.put(sortie)
        sortie.state = SortieState.FLYING
        change.record("node.connected", "s", node="fleet-1")
    for wait_s in (0, 1, 30, 61):
        post.clock.advance_s(wait_s)
        event = VehicleEvent(
            id=new_id(),
            t_ms=post.clock(),
            vehicle_id="XS-U1",
            severity="warning",
            code="failsafe",
            text_zh="失联保护",
            text_en="failsafe",
        )
        store_batch(post.services, "fleet-1", "127.0.0.1", [Durable(1, event)])
    commander = await post.sign_in("commander")
    timeline = (await commander.get(f"incidents/{incident}/timeline")).json()
    assert [line["action"] for line in timeline].count("vehicle.failsafe") == 2
