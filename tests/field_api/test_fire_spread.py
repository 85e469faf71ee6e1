"""Wind at an incident, and the estimate of how its fire may spread."""

from typing import Any

import pytest

from field_api.contract.ids import new_id
from tests.field_api.post import Post
from tests.field_api.test_field_reports import heard, listening
from tests.field_api.test_plotting import LARGER, drawing, refused, sent, spot


def wind(post: Post, incident: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "incident_id": incident,
        "observed_ms": post.clock(),
        "from_deg": 225,
        "speed_ms": 7,
        "gust_ms": 12,
        "source": "station",
        **changes,
    }


def asking(drawing_id: str, **changes: Any) -> dict[str, Any]:
    return {"id": new_id(), "drawing_id": drawing_id, "fuel": "conifer", **changes}


async def test_the_newest_wind_counts_whenever_it_came(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident()
    first = wind(post, incident)
    post.clock.advance_s(600)
    second = wind(post, incident, from_deg=200, temperature_c=24, humidity_pct=18)
    async with listening(post, "commander") as messages:
        await sent(post, "pilot", "wind", second)
        assert "wind" in str(await heard(messages, second["id"]))
    await sent(post, "duty", "wind", first)
    rows = (await (await post.sign_in("duty")).get("wind", params={"incident_id": incident})).json()
    assert [(row["id"], row["current"]) for row in rows] == [
        (second["id"], True),
        (first["id"], False),
    ]
    await refused(post, "duty", "wind", wind(post, incident, gust_ms=3), "invalid")
    await refused(post, "duty", "wind", wind(post, incident, from_deg=360), "invalid")


async def test_an_estimate_says_all_it_was_made_from_and_tasks_nobody(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident()
    fire = await sent(post, "duty", "drawings", drawing(post, incident, source="drone"))
    url = f"incidents/{incident}/fire-spreads"
    await refused(post, "duty", url, asking(fire["id"]), "spread_needs_wind")
    reading = await sent(post, "duty", "wind", wind(post, incident))
    post.clock.advance_s(3601)
    post.forget_sessions()
    body = asking(fire["id"])
    async with listening(post, "commander") as messages:
        made = await sent(post, "pilot", url, body)
        assert "fire_spread" in str(await heard(messages, body["id"]))
    assert await sent(post, "pilot", url, body) == made
    assert (made["wind_id"], made["wind_stale"], made["weather_assumed"]) == (
        reading["id"],
        True,
        True,
    )
    assert (made["members"], made["synthetic_terrain"], made["spots"]) == (30, True, True)
    assert made["start_ms"] == fire["observed_ms"]
    assert made["inputs"]["line_error_m"] == 15
    assert [(b["minutes"], b["percent"]) for b in made["bands"]] == [
        (minutes, percent) for minutes in (15, 30, 60) for percent in (10, 50, 90)
    ]
    assert all(band["area_m2"] > 0.9 * fire["area_m2"] for band in made["bands"])
    second = await sent(post, "duty", url, asking(fire["id"], fuel="grass_scrub"))
    client = await post.sign_in("commander")
    heads = (await client.get(url)).json()
    assert [(head["id"], head["current"]) for head in heads] == [
        (second["id"], True),
        (made["id"], False),
    ]
    # The line is changed since: the estimate stays as it was made.
    assert (await client.get(f"fire-spreads/{made['id']}")).json()["bands"] == made["bands"]
    assert (await client.get("tasks")).json() == []
    assert "模型" in (await client.get(f"incidents/{incident}/timeline")).text


async def test_the_advance_that_was_seen_sets_how_fast_it_is(post: Post) -> None:
    incident = await post.open_incident()
    t_ms = post.clock()
    post.clock.advance_s(3600)
    post.forget_sessions()
    await sent(post, "duty", "drawings", drawing(post, incident, source="drone", observed_ms=t_ms))
    later = {"form": "area", "points": LARGER}
    fire = drawing(post, incident, source="drone", shape=later, observed_ms=t_ms + 1_800_000)
    await sent(post, "duty", "drawings", fire)
    await sent(post, "duty", "wind", wind(post, incident))
    url = f"incidents/{incident}/fire-spreads"
    made = await sent(post, "duty", url, asking(fire["id"]))
    assert made["inputs"]["observed_m_min"] == pytest.approx(101 / 30, rel=0.01)
    assert made["scaled_by"] is not None
    free = await sent(post, "duty", url, asking(fire["id"], use_observed=False))
    assert (free["inputs"]["observed_m_min"], free["scaled_by"]) == (None, None)


async def test_what_can_not_be_estimated_is_refused_in_words(post: Post) -> None:
    incident = await post.open_incident()
    place = await sent(post, "duty", "drawings", spot(post, incident))
    fire = await sent(post, "duty", "drawings", drawing(post, incident))
    await sent(post, "duty", "wind", wind(post, incident))
    url = f"incidents/{incident}/fire-spreads"
    await refused(post, "duty", url, asking(place["id"]), "spread_needs_fire")
    await refused(post, "duty", url, asking(new_id()), "unknown_drawing")
    await refused(post, "duty", url, asking(fire["id"], fuel="petrol"), "unknown_fuel")
    await sent(post, "commander", f"incidents/{incident}/close", {"text": "扑灭"})
    post.clock.advance_s(1)
    await refused(post, "duty", url, asking(fire["id"]), "incident_closed")
    await refused(post, "duty", "wind", wind(post, incident), "incident_closed")
