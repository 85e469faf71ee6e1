"""Two officers, one draft, both without a network; and what of it the handhelds get."""

import itertools
from typing import Any

from field_api.contract.ids import new_id
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.messages import FindHazard
from field_api.features.inspections.reminding import KEEP_CLOSED_MS, shelve
from tests.field_api.inspections.world import Case
from tests.field_api.post import Post
from tests.field_api.test_sync import item, pull, push


async def started(case: Case) -> dict[str, Any]:
    await case.open()
    return await case.begin("PLAN", {"subject": "年度检查"})


def edit(case: Case, paper: dict[str, Any], was: str, now: str, **more: Any) -> dict[str, Any]:
    body = {
        "id": new_id(),
        "t_ms": case.post.clock(),
        "was": {"subject": was},
        "now": {"subject": now},
    }
    return item("paper.edit", paper["id"], body, **more)


async def test_two_officers_one_draft_both_values_are_kept(case: Case) -> None:
    paper = await started(case)
    first, second = await case.client("ht-01"), await case.client("ht-02")
    a1 = edit(case, paper, "年度检查", "检查消防通道")
    b1 = edit(case, paper, "年度检查", "检查配电")
    b2 = edit(case, paper, "检查配电", "检查配电和通道", after=b1["id"])
    assert [a["status"] for a in await push(first, a1)] == ["applied"]
    answers = await push(second, b1, b2)
    assert [a["status"] for a in answers] == ["applied", "applied"]
    assert [a["status"] for a in await push(second, b1, b2)] == ["repeated", "repeated"]
    seen = answers[-1]["record"]["data"]
    assert seen["values"]["subject"] == "检查消防通道"
    (conflict,) = seen["conflicts"]
    assert (conflict["here"], conflict["given"]) == ("检查消防通道", "检查配电和通道")
    assert (conflict["here_by"], conflict["given_by"]) == ("执法员甲", "执法员乙")
    await case.approve(paper)
    number = (await case.draw("PLAN"))[0]
    content = await case.content(seen, number)
    detail = await case.refused(
        f"papers/{paper['id']}/issue", case.issue_body(content), "field_in_conflict"
    )
    assert detail["field"] == "subject"
    unknown = {"id": new_id(), "conflict_id": new_id(), "take": True}
    await case.refused(f"papers/{paper['id']}/decide", unknown, "unknown_field_conflict")
    decide = {"id": new_id(), "conflict_id": conflict["id"], "take": True}
    decided = await case.send(f"papers/{paper['id']}/decide", decide)
    assert decided["conflicts"] == []
    assert decided["values"]["subject"] == "检查配电和通道"
    # Another wording was approved.
    assert decided["approval"] == "needed"


async def test_different_fields_of_one_draft_meet_without_a_conflict(case: Case) -> None:
    await case.open()
    await case.send(
        f"inspections/{case.id}/enter",
        {"id": new_id(), "t_ms": case.post.clock(), "emergency_reason": "紧急"},
    )
    hazard = await case.find()
    other = await case.find("ht-02", text="灭火器过期")
    first = {
        "id": new_id(),
        "t_ms": case.post.clock(),
        "was": {"text": hazard["text"]},
        "now": {"text": "配电箱前堆放纸箱"},
    }
    second = {**first, "id": new_id(), "was": {"place": ""}, "now": {"place": "一车间"}}
    url = f"hazards/{hazard['id']}/edit"
    await case.send(url, first)
    both = await case.send(url, second, "ht-02")
    assert (both["text"], both["place"]) == ("配电箱前堆放纸箱", "一车间")
    assert both["conflicts"] == []
    third = {**first, "id": new_id(), "now": {"text": "堆放油桶"}}
    clash = await case.send(url, third, "ht-02")
    assert [c["given"] for c in clash["conflicts"]] == ["堆放油桶"]
    keep = {"id": new_id(), "conflict_id": clash["conflicts"][0]["id"], "take": False}
    assert (await case.send(f"hazards/{hazard['id']}/decide", keep))["conflicts"] == []
    bad = {**first, "id": new_id(), "was": {}, "now": {"level": "huge"}}
    detail = await case.refused(url, bad, "invalid")
    assert detail["field"] == "now.level"
    assert other["found_by"] == "执法员乙"


async def test_a_draft_takes_known_fields_and_own_hazards_only(case: Case) -> None:
    paper = await started(case)
    url = f"papers/{paper['id']}/edit"
    act = {"id": new_id(), "t_ms": case.post.clock()}
    await case.refused(url, {**act, "was": {}, "now": {"colour": "red"}}, "field_unknown")
    stranger = {**act, "was": {"hazard_ids": []}, "now": {"hazard_ids": [new_id()]}}
    await case.refused(url, stranger, "hazard_of_another")
    wrong = {**act, "was": {"hazard_ids": []}, "now": {"hazard_ids": "x"}}
    await case.refused(url, wrong, "hazard_ids_are_a_list")
    await case.refused("papers", case.begin_body("NOPE", {}), "unknown_form")
    hazard = await case.find()
    named = {**act, "was": {"hazard_ids": []}, "now": {"hazard_ids": [hazard["id"]]}}
    assert (await case.send(url, named))["hazard_ids"] == [hazard["id"]]
    dropped = await case.send(f"papers/{paper['id']}/drop", {**act, "reason": "写错"})
    assert dropped["state"] == "dropped"
    await case.refused(url, {**act, "was": {}, "now": {"subject": "x"}}, "paper_is_dropped")


