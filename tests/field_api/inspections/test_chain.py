"""From the plan to the end, over HTTP, and what stands in the way."""

from typing import Any

from field_api.contract.ids import new_id
from tests.field_api.inspections.world import CRITERION, Case, street_case
from tests.field_api.post import Post


async def dossier(case: Case) -> dict[str, Any]:
    answer = await (await case.post.sign_in("duty")).get(f"inspections/{case.id}/dossier")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def state(case: Case) -> str:
    return (await dossier(case))["inspection"]["state"]


def act(case: Case, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "t_ms": case.post.clock(), **more}


async def test_from_the_plan_to_the_end(case: Case) -> None:
    hazard, record = await case.until_record()
    assert record["state"] == "issued"
    assert record["number"] == "（西）应急检记〔2025〕1号"
    assert not record["bytes_differ"]
    assert record["content"]["signatures"][0]["strokes"]
    assert await state(case) == "decided"
    order = await case.order(hazard, "2025-03-30")
    assert (order["state"], order["due_day"]) == ("served", "2025-03-30")
    assert await state(case) == "rectifying"
    seen = (await dossier(case))["hazards"][0]
    assert (seen["state"], seen["due_day"]) == ("ordered", "2025-03-30")
    await case.refused(f"inspections/{case.id}/close", act(case), "order_still_open")
    case.post.clock.advance_s(3 * 24 * 3600)
    case.post.forget_sessions()
    await case.send(f"hazards/{hazard['id']}/rectify", act(case, text="已清理"))
    await case.send(f"hazards/{hazard['id']}/check", act(case, result="cleared"))
    assert (await dossier(case))["hazards"][0]["state"] == "rectified"
    review = await case.begin(
        "REVIEW", {"opinion": "已整改"}, order_id=order["id"], hazard_ids=[hazard["id"]]
    )
    await case.issue(review)
    after = await dossier(case)
    assert after["hazards"][0]["state"] == "cleared"
    assert after["inspection"]["state"] == "decided"
    papers = {paper["form"]: paper for paper in after["papers"]}
    assert papers["RECTIFY"]["fulfilled_ms"] == case.post.clock()
    closed = await case.send(f"inspections/{case.id}/close", act(case, reason="完成"))
    assert closed["state"] == "closed"
    again = await case.send(f"inspections/{case.id}/close", act(case, reason="完成"))
    assert again["version"] == closed["version"]
    duty = await case.post.sign_in("duty")
    pdf = await duty.get(f"papers/{record['id']}/paper.pdf")
    assert pdf.content.startswith(b"%PDF-")


async def test_a_review_that_finds_a_part_leaves_the_order_open(case: Case) -> None:
    hazard, _ = await case.until_record()
    order = await case.order(hazard, "2025-03-30")
    await case.send(f"hazards/{hazard['id']}/check", act(case, result="partly", text="一半"))
    review = await case.begin(
        "REVIEW", {"opinion": "一半"}, order_id=order["id"], hazard_ids=[hazard["id"]]
    )
    await case.issue(review)
    after = await dossier(case)
    assert after["inspection"]["state"] == "rectifying"
    assert after["hazards"][0]["state"] == "ordered"


async def test_an_issued_paper_never_changes_and_a_new_version_names_it(case: Case) -> None:
    hazard, record = await case.until_record()
    url = f"papers/{record['id']}"
    edit = act(case, was={"site": "一车间"}, now={"site": "二车间"})
    await case.refused(f"{url}/edit", edit, "paper_is_issued")
    await case.refused(f"{url}/drop", act(case), "paper_is_issued")
    values = {"party": "示例机械厂(虚构)", "site": "二车间", "identified": True}
    newer = await case.begin("RECORD", values, replaces=record["id"], hazard_ids=[hazard["id"]])
    assert newer["issue"] == 2
    changes = {"issue": 2, "replaces_number": record["number"]}
    issued = await case.issue(newer, number=record["number"], **changes)
    assert (issued["number"], issued["issue"]) == (record["number"], 2)
    old = (await (await case.client()).get(url)).json()
    assert (old["state"], old["replaced_by"]) == ("replaced", issued["id"])
    assert old["content"] == record["content"]
    told = (await case.post.anonymous().get(f"verify/{record['id']}")).json()
    assert (told["state"], told["replaced_by"]) == ("replaced", issued["id"])
    third = case.begin_body("RECORD", values, replaces=record["id"])
    await case.refused("papers", third, "replaces_nothing_issued")


