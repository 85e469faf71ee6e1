"""What is stated of a flight, what the law makes of it, and the checklist that follows."""

from typing import Any

import pytest

from field_api.contract.ids import new_id
from mission_plans.rules.rules_file import VERDICTS, shipped_rules
from tests.field_api.post import CHECKLIST, Post, plan_body
from tests.mission_plans.law_cases import LIGHT, NOTHING

VERDICT_IDS = {rule.id for rule in shipped_rules().rules if rule.when in VERDICTS}
STATED = {name: value for name, value in NOTHING.items() if name not in ("night", "one_system")}


async def register_figures(post: Post, vehicle_id: str = "XS-U1", **figures: Any) -> None:
    admin = await post.sign_in("admin")
    url = f"registers/aircraft/{vehicle_id}"
    row = (await admin.get(url)).json()
    spec = row["spec"] | {"airframe": LIGHT | figures}
    saved = await admin.put(url, json={"version": row["version"], "spec": spec})
    assert saved.status_code == 200, saved.text


async def planned(post: Post, *, approved: bool = True, **changes: Any) -> dict[str, Any]:
    incident = await post.open_incident()
    if approved:
        duty = await post.sign_in("duty")
        await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plans", json=plan_body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def state(post: Post, plan: dict[str, Any], who: str = "pilot", **facts: Any) -> Any:
    client = await post.sign_in(who)
    url, revision = f"plans/{plan['id']}/facts", plan["revision"]
    return await client.put(url, json={"revision": revision, "facts": STATED | facts})


def checks(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["id"]: check for check in plan["plan"]["checks"]}


def verdict(plan: dict[str, Any]) -> str:
    (found,) = [check["id"] for check in plan["plan"]["checks"] if check["id"] in VERDICT_IDS]
    return found


async def test_the_class_comes_from_the_register_and_is_never_assumed(post: Post) -> None:
    unknown = await planned(post, vehicle_ids=["XS-U1"])
    assert "空机重量" in checks(unknown)["law_62_class"]["text_zh"]
    await register_figures(post)
    known = await planned(post, vehicle_ids=["XS-U1"])
    assert "law_62_class" not in checks(known)


async def test_one_verdict_stands_and_follows_what_is_stated(post: Post) -> None:
    await register_figures(post)
    plan = await planned(post, vehicle_ids=["XS-U1"])
    assert verdict(plan) == "law_26_application"
    # G3 was approved and entered: that is no fit airspace, and no exemption.
    answer = await state(post, plan)
    assert verdict(answer.json()) == "law_26_application"
    assert "不在适飞空域" in checks(answer.json())["law_26_application"]["text_zh"]
    own = await state(post, answer.json(), service_aircraft=True, own_ground=True)
    assert verdict(own.json()) == "law_31_own_ground"
    assert not checks(own.json())["law_31_own_ground"]["passed"]
    confirmed = await state(
        post, own.json(), service_aircraft=True, own_ground=True, atc_confirmed=True
    )
    assert checks(confirmed.json())["law_31_own_ground"]["passed"]


async def test_two_aircraft_of_this_one_system_are_a_cluster_whatever_is_stated(post: Post) -> None:
    for vehicle_id in ("XS-U1", "XS-U2"):
        await register_figures(post, vehicle_id)
    plan = await planned(post)
    after = (await state(post, plan, one_system=False)).json()
    assert verdict(after) == "law_26_application"
    assert "2 架" in checks(after)["law_26_application"]["text_zh"]
    assert "第三十一条第二款第(五)项" in checks(after)["law_26_application"]["text_zh"]


async def test_a_controlled_area_is_told_once_with_its_reason_and_article(post: Post) -> None:
    plan = await planned(post, approved=False)
    told = [c for c in plan["plan"]["checks"] if "危险品仓储区" in c["text_zh"]]
    assert [c["id"] for c in told] == ["law_19_zone"]
    assert told[0]["source"].startswith("条例第十九条")
    assert told[0]["at"] is not None


