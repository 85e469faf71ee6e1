"""One fire is one alert; people are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.alert_merging import WINDOW_MS, Sighting, alert_of
from mission_plans.ground.geodesy import moved
from mission_plans.values.plan import GeoPoint

SMOKE = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)
CAMERA = moved(SMOKE, -1000, 0)


def sighting(**changes: object) -> Sighting:
    values: dict[str, object] = {
        "id": "a",
        "label": "smoke",
        "stream_id": "s1",
        "track_id": 1,
        "first_seen_ms": 0,
        "last_seen_ms": 1000,
        "lat_deg": SMOKE.lat_deg,
        "lon_deg": SMOKE.lon_deg,
    }
    return Sighting(**{**values, **changes})  # type: ignore[arg-type]


def north(metres: float) -> dict[str, object]:
    return {"lat_deg": moved(SMOKE, metres, 0).lat_deg}


NOWHERE: dict[str, object] = {"lat_deg": None, "lon_deg": None}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"stream_id": "s2", **north(49)}, True),
        ({"stream_id": "s2", **north(51)}, False),
        ({"stream_id": "s2", **north(60), "error_m": 12.0}, True),
        ({"stream_id": "s2", "first_seen_ms": 1000 + WINDOW_MS, "last_seen_ms": 40_000}, True),
        ({"stream_id": "s2", "first_seen_ms": 1001 + WINDOW_MS, "last_seen_ms": 40_000}, False),
        ({"label": "person"}, False),
        (NOWHERE, True),  # the same track needs no position
        ({**NOWHERE, "track_id": 2}, False),
        ({**NOWHERE, "stream_id": "s2", "camera": CAMERA, "bearing_deg": 355.0}, True),
        ({**NOWHERE, "stream_id": "s2", "camera": CAMERA, "bearing_deg": 13.0}, False),
        ({**NOWHERE, "stream_id": "s2", "bearing_deg": 0.0}, False),
    ],
)
def test_sightings_near_in_place_and_time_are_one_alert(
    changes: dict[str, object], same: bool
) -> None:
    assert alert_of(sighting(id="new", **changes), [sighting()]) == ("a" if same else None)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"bearing_deg": 8.0, "track_id": 2}, True),
        ({"bearing_deg": 90.0, "track_id": 2}, False),
        ({"bearing_deg": 8.0, "stream_id": "s2"}, False),
        ({"bearing_deg": None, "track_id": 2}, False),
        ({"lat_deg": SMOKE.lat_deg, "lon_deg": SMOKE.lon_deg, "track_id": 2}, False),
    ],
)
def test_directions_belong_together_and_the_first_place_is_worth_an_alert(
    changes: dict[str, object], same: bool
) -> None:
    towards = sighting(**NOWHERE, camera=CAMERA, bearing_deg=1.0)
    values: dict[str, object] = {**NOWHERE, "id": "new", "camera": CAMERA, **changes}
    assert alert_of(sighting(**values), [towards]) == ("a" if same else None)


LEFT, LEFT_TOO, RIGHT = (0.1, 0.5, 0.2, 0.2), (0.15, 0.45, 0.2, 0.25), (0.7, 0.5, 0.1, 0.2)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"box": LEFT_TOO}, True),
        ({"box": RIGHT}, False),
        ({"box": None}, False),
        ({"box": LEFT_TOO, "stream_id": "s2"}, False),
        ({"box": LEFT_TOO, **north(0), "lon_deg": SMOKE.lon_deg}, False),
        ({"box": LEFT_TOO, "bearing_deg": 3.0, "camera": CAMERA}, False),
    ],
)
def test_without_a_pose_two_places_in_one_picture_are_two(
    changes: dict[str, object], same: bool
) -> None:
    """A false alert must not silence the rest of the picture, nor come again every few seconds."""
    first = sighting(**NOWHERE, box=LEFT)
    values: dict[str, object] = {**NOWHERE, "id": "new", "track_id": 2, **changes}
    assert alert_of(sighting(**values), [first]) == ("a" if same else None)


def test_two_people_in_one_picture_are_two_alerts() -> None:
    one = sighting(label="person")
    beside = sighting(id="b", label="person", track_id=2)
    assert alert_of(beside, [one]) is None
    later = sighting(id="c", label="person", track_id=3, first_seen_ms=5000, last_seen_ms=6000)
    assert alert_of(later, [one]) == "a"
    farther = sighting(
        id="d", label="person", track_id=4, first_seen_ms=5000, last_seen_ms=6000, **north(16)
    )
    assert alert_of(farther, [one]) is None


def person(stream_id: str, track_id: int, metres: float = 0, at_ms: int = 0) -> Sighting:
    return sighting(
        id=f"{stream_id}/{track_id}", label="person", stream_id=stream_id, track_id=track_id,
        first_seen_ms=at_ms, last_seen_ms=at_ms + 1000, **north(metres),
    )  # fmt: skip


def alerts_of(*seen: Sighting) -> dict[str, list[Sighting]]:
    """What becomes an alert of sightings one after the other, with what joins it."""
    alerts: dict[str, Sighting] = {}
    joined: dict[str, list[Sighting]] = {}
    for new in seen:
        found = alert_of(new, alerts.values(), joined)
        if found is None:
            alerts[new.id], joined[new.id] = new, []
        else:
            joined[found].append(new)
    return joined


def test_one_person_seen_from_two_aircraft_is_one_alert() -> None:
    assert len(alerts_of(person("u1", 1), person("u2", 7, 10))) == 1


def test_two_aircraft_over_the_same_two_people_make_two_alerts() -> None:
    made = alerts_of(person("u1", 1), person("u1", 2, 4), person("u2", 7, 4), person("u2", 8))
    assert sorted(len(others) for others in made.values()) == [1, 1]


def test_the_second_person_of_another_aircraft_s_picture_is_not_swallowed() -> None:
    """One aircraft has found one of two hikers who sit together; the next one sees both."""
    made = alerts_of(person("u1", 1), person("u2", 7, 3), person("u2", 8, 5))
    assert set(made) == {"u1/1", "u2/8"}


def test_a_track_that_goes_on_stays_with_its_alert() -> None:
    first, other = person("u1", 1), person("u2", 7, 3)
    again = person("u2", 7, 40, at_ms=5000)
    assert alert_of(again, [first], {first.id: [other]}) == first.id


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 4), st.floats(-7, 7), st.integers(0, 2000)),
        max_size=12,
        unique_by=lambda seen: seen[:2],
    )
)
def test_there_are_never_fewer_alerts_than_people_in_one_picture(
    seen: list[tuple[int, int, float, int]],
) -> None:
    sightings = [person(f"u{u}", track, metres, 0) for u, track, metres, _ in seen]
    made = alerts_of(*sightings)
    most = max((sum(s.stream_id == f"u{u}" for s in sightings) for u in range(5)), default=0)
    assert len(made) >= most


@given(st.lists(st.tuples(st.floats(-20, 20), st.integers(0, WINDOW_MS)), max_size=30))
def test_sightings_of_one_fire_never_make_two_alerts(steps: list[tuple[float, int]]) -> None:
    alert = sighting()
    t_ms = alert.last_seen_ms
    for number, (metres, later_ms) in enumerate(steps):
        t_ms += later_ms
        new = sighting(
            id=str(number),
            track_id=number,
            first_seen_ms=t_ms,
            last_seen_ms=t_ms,
            **north(metres),
        )
        assert alert_of(new, [alert]) == "a"
        alert = sighting(last_seen_ms=t_ms)