async def test_a_request_to_issue_may_be_repeated_and_another_one_may_not(case: Case) -> None:
    await case.open()
    plan = await case.begin("PLAN", {"subject": "检查"})
    plan = await case.approve(plan)
    numbers = await case.draw("PLAN", 2)
    body = case.issue_body(await case.content(plan, numbers[0]))
    first = await case.send(f"papers/{plan['id']}/issue", body)
    again = await case.send(f"papers/{plan['id']}/issue", body)
    assert again["version"] == first["version"]
    other = case.issue_body(await case.content(plan, numbers[1]))
    await case.refused(f"papers/{plan['id']}/issue", other, "paper_is_issued")


async def test_other_bytes_are_kept_with_both_hashes_and_told(case: Case) -> None:
    await case.open()
    plan = await case.begin("PLAN", {"subject": "检查"})
    plan = await case.approve(plan)
    content = await case.content(plan, (await case.draw("PLAN"))[0])
    body = case.issue_body(content, sha256="ab" * 32)
    issued = await case.send(f"papers/{plan['id']}/issue", body)
    assert issued["bytes_differ"]
    assert issued["issuer_sha256"] == "ab" * 32
    assert issued["sha256"] != "ab" * 32
    trail = (await (await case.post.sign_in("auditor")).get("audit?limit=10")).json()
    assert "paper.bytes_differ" in [entry["action"] for entry in trail]


async def test_what_was_printed_must_be_what_the_draft_says(case: Case) -> None:
    hazard, _ = await case.until_record()
    values = {"party": "示例机械厂(虚构)", "due": "2025-03-30"}
    paper = await case.begin("RECTIFY", values, hazard_ids=[hazard["id"]])
    number = (await case.draw("RECTIFY"))[0]
    good = await case.content(paper, number)
    url = f"papers/{paper['id']}/issue"

    async def differs(place: str, **changes: Any) -> None:
        detail = await case.refused(url, case.issue_body({**good, **changes}), "content_differs")
        assert detail["field"] == place

    fields = [
        {**one, "text": "2025-04-30"} if one["name"] == "due" else one for one in good["fields"]
    ]
    await differs("content.fields.due", fields=fields)
    await differs("content.fields.party", fields=[f for f in good["fields"] if f["name"] == "due"])
    await differs("content.hazards", hazards=[])
    await differs("content.hazards.0", hazards=[{**good["hazards"][0], "text": "别的"}])
    await differs("content.hazards.0", hazards=[{**good["hazards"][0], "level": "major"}])
    await differs("content.hazards.0", hazards=[{**good["hazards"][0], "clauses": []}])
    await differs("content.office", office={**good["office"], "name": "别的局"})
    await differs("content.replaces_number", replaces_number="（西）应急责改〔2025〕9号")
    swapped = [{**good["officers"][0], "certificate": "X"}, good["officers"][1]]
    await differs("content.officers", officers=swapped)
    shown = [
        {**one, "text": "2025年3月30日"} if one["name"] == "due" else one for one in good["fields"]
    ]
    issued = await case.send(url, case.issue_body({**good, "fields": shown}))
    assert issued["due_day"] == "2025-03-30"


async def test_who_must_sign(case: Case) -> None:
    hazard, _ = await case.until_record()
    values = {"party": "示例机械厂(虚构)", "due": "2025-03-30"}
    paper = await case.begin("RECTIFY", values, hazard_ids=[hazard["id"]])
    number = (await case.draw("RECTIFY"))[0]
    good = await case.content(paper, number)
    url = f"papers/{paper['id']}/issue"
    signed = good["signatures"]

    async def missing(code: str, signatures: list[dict[str, Any]]) -> None:
        await case.refused(url, case.issue_body({**good, "signatures": signatures}), code)

    await missing("officer_not_signed", signed[1:])
    await missing("party_not_signed", signed[:2])
    refusal = {"role": "party", "name": "示例负责人", "refused": True, "t_ms": 1}
    await missing("refusal_without_reason", [*signed[:2], refusal])
    refusal["reason"] = "不认可"
    await missing("refusal_without_witness", [*signed[:2], refusal])
    witness = {**signed[0], "role": "witness", "name": "社区干部"}
    issued = await case.send(
        url, case.issue_body({**good, "signatures": [*signed[:2], refusal, witness]})
    )
    assert issued["state"] == "issued"