async def test_a_draft_says_who_approved_it_and_when(case: Case) -> None:
    await case.open()
    approved = await case.approve(await case.begin("PLAN", {"subject": "检查"}))
    values = approved["values"]
    assert values["approval_opinion"] == "同意"
    assert values["approver"] == approved["approved_by"]
    assert values["approved"] == local_day(case.post.clock())
    # The answer is no other wording: it does not ask for approval once more.
    assert approved["approval"] == "approved"


async def test_a_whole_visit_without_a_network_comes_in_as_one_batch(case: Case) -> None:
    await case.open()
    plan = await case.begin("PLAN", {"subject": "检查"})
    plan = await case.approve(plan)
    numbers = {form: (await case.draw(form))[0] for form in ("PLAN", "INSPECT_NOTICE", "RECORD")}
    handheld = await case.client()
    t_ms = case.post.clock()
    notice = case.begin_body("INSPECT_NOTICE", {"party": "示例机械厂(虚构)"})
    values = {"party": "示例机械厂(虚构)", "site": "一车间", "identified": True}
    values["findings"] = "未发现隐患"
    record = case.begin_body("RECORD", values)

    async def issued(paper: dict[str, Any]) -> dict[str, Any]:
        known = {"hazard_ids": [], **paper}
        content = await case.content(known, numbers[paper["form"]])
        return item("paper.issue", paper["id"], case.issue_body(content))

    enter = {"id": new_id(), "t_ms": t_ms, "scan_code": "DEMO-JDM-0002"}
    batch = [
        await issued(plan),
        item("inspection.enter", case.id, enter),
        item("paper.begin", "", notice),
        await issued(notice),
        item("paper.begin", "", record),
        await issued(record),
    ]
    for earlier, later in itertools.pairwise(batch):
        later["after"] = earlier["id"]
    answers = await push(handheld, *batch)
    assert [(a["status"], a["code"]) for a in answers] == [("applied", None)] * 6, answers
    assert answers[-1]["record"]["data"]["number"] == numbers["RECORD"]
    again = await push(handheld, *batch)
    assert {a["status"] for a in again} == {"repeated"}
    blocks = (await handheld.get("number-blocks")).json()
    assert sorted(len(block["used"]) for block in blocks) == [1, 1, 1]


async def test_what_was_closed_long_ago_leaves_the_handhelds(case: Case) -> None:
    paper = await started(case)
    handheld = await case.client()
    changes, cursor = await pull(handheld)
    kinds = {change["type"] for change in changes}
    assert {"inspection", "paper", "register.law_clauses", "register.offices"} <= kinds
    act = {"id": new_id(), "t_ms": case.post.clock()}
    await case.send(f"papers/{paper['id']}/drop", act)
    await case.refused(f"inspections/{case.id}/close", act, "closing_needs_reason")
    await case.send(f"inspections/{case.id}/close", {**act, "reason": "企业停业"})
    assert shelve(case.post.services) == 0
    case.post.clock.advance_s(KEEP_CLOSED_MS / 1000 + 1)
    case.post.forget_sessions()
    assert shelve(case.post.services) == 1
    changes, _ = await pull(await case.client(), cursor)
    ops = {(change["type"], change["id"]): change["op"] for change in changes}
    assert ops["inspection", case.id] == "left"
    assert ops["paper", paper["id"]] == "left"


async def test_another_street_sees_and_changes_nothing(district: Post) -> None:
    case = Case(district)
    hazard, record = await case.until_record()
    other = await case.client("ht-09")
    for url in (
        f"inspections/{case.id}",
        f"inspections/{case.id}/dossier",
        f"papers/{record['id']}",
        f"papers/{record['id']}/paper.pdf",
        f"hazards/{hazard['id']}",
        f"enterprises/{case.enterprise}/standing",
    ):
        assert (await other.get(url)).status_code == 404, url
    for url in ("inspections", "papers", "hazards", "due-orders", "paper-approvals"):
        assert case.id not in (await other.get(url)).text, url
    changes, _ = await pull(other)
    told = {change["type"] for change in changes}
    assert not told & {"inspection", "paper", "hazard", "number_block"}
    enterprises = {c["id"] for c in changes if c["type"] == "register.enterprises"}
    assert enterprises == {"demo-4", "demo-5"}
    body = case.begin_body("PLAN", {"subject": "x"})
    await case.refused("papers", body, "unknown_inspection", "ht-09")
    wrong = {
        "id": new_id(),
        "enterprise_id": "demo-2",
        "office_id": "street-biji",
        "sector": "工贸",
        "day": case.day,
    }
    await case.refused("inspections", wrong, "unknown_enterprise", "ht-09")
    await case.refused("inspections", wrong, "enterprise_of_another_street", "duty")


async def test_a_hazard_has_a_voice_note_that_is_told_until_it_came(case: Case) -> None:
    await case.open()
    await case.enter()
    voice = "a" * 64
    found = await case.find(voice=voice)
    assert (found["voice"], found["media_missing"]) == (voice, [voice])
    body = {"id": new_id(), "t_ms": case.post.clock(), "was": {"voice": voice}}
    wrong = {**body, "now": {"voice": "../x"}}
    detail = await case.refused(f"hazards/{found['id']}/edit", wrong, "invalid")
    assert detail["field"] == "now.voice"
    gone = await case.send(f"hazards/{found['id']}/edit", {**body, "now": {"voice": None}})
    assert (gone["voice"], gone["media_missing"]) == (None, [])


def test_what_was_sent_before_there_were_voice_notes_has_the_digest_it_had() -> None:
    body = {"id": new_id(), "inspection_id": new_id(), "text": "x", "t_ms": 1}
    assert "voice" not in FindHazard.model_validate(body).model_dump_json()