async def test_stating_makes_a_revision_and_a_plan_seen_before_is_refused(post: Post) -> None:
    plan = await planned(post)
    after = (await state(post, plan)).json()
    assert after["revision"] == plan["revision"] + 1
    same = await state(post, after)
    assert same.json()["revision"] == after["revision"]
    stale = await state(post, plan, drops=True)
    assert stale.json()["detail"]["code"] == "plan_changed"
    odd = await state(post, after, drops="perhaps")
    assert odd.status_code == 422
    await (await post.sign_in("pilot")).post(
        f"plans/{plan['id']}/authorise",
        json={"checklist": CHECKLIST, "revision": after["revision"]},
    )
    late = await state(post, after, drops=True)
    assert late.json()["detail"]["code"] == "plan_decided"


async def test_a_height_approval_is_bound_by_who_may_approve(post: Post) -> None:
    plan = await planned(post, agl_m=130.0)
    assert not checks(plan)["law_19_height"]["passed"]
    refused = await state(post, plan, height_approval_id="H-7")
    assert (refused.status_code, refused.json()["detail"]["field"]) == (
        403,
        "facts.height_approval_id",
    )
    bound = (await state(post, plan, "commander", height_approval_id="H-7")).json()
    assert checks(bound)["law_19_height"]["passed"]
    assert "H-7" in checks(bound)["law_19_height"]["text_zh"]
    blank = await state(post, bound, "commander", height_approval_id=" ")
    assert blank.status_code == 422


async def test_the_checklist_asks_for_no_tick_that_a_check_refused(post: Post) -> None:
    plan = await planned(post, approved=False)
    items = {entry["item"]: entry for entry in plan["checklist"]}
    assert not items["airspace"]["asked"]
    assert "law_19_zone" in [check["id"] for check in items["airspace"]["checks"]]
    ticked = {**CHECKLIST, "airspace": False}
    pilot = await post.sign_in("pilot")
    url = f"plans/{plan['id']}/authorise"
    body = {"checklist": ticked, "revision": plan["revision"]}
    # Not the tick is missing: the refusal stands, and only a commander's reason passes it.
    assert (await pilot.post(url, json=body)).json()["detail"]["code"] == "check_failed"
    commander = await post.sign_in("commander")
    reason = {"override_reason": "人命救援,空管电话同意先行起飞"}
    assert (await commander.post(url, json=body | reason)).status_code == 200


async def test_what_is_open_but_not_refused_is_said_beside_the_tick(post: Post) -> None:
    plan = await planned(post)
    items = {entry["item"]: entry for entry in plan["checklist"]}
    assert items["airspace"]["asked"]
    assert "law_26_application" in [check["id"] for check in items["airspace"]["checks"]]
    assert items["weather"]["checks"] == []


@pytest.mark.parametrize("hours", [0, 3, 8])
async def test_lights_follow_the_sun_and_what_is_stated(post: Post, hours: int) -> None:
    plan = await planned(post)
    after = (await state(post, plan)).json()
    assert after["lights_reason"] is None
    post.clock.advance_s(hours * 3600)
    post.forget_sessions()
    pilot = await post.sign_in("pilot")
    later = (await pilot.get(f"plans/{plan['id']}")).json()
    assert later["lights_reason"] == ("night" if hours == 8 else None)


async def test_refusals_and_cautions_are_counted_apart_on_the_record(post: Post) -> None:
    plan = await planned(post, approved=False)
    failed = [check for check in plan["plan"]["checks"] if not check["passed"]]
    refused = sum(check["severity"] == "block" for check in failed)
    pilot = await post.sign_in("commander")
    lines = (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
    told = next(line["text_zh"] for line in lines if "规划搜索" in line["text_zh"])
    assert f"{refused} 项不可放飞" in told
    assert f"{len(failed) - refused} 项注意" in told


async def test_a_licence_is_asked_for_by_the_figures_not_by_what_somebody_wrote(post: Post) -> None:
    await register_figures(post, empty_kg=12, takeoff_kg=20)
    plan = await planned(post, vehicle_ids=["XS-U1"])
    pilot = await post.sign_in("pilot")
    body = {"checklist": CHECKLIST, "revision": plan["revision"]}
    refused = await pilot.post(f"plans/{plan['id']}/authorise", json=body)
    assert refused.json()["detail"]["code"] == "pilot_not_qualified"


async def test_an_unknown_plan_has_no_facts(post: Post) -> None:
    pilot = await post.sign_in("pilot")
    answer = await pilot.put(f"plans/{new_id()}/facts", json={"revision": 1, "facts": {}})
    assert answer.status_code == 404