async def test_only_its_officers_issue_and_their_certificates_must_be_valid(case: Case) -> None:
    await case.open(officer_ids=["officer-1"])
    plan = await case.begin("PLAN", {"subject": "检查"})
    plan = await case.approve(plan)
    content = await case.content(plan, (await case.draw("PLAN"))[0])
    url = f"papers/{plan['id']}/issue"
    await case.refused(url, case.issue_body(content), "officers_needed")
    await case.refused(url, case.issue_body(content), "not_an_officer_of_it", "ht-02")
    both = {"officer_ids": ["officer-1", "officer-2"]}
    await case.send(f"inspections/{case.id}/assign", both, "duty")
    admin = await case.post.sign_in("admin")
    entry = (await admin.get("registers/officers/officer-2")).json()
    ended = {"version": entry["version"], "valid_to": "2025-03-14"}
    answer = await admin.put("registers/officers/officer-2", json=ended)
    assert answer.status_code == 200, answer.text
    detail = await case.refused(url, case.issue_body(content), "certificate_not_valid")
    assert "执法员乙" in detail["text_zh"]


async def test_a_major_hazard_needs_its_criterion_and_a_second_person(case: Case) -> None:
    hazard, _ = await case.until_record()
    major = await case.find(level="major")
    values = {"party": "示例机械厂(虚构)", "due": "2025-03-30"}
    paper = await case.begin("RECTIFY", values, hazard_ids=[major["id"]])
    number = (await case.draw("RECTIFY"))[0]
    url = f"papers/{paper['id']}/issue"

    async def now(code: str) -> None:
        await case.refused(url, case.issue_body(await case.content(paper, number)), code)

    await now("criterion_needed")
    edit = act(case, was={"clause_ids": major["clause_ids"]}, now={"clause_ids": [CRITERION]})
    await case.send(f"hazards/{major['id']}/edit", edit)
    await now("second_person_needed")
    confirm = f"hazards/{major['id']}/confirm"
    await case.refused(confirm, act(case, confirm=True), "confirms_own_hazard")
    await case.refused(
        f"hazards/{hazard['id']}/confirm", act(case, confirm=True), "hazard_not_major", "ht-02"
    )
    await case.refused(confirm, act(case, confirm=False), "dispute_needs_reason", "ht-02")
    await case.send(confirm, act(case, confirm=False, reason="未定期检查不属实"), "ht-02")
    await now("hazard_disputed")
    await case.send(confirm, act(case, confirm=True), "ht-02")
    again = act(case, was={"text": major["text"]}, now={"text": "另一种情形"})
    edited = await case.send(f"hazards/{major['id']}/edit", again)
    assert edited["confirmed_by"] is None
    await now("second_person_needed")
    await case.send(confirm, act(case, confirm=True), "ht-02")
    issued = await case.send(url, case.issue_body(await case.content(paper, number)))
    assert issued["state"] == "issued"
    late = act(case, was={"text": "另一种情形"}, now={"text": "改写"})
    await case.refused(f"hazards/{major['id']}/edit", late, "hazard_is_ordered")


async def test_an_unverified_clause_is_printed_once_an_administrator_confirmed_it(
    case: Case,
) -> None:
    await case.until_record()
    hazard = await case.find(clause_ids=["GB-50156"])
    values = {"party": "示例机械厂(虚构)", "due": "2025-03-30"}
    paper = await case.begin("RECTIFY", values, hazard_ids=[hazard["id"]])
    number = (await case.draw("RECTIFY"))[0]
    url = f"papers/{paper['id']}/issue"
    await case.refused(url, case.issue_body(await case.content(paper, number)), "clause_unverified")
    admin = await case.post.sign_in("admin")
    at = "registers/law_clauses/GB-50156"
    entry = (await admin.get(at)).json()
    bare = {"version": entry["version"], "standing": "confirmed"}
    refused = await admin.put(at, json=bare)
    assert refused.json()["detail"]["code"] == "confirmation_without_note"
    forged = await admin.put(at, json={**bare, "standing": "verified"})
    assert forged.json()["detail"]["code"] == "verified_is_shipped"
    inspector = await case.client()
    note = {**bare, "confirmed_note": "对照标准原文第 4.0.4 条"}
    assert (await inspector.put(at, json=note)).status_code == 403
    assert (await admin.put(at, json=note)).status_code == 200
    issued = await case.send(url, case.issue_body(await case.content(paper, number)))
    assert issued["state"] == "issued"
    history = (await admin.get(f"{at}/history")).json()
    assert len(history) == 2


async def test_the_day_chooses_the_edition(case: Case) -> None:
    await case.until_record(clause_ids=["HG121-1"], text="负责人未经考核")
    hazard = await case.find(clause_ids=["WHF-39"])
    values = {"party": "示例机械厂(虚构)", "due": "2025-03-30"}
    paper = await case.begin("RECTIFY", values, hazard_ids=[hazard["id"]])
    number = (await case.draw("RECTIFY"))[0]
    await case.refused(
        f"papers/{paper['id']}/issue",
        case.issue_body(await case.content(paper, number)),
        "clause_not_in_force",
    )


