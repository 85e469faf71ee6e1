"""What a bureau looks at: due orders, article 113, coverage, and who verifies a paper."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.core.services import Services
from field_api.features.inspections.reminding import remind
from field_api.features.law.seeds import put_in_law
from tests.field_api.inspections.world import CRITERION, Case
from tests.field_api.post import Post


async def reminded(post: Post) -> list[str]:
    trail = (await (await post.sign_in("auditor")).get("audit?limit=200")).json()
    actions = ("paper.due_soon", "paper.overdue")
    return [e["text_zh"] for e in reversed(trail) if e["action"] in actions]


async def test_an_order_is_told_at_seven_three_one_and_no_days_and_once_overdue(
    case: Case,
) -> None:
    post = case.post
    hazard, _ = await case.until_record()
    order = await case.order(hazard, "2025-03-25")
    steps: list[int | None] = []
    for _ in range(14):
        remind(post.services)
        remind(post.services)
        post.forget_sessions()
        seen = (await (await post.sign_in("duty")).get(f"papers/{order['id']}")).json()
        steps.append(seen["reminded_days"])
        post.clock.advance_s(24 * 3600)
    assert steps == [None, None, None, 7, 7, 7, 7, 3, 3, 1, 0, -1, -1, -1]
    post.forget_sessions()
    told = await reminded(post)
    assert len(told) == 5
    assert "还有 7 天" in told[0]
    assert "逾期 1 天" in told[-1]
    board = (await (await post.sign_in("duty")).get("due-orders")).json()
    assert [(one["paper_id"], one["days_left"]) for one in board] == [(order["id"], -4)]
    soon = await (await post.sign_in("duty")).get("due-orders?until=2025-03-24")
    assert soon.json() == []
    standing = await (await post.sign_in("duty")).get("enterprises/demo-2/standing")
    assert standing.json()["overdue_orders"] == 1


async def test_article_113_proposes_closure(case: Case) -> None:
    await case.until_record()
    duty = await case.post.sign_in("duty")
    for _ in range(3):
        values = {"act": "未按规定", "fine": 1000}
        await case.issue(await case.begin("ONSPOT", values))
    standing = (await duty.get("enterprises/demo-2/standing")).json()
    assert (standing["penalties_180_days"], standing["closure_due"]) == (3, False)
    await case.find(level="major", clause_ids=[CRITERION])
    standing = (await duty.get("enterprises/demo-2/standing")).json()
    assert standing["closure_due"]
    proposals = (await duty.get("closure-proposals")).json()
    assert [
        (one["enterprise_id"], one["by_article_113"], one["by_grade"]) for one in proposals
    ] == [
        ("demo-2", True, False),
        ("demo-3", False, True),
    ]


async def test_who_holds_a_paper_may_verify_it_and_learns_nothing_personal(case: Case) -> None:
    _, record = await case.until_record()
    stranger = case.post.anonymous()
    seen = await stranger.get(f"verify/{record['id']}")
    assert seen.status_code == 200, seen.text
    view = seen.json()
    assert (view["title"], view["state"]) == ("现场检查记录", "issued")
    assert view["sha256"] == record["sha256"]
    for personal in ("示例", "执法员", record["number"]):
        assert personal not in seen.text
    draft = await case.begin("RECTIFY", {"party": "示例机械厂(虚构)"})
    for hidden in (draft["id"], new_id()):
        answer = await stranger.get(f"verify/{hidden}")
        assert answer.status_code == 404
        assert answer.json()["detail"]["code"] == "no_issued_paper"
    answers = [await stranger.get(f"verify/{record['id']}") for _ in range(40)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) <= 60
    case.post.clock.advance_s(61)
    assert (await stranger.get(f"verify/{record['id']}")).status_code == 200


async def test_lists_filter_and_page(district: Post) -> None:
    cases = [Case(district) for _ in range(5)]
    for case in cases:
        await case.open(terminal_id="HT-02")
    duty = await district.sign_in("duty")
    got: list[str] = []
    before: dict[str, Any] = {}
    while True:
        query = {"limit": 2, "terminal_id": "HT-02", **before}
        page = (await duty.get("inspections", params=query)).json()
        if not page:
            break
        got += [one["id"] for one in page]
        before = {"before": page[-1]["id"]}
    assert sorted(got) == sorted(case.id for case in cases)
    planned = await duty.get("inspections?state=planned&office_id=street-haikou&sector=工贸")
    assert [one["enterprise_id"] for one in planned.json()] == ["demo-2"]
    closed = await duty.get("inspections?state=closed&day_from=2025-01-01&day_to=2025-12-31")
    assert closed.json() == []
    bad = await duty.get("inspections?day_from=yesterday")
    assert bad.status_code == 422


async def test_streets_are_counted_with_their_officers_and_handhelds(district: Post) -> None:
    duty = await district.sign_in("duty")
    await district.sign_in("ht-03")
    rows = {one["name"]: one for one in (await duty.get("terminal-coverage")).json()}
    haikou = rows["海口街道"]
    assert (haikou["officers"], haikou["equipped"], haikou["terminals"]) == (2, 2, 2)
    assert haikou["heard_in_24_h"] == 1
    assert (rows["碧鸡街道"]["officers"], rows["碧鸡街道"]["equipped"]) == (2, 1)
    assert (rows["西山区"]["officers"], rows["西山区"]["terminals"]) == (2, 2)
    street = await district.sign_in("ht-03")
    own = (await street.get("terminal-coverage")).json()
    assert [one["name"] for one in own] == ["海口街道"]


async def test_shipped_law_is_put_in_once_and_never_over_a_persons_work(district: Post) -> None:
    services: Services = district.services
    assert put_in_law(services) == 0
    admin = await district.sign_in("admin")
    at = "registers/checklist_items/TY-01"
    entry = (await admin.get(at)).json()
    changed = {"version": entry["version"], "question": "责任制是否建立"}
    assert (await admin.put(at, json=changed)).status_code == 200
    gone = (await admin.get("registers/holidays/D2025-01-01")).json()
    removed = await admin.request(
        "DELETE", "registers/holidays/D2025-01-01", params={"version": gone["version"]}
    )
    assert removed.status_code in (200, 204), removed.text
    assert put_in_law(services) == 0
    assert (await admin.get(at)).json()["question"] == "责任制是否建立"
    assert (await admin.get("registers/holidays/D2025-01-01")).status_code == 404
    inspector = await district.sign_in("ht-01")
    refused = await inspector.put(at, json={**changed, "version": 2})
    assert refused.status_code == 403
