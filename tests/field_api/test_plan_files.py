"""Plan and map files at the command post: read without storing, written, and read back."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.contract.messages import FlownSample, FlownTrack
from field_api.links.nodes.inbox import store_batch
from mission_plans.formats.contents import FileContents
from mission_plans.formats.reading import read_file
from tests.field_api.field import detection
from tests.field_api.post import CHECKLIST, SMOKE, Post, incident_body, plan_body

FILES = Path(__file__).parents[1] / "mission_plans" / "plan_files"
MAPS = ("kml", "kmz", "geojson", "gpx", "csv")


async def read(post: Post, name: str, data: bytes, user: str = "pilot") -> Any:
    client = await post.sign_in(user)
    return await client.post("plan-files", params={"name": name}, content=data)


async def file(post: Post, name: str) -> dict[str, Any]:
    answer = await read(post, name, (FILES / name).read_bytes())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def planned(post: Post, **changes: Any) -> tuple[str, dict[str, Any]]:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plans", json=plan_body(**changes))
    assert answer.status_code == 201, answer.text
    return incident, answer.json()


async def downloaded(post: Post, url: str) -> tuple[str, bytes]:
    answer = await (await post.sign_in("pilot")).get(url)
    assert answer.status_code == 200, answer.text
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    assert name.isascii()
    assert "/" not in name
    return name, answer.content


def kinds(contents: FileContents) -> set[str]:
    return {thing.kind for thing in contents.things}


async def test_a_file_in_gbk_is_read_with_its_encoding_and_its_area(post: Post) -> None:
    seen = await file(post, "gbk.kml")
    assert (seen["format"], seen["encoding"]) == ("kml", "gbk")
    area = next(thing for thing in seen["things"] if thing["kind"] == "area")
    assert area["area_m2"] > 1000
    assert area["corners"] == sum(len(ring) for ring in area["rings"])


async def test_a_survey_comes_with_area_flight_fence_and_rally_points(post: Post) -> None:
    seen = await file(post, "survey_with_exclusion_fence.plan")
    found = {thing["kind"]: thing for thing in seen["things"]}
    assert set(found) == {"area", "mission", "fence", "rally"}
    assert found["fence"]["fence"]["kind"] == "exclude"
    assert len(found["fence"]["rings"][0]) >= 3
    assert found["mission"]["length_m"] > 100
    assert found["mission"]["mission"]["complete"] is True
    assert found["rally"]["places"]
    assert any("overlap" in note["en"] for thing in seen["things"] for note in thing["notes"])


async def test_what_is_left_out_is_listed_by_name(post: Post) -> None:
    seen = await file(post, "oneempty.kml")
    (left,) = seen["left_out"]
    assert left["where"].startswith("line")
    assert left["zh"]
    assert left["en"]
    assert left["name"] == "bad"


async def test_a_file_with_nothing_usable_is_refused_with_all_that_it_holds(post: Post) -> None:
    kml = (
        b"<kml><Document><Placemark><name>A</name></Placemark>"
        b"<GroundOverlay><name>B</name></GroundOverlay></Document></kml>"
    )
    answer = await read(post, "空.kml", kml)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail["code"] == "plan_file_refused"
    assert {each["name"] for each in detail["findings"]} == {"A", "B"}
    assert "没有可用的内容" in detail["text_zh"]
    assert "nothing in this kml file can be used" in detail["text_en"]
    assert all(each["text_zh"] and each["text_en"] for each in detail["findings"])


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"<kml><Document>", b"PK\x03\x04broken", b"\xff" * 100]
)
async def test_a_broken_file_is_refused_in_both_languages(post: Post, data: bytes) -> None:
    answer = await read(post, "x.kml", data)
    assert answer.status_code == 422, answer.text
    detail = answer.json()["detail"]
    assert detail["text_zh"] != detail["text_en"]


async def test_a_file_that_is_too_large_is_refused(post: Post) -> None:
    answer = await read(post, "x.kml", b" " * 20_000_001)
    assert answer.status_code == 413
    assert "20" in answer.json()["detail"]["text_en"]


async def test_a_file_larger_than_a_common_request_is_read(post: Post) -> None:
    rows = b"".join(b"%060d,24.9%05d,102.6\n" % (n, n) for n in range(19_000))
    answer = await read(post, "points.csv", b"name,lat,lon\n" + rows)
    assert answer.status_code == 200, answer.text
    assert answer.json()["things"][0]["corners"] == 19_000


@pytest.mark.parametrize(("user", "status"), [("duty", 200), ("ht-05", 403), ("auditor", 403)])
async def test_who_plans_may_read_files(post: Post, user: str, status: int) -> None:
    answer = await read(post, "bom.kml", (FILES / "bom.kml").read_bytes(), user)
    assert answer.status_code == status


async def test_reading_a_file_stores_nothing(post: Post) -> None:
    before = (await (await post.sign_in("auditor")).get("audit")).json()
    await file(post, "bom.kml")
    assert (await (await post.sign_in("auditor")).get("audit")).json() == before


@pytest.mark.parametrize("ending", MAPS)
async def test_a_plan_as_a_map_file_reads_back(post: Post, ending: str) -> None:
    _, plan = await planned(post)
    name, data = await downloaded(post, f"plans/{plan['id']}/export.{ending}")
    back = read_file(name, data)
    sorties = plan["plan"]["sorties"]
    if ending == "csv":
        assert back.places or back.paths
        return
    lines = {path.name: path for path in back.paths}
    for sortie in sorties:
        line = lines[f"{sortie['vehicle_id']} #{sortie['order'] + 1}"]
        assert len(line.points) == len(sortie["waypoints"])
        assert "返航高" in line.description


async def test_missions_hold_every_sortie_and_say_what_must_be_set(post: Post) -> None:
    _, plan = await planned(post)
    _, data = await downloaded(post, f"plans/{plan['id']}/missions.zip")
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {name: archive.read(name) for name in archive.namelist()}
    for sortie in plan["plan"]["sorties"]:
        stem = f"{sortie['vehicle_id']}-{sortie['order'] + 1}"
        for ending in ("plan", "waypoints", "rally", "dji.kmz"):
            read_file(f"{stem}.{ending}", files[f"{stem}.{ending}"])
        assert b"RTL_ALT" in files[f"{stem}.param"]
        (mission,) = read_file(f"{stem}.dji.kmz", files[f"{stem}.dji.kmz"]).missions
        assert mission.return_height_m is not None
        assert mission.return_height_m > 15
    page = files["README.txt"].decode("utf-8-sig")
    assert "WPL" in page
    assert "返航高" in page


async def test_what_a_format_cannot_carry_is_listed_before_it_is_fetched(post: Post) -> None:
    incident, plan = await planned(post)
    pilot = await post.sign_in("pilot")
    offers = (await pilot.get(f"plans/{plan['id']}/exports")).json()
    assert [o["url"].rpartition("/")[2] for o in offers] == [
        *(f"export.{ending}" for ending in MAPS),
        "missions.zip",
    ]
    assert all(o["size_bytes"] > 0 and o["refused"] is None for o in offers)
    missions = offers[-1]
    assert any("WPL" in note["en"] for note in missions["notes"])
    for offer in offers:
        _, data = await downloaded(post, offer["url"].removeprefix("/api/v1/"))
        assert len(data) == offer["size_bytes"]
    # A fresh incident has nothing that was flown or seen: said, not a broken file.
    empty = await post.open_incident()
    for offer in (await pilot.get(f"incidents/{empty}/exports")).json():
        assert offer["refused"]["zh"]
        assert offer["refused"]["en"]
    answer = await pilot.get(f"incidents/{empty}/export.kml")
    assert answer.status_code == 409
    assert (await pilot.get(f"incidents/{incident}/exports")).json()[0]["refused"] is None


async def test_an_incident_as_a_file_holds_areas_tracks_and_alerts(post: Post) -> None:
    duty, pilot = await post.sign_in("duty"), await post.sign_in("pilot")
    await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    incident, plan = await planned(post)
    answer = await pilot.post(
        f"plans/{plan['id']}/authorise",
        json={"checklist": CHECKLIST, "revision": plan["revision"]},
    )
    assert answer.status_code == 200, answer.text
    sortie = plan["plan"]["sorties"][0]
    samples = [
        FlownSample(
            t_ms=post.clock() + n * 1000,
            lat_deg=24.94 + n * 1e-4,
            lon_deg=102.61,
            altitude_amsl_m=2100.0,
            heading_deg=0.0,
        )
        for n in range(30)
    ]
    track = FlownTrack(
        id=new_id(),
        t_ms=samples[-1].t_ms,
        sortie_id=sortie["id"],
        vehicle_id=sortie["vehicle_id"],
        samples=samples,
    )
    seen, lost = detection(), detection(position=None, label="smoke")
    batch = [Durable(seq, message) for seq, message in enumerate((track, seen, lost), 1)]
    assert store_batch(post.services, "node-1", "127.0.0.1", batch)[1] == []
    for ending in MAPS:
        name, data = await downloaded(post, f"incidents/{incident}/export.{ending}")
        back = read_file(name, data)
        if ending != "csv":
            line = next(path for path in back.paths if path.name.startswith(sortie["vehicle_id"]))
            assert [p.time_ms for p in line.points] == [s.t_ms for s in samples]
        if ending in ("kml", "kmz", "geojson"):
            assert "area" in kinds(back)
        assert any(seen.id[-6:] in place.name for place in back.places), ending
    offers = (await pilot.get(f"incidents/{incident}/exports")).json()
    for offer in offers:
        assert any(lost.id[-6:] in left["name"] for left in offer["left_out"])


@pytest.mark.parametrize("ending", MAPS)
async def test_a_drawing_as_a_file_reads_back(post: Post, ending: str) -> None:
    ring = [
        {"lat_deg": 24.94 + a, "lon_deg": 102.61 + b} for a, b in ((0, 0), (0, 0.01), (0.01, 0))
    ]
    hole = [
        {"lat_deg": 24.941 + a, "lon_deg": 102.611 + b} for a, b in ((0, 0), (0, 0.001), (0.001, 0))
    ]
    body = {"areas": [{"outer": ring, "holes": [hole]}, {"outer": ring}]}
    answer = await (await post.sign_in("duty")).post(f"plan-files/drawing.{ending}", json=body)
    if answer.status_code == 409:
        assert ending == "csv"
        return
    assert answer.status_code == 200, answer.text
    back = read_file(f"drawing.{ending}", answer.content)
    assert len(back.areas) == 2 or ending == "gpx"


async def test_exports_keep_to_who_may_see_the_incident(post: Post) -> None:
    incident, plan = await planned(post)
    for url in (
        f"plans/{plan['id']}/export.kml",
        f"plans/{plan['id']}/missions.zip",
        f"plans/{plan['id']}/exports",
        f"incidents/{incident}/export.kml",
    ):
        assert (await post.anonymous().get(url)).status_code == 401
        assert (await (await post.sign_in("ht-11")).get(url)).status_code == 403
    pilot = await post.sign_in("pilot")
    assert (await pilot.get(f"plans/{new_id()}/export.kml")).status_code == 404
    assert (await pilot.get(f"plans/{plan['id']}/export.exe")).status_code == 422
    assert (await pilot.get(f"incidents/{new_id()}/export.kml")).status_code == 404


async def test_several_areas_of_a_file_are_planned_in_one(post: Post) -> None:
    incident = await post.open_incident(**{k: v for k, v in incident_body().items() if k != "id"})
    near = [
        {"lat_deg": SMOKE[0] + a, "lon_deg": SMOKE[1] - 0.006 + b}
        for a, b in ((0, 0), (0, 0.003), (0.003, 0.003), (0.003, 0))
    ]
    pilot = await post.sign_in("pilot")
    url = f"incidents/{incident}/plans"
    alone = (await pilot.post(url, json=plan_body())).json()["plan"]["metrics"]["area_m2"]
    both = (await pilot.post(url, json=plan_body(also=[near]))).json()
    assert both["plan"]["request"]["also"] == [near]
    assert both["plan"]["metrics"]["area_m2"] > alone + 50_000