async def test_the_entry_is_noted_with_code_or_reason_and_counted(district: Post) -> None:
    first, second = Case(district), Case(district)
    await first.open()
    await second.open()
    at = f"inspections/{first.id}/enter"
    await first.refused(at, act(first), "scan_or_reason")
    await first.refused(at, act(first, scan_code="X"), "scan_code_of_another")
    assert (await first.enter())["visit_number"] == 1
    assert (await first.enter())["visit_number"] == 1
    await first.refused(at, act(first, emergency_reason="x"), "already_entered")
    entered = await second.enter(scan_code=None, emergency_reason="群众举报泄漏")
    assert entered["visit_number"] == 2
    duty = await district.sign_in("duty")
    standing = (await duty.get("enterprises/demo-2/standing")).json()
    assert standing["visits_this_year"] == 2
    assert (await duty.get("enterprises/nobody/standing")).status_code == 404


async def test_a_street_hands_over_what_is_the_bureaus(district: Post) -> None:
    street = street_case(district)
    hazard, record = await street.until_record()
    assert record["number"] == "（西海口）应急检记〔2025〕1〔督〕号"
    things = {"things": [["罐", "1", "1"]]}
    await street.refused("papers", street.begin_body("COERCE", things), "street_never_coerces")
    onsite = street.begin_body("ONSITE", {"measure": "suspend"})
    await street.refused("papers", onsite, "form_of_the_bureau")
    draft = await street.begin("RECTIFY", {"party": "示例机械厂(虚构)"})
    body = {"id": new_id(), "t_ms": district.clock(), "office_id": "bureau", "reason": "须查封"}
    wrong = {**body, "office_id": "street-haikou"}
    at = f"inspections/{street.id}/escalate"
    await street.refused(at, wrong, "escalates_to_the_bureau")
    made = await street.send(at, body)
    assert (made["tier"], made["escalated_from"]) == ("bureau", street.id)
    assert (await street.send(at, body))["id"] == made["id"]
    await street.refused("papers", street.begin_body("RECTIFY", {}), "inspection_is_escalated")
    bureau = Case(district, id=made["id"])
    await bureau.send(
        f"inspections/{bureau.id}/assign", {"officer_ids": list(bureau.officers)}, "duty"
    )
    seen = await dossier(bureau)
    assert seen["earlier"]["id"] == street.id
    assert {p["id"]: p["state"] for p in seen["papers"]} | {
        record["id"]: "issued",
        draft["id"]: "dropped",
    } == {p["id"]: p["state"] for p in seen["papers"]}
    assert [one["id"] for one in seen["hazards"]] == [hazard["id"]]
    onsite_paper = await bureau.begin("ONSITE", {"measure": "suspend"}, hazard_ids=[hazard["id"]])
    assert (await bureau.issue(onsite_paper))["state"] == "issued"


async def test_an_urgent_measure_is_approved_within_24_hours_or_that_is_told(case: Case) -> None:
    from field_api.features.inspections.reminding import tell_late_approvals

    hazard, _ = await case.until_record()
    values = {"things": [["名称", "数量"], ["储罐", "1"]]}
    slow = await case.begin("COERCE", values, hazard_ids=[hazard["id"]])
    number = (await case.draw("COERCE"))[0]
    body = case.issue_body(await case.content(slow, number))
    await case.refused(f"papers/{slow['id']}/issue", body, "approval_needed")
    await case.send(f"papers/{slow['id']}/drop", act(case))
    urgent = await case.begin("COERCE", values, hazard_ids=[hazard["id"]], urgent=True)
    issued = await case.issue(urgent, number=number)
    assert issued["approval_due_ms"] == case.post.clock() + 24 * 3_600_000
    commander = await case.post.sign_in("commander")
    waiting = (await commander.get("paper-approvals")).json()
    assert [one["id"] for one in waiting] == [urgent["id"]]
    case.post.clock.advance_s(24 * 3600 - 1)
    assert tell_late_approvals(case.post.services) == 0
    case.post.clock.advance_s(2)
    case.post.forget_sessions()
    assert tell_late_approvals(case.post.services) == 1
    assert tell_late_approvals(case.post.services) == 0
    approved = await case.approve(issued)
    assert approved["approval"] == "approved"
    assert approved["approval_late_ms"] == case.post.clock()
    trail = (await (await case.post.sign_in("auditor")).get("audit?limit=10")).json()
    said = {entry["action"]: entry["text_zh"] for entry in trail}
    assert "paper.approval_late" in said
    assert "已超过24小时" in said["paper.approved"]
