"""Every form that ships, over HTTP: from its draft to the end, and what each is refused for."""

import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from field_api.contract.ids import new_id
from field_api.features.inspections.forms import Form, forms
from field_api.settings import Settings
from tests.field_api.inspections.shipped_chain import ShippedCase, needed, orders, value_of
from tests.field_api.inspections.world import settle
from tests.field_api.post import Post, asgi_post

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = list(forms().values())
BY_ORDER = [(form, order) for form in ALL for order in (orders(form) or [None])]
ANY_SHA256 = "ab" * 32


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Post]:
    """One post for all forms: each has inspections of its own."""
    data_dir = tmp_path_factory.mktemp("forms") / "data"
    shutil.copytree(seeded, data_dir)
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as running:
        settle(running)
        yield running


@pytest.fixture
async def case(post: Post) -> ShippedCase:
    """An inspection of the bureau that is planned."""
    made = ShippedCase(post)
    await made.open()
    return made


def street_case(post: Post) -> ShippedCase:
    """Return an inspection of the street of Haikou."""
    officers = ("officer-3", "officer-4")
    return ShippedCase(
        post, office="street-haikou", username="ht-03", second="ht-08", officers=officers
    )


def act(case: ShippedCase, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "t_ms": case.post.clock(), **more}


def fulfiller(form: Form) -> Form | None:
    """Return the form that ends what a form orders."""
    return next((f for f in ALL if f.fulfils != "none" and form.code in f.order), None)


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.code)
async def test_from_its_draft_to_the_end_of_the_inspection(case: ShippedCase, form: Form) -> None:
    await case.prepare(form)
    order = await case.ordered(orders(form)[0]) if form.order else None
    if form.fulfils == "hazards":
        await case.clear()
    paper = await case.make(form, order)
    assert paper["state"] == "issued"
    assert not paper["bytes_differ"]
    assert bool(paper["number"]) == bool(form.series)
    assert (form.series in paper["number"]) if form.series else paper["number"] is None
    duty = await case.post.sign_in("duty")
    pdf = await duty.get(f"papers/{paper['id']}/paper.pdf")
    assert pdf.content.startswith(b"%PDF-")
    served = await case.serve(paper)
    assert (served["state"], served["served_to"]) == ("served", "示例负责人")
    end = fulfiller(form)
    if end is not None:
        # What orders without a day is held open by its hazards.
        still_open = "order_still_open" if form.due else "hazard_still_open"
        await case.refused(f"inspections/{case.id}/close", act(case, reason="完成"), still_open)
        await case.clear()
        await case.make(end, served)
        kept = (await duty.get(f"papers/{paper['id']}")).json()
        assert kept["fulfilled_ms"] is not None
        assert kept["content"] == paper["content"]
    await case.clear_left()
    closed = await case.send(f"inspections/{case.id}/close", act(case, reason="完成"))
    assert closed["state"] == "closed"
    late = case.begin_body(form.code, {}, **case.about(form, served if form.order else None))
    await case.refused("papers", late, "inspection_is_closed")


@dataclass
class Sheet:
    """A draft and what is printed of it; no bytes are made, it is refused before."""

    case: ShippedCase
    form: Form
    paper: dict[str, Any]
    content: dict[str, Any]

    @classmethod
    async def of(cls, case: ShippedCase, form: Form, **values: Any) -> "Sheet":
        """Begin a draft with these values alone, after all that comes before it."""
        await case.prepare(form)
        order = await case.ordered(orders(form)[0]) if form.order else None
        if form.fulfils == "hazards":
            await case.clear()
        paper = await case.begin(form.code, values, **case.about(form, order))
        return cls(case, form, paper, await case.content(paper, ""))

    def known(self, name: str) -> Any:
        """Return a field's value."""
        return {**self.paper["values"], "hazard_ids": self.paper["hazard_ids"]}.get(name)

    async def edit(self, **now: Any) -> None:
        """Change fields."""
        was = {name: self.known(name) for name in now}
        url = f"papers/{self.paper['id']}/edit"
        self.paper = await self.case.send(url, act(self.case, was=was, now=now))

    async def refused(self, code: str, **changes: Any) -> dict[str, Any]:
        """Try to issue it, with another content, and be refused."""
        content = {**self.content, **changes}
        body = act(self.case, content=content, sha256=ANY_SHA256, template_sha256=ANY_SHA256)
        return await self.case.refused(f"papers/{self.paper['id']}/issue", body, code)

    async def wrong(self, code: str, field: str, **now: Any) -> None:
        """Be refused with values that a field does not take, and take them back."""
        before = {name: self.known(name) for name in now}
        await self.edit(**now)
        assert (await self.refused(code))["field"] == field
        await self.edit(**before)


async def asks_for_each_field_in_turn(sheet: Sheet, values: dict[str, Any]) -> None:
    form, case, url = sheet.form, sheet.case, f"papers/{sheet.paper['id']}"
    for one in needed(form):
        detail = await sheet.refused("field_missing")
        assert detail["field"] == one.name
        assert one.zh in detail["text_zh"]
        assert one.en in detail["text_en"]
        await sheet.edit(**{one.name: values[one.name]})
    if form.approval != "none":
        last = needed(form)[-1].name
        await sheet.edit(**{last: None})
        assert (await case.refused(f"{url}/submit", act(case), "field_missing"))["field"] == last
        await sheet.edit(**{last: values[last]})
    lists = [one.name for one in form.fields if one.kind == "hazards" and one.required]
    if lists:
        await sheet.wrong("field_missing", lists[0], hazard_ids=[])
    nothing = act(case, was={}, now={"nothing": "x"})
    await case.refused(f"{url}/edit", nothing, "field_unknown")


async def refuses_values_that_no_field_takes(sheet: Sheet) -> None:
    form = sheet.form
    for one in form.fields:
        if one.kind == "choice":
            await sheet.wrong("field_not_a_choice", one.name, **{one.name: "别的"})
        for cap in one.caps:
            too_much = {cap.field: cap.value, one.name: cap.most + 0.01}
            await sheet.wrong("amount_too_high", one.name, **too_much)
        when = one.required_when
        if when is not None:
            same = {f.name: value_of(form, f, "") for f in form.fields if f.required_when == when}
            case = {when.field: when.value, **same, one.name: None}
            await sheet.wrong("field_missing", one.name, **case)
    if form.due:
        await sheet.wrong("due_day_over", form.due, **{form.due: "2025-03-14"})


async def waits_for_its_approval(sheet: Sheet) -> None:
    case, url = sheet.case, f"papers/{sheet.paper['id']}"
    await sheet.refused("approval_needed")
    await case.send(f"{url}/submit", act(case))
    await sheet.refused("approval_needed")
    no = {"id": new_id(), "approve": False, "opinion": "依据不足"}
    yes = {"id": new_id(), "approve": True, "opinion": ""}
    bare = {**no, "opinion": ""}
    await case.refused(f"{url}/approve", bare, "refusal_needs_opinion", "commander")
    assert (await (await case.client()).post(f"{url}/approve", json=yes)).status_code == 403
    await case.send(f"{url}/approve", no, "commander")
    await sheet.refused("approval_refused")
    await case.send(f"{url}/submit", act(case))
    await case.send(f"{url}/approve", yes, "commander")
    one = needed(sheet.form)[0]
    before = sheet.paper["values"][one.name]
    await sheet.edit(**{one.name: "另一种"})
    assert sheet.paper["approval"] == "needed"
    await sheet.refused("approval_needed")
    await sheet.edit(**{one.name: before})
    sheet.paper = await case.approve(sheet.paper)
    sheet.content = await case.content(sheet.paper, "")


async def asks_each_of_its_signers(sheet: Sheet) -> None:
    for role in sheet.form.signers:
        others = [one for one in sheet.content["signatures"] if one["role"] != role]
        await sheet.refused(f"{role}_not_signed", signatures=others)


async def prints_each_field_as_it_was_drafted(sheet: Sheet) -> None:
    printed = sheet.content["fields"]
    of_approval = {one.name for one in sheet.form.fields if one.fill.startswith("approval.")}
    drafted = {one["name"] for one in printed} - of_approval
    assert drafted == {one.name for one in needed(sheet.form)} - of_approval
    for at, one in enumerate(printed):
        rows = [*one["rows"][:1], ["别的", "", ""]]
        other = {**one, "rows": rows} if one["rows"] else {**one, "text": "别的"}
        fields = [*printed[:at], other, *printed[at + 1 :]]
        detail = await sheet.refused("content_differs", fields=fields)
        assert detail["field"] == f"content.fields.{one['name']}"
    if sheet.content["hazards"]:
        await sheet.refused("content_differs", hazards=[])


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.code)
async def test_it_is_refused_until_all_of_it_is_right(case: ShippedCase, form: Form) -> None:
    values = case.values(form)
    sheet = await Sheet.of(case, form)
    await asks_for_each_field_in_turn(sheet, values)
    await refuses_values_that_no_field_takes(sheet)
    if form.approval != "none":
        await waits_for_its_approval(sheet)
    await asks_each_of_its_signers(sheet)
    number = (await case.draw(form.code))[0] if form.series else ""
    sheet.content = await case.content(sheet.paper, number)
    await prints_each_field_as_it_was_drafted(sheet)
    issued = await case.send(f"papers/{sheet.paper['id']}/issue", case.issue_body(sheet.content))
    assert issued["state"] == "issued"


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.code)
async def test_its_order(case: ShippedCase, form: Form) -> None:
    body = case.begin_body(form.code, {})
    if form.after:
        detail = await case.refused("papers", body, "paper_out_of_order")
        assert forms()[form.after[0]].zh in detail["text_zh"]
        assert forms()[form.after[0]].en in detail["text_en"]
    if not form.order:
        await case.prepare(form)
        assert (await case.begin(form.code, {}))["state"] == "draft"
        return
    await case.prepare(form)
    detail = await case.refused("papers", body, "order_needed")
    assert forms()[form.order[0]].zh in detail["text_zh"]
    wanted = orders(form)[0]
    await case.prepare(wanted)
    order = await case.make(wanted)
    refers = case.begin_body(form.code, {}, order_id=order["id"])
    await case.refused("papers", refers, "order_not_served")
    strange = await case.make(forms()["PLAN"])
    wrong = case.begin_body(form.code, {}, order_id=strange["id"])
    await case.refused("papers", wrong, "order_of_another_form")
    await case.serve(order)
    await case.clear()
    await case.make(form, order)
    if form.fulfils != "none":
        again = case.begin_body(form.code, {}, order_id=order["id"])
        await case.refused("papers", again, "order_fulfilled")


@pytest.mark.parametrize(
    ("form", "order"),
    [(form, order) for form, order in BY_ORDER if order is not None],
    ids=lambda form: form.code,
)
async def test_it_follows_each_paper_that_it_may_refer_to(
    case: ShippedCase, form: Form, order: Form
) -> None:
    await case.prepare(form)
    served = await case.ordered(order)
    await case.clear()
    await case.make(form, served)
    kept = (await (await case.post.sign_in("duty")).get(f"papers/{served['id']}")).json()
    assert (kept["fulfilled_ms"] is not None) == (form.fulfils != "none")


async def test_a_streets_paper_is_called_as_the_street_calls_it(post: Post) -> None:
    street, form = street_case(post), forms()["RECTIFY"]
    await street.open()
    await street.prepare(form)
    draft = await street.draft(form)
    number = (await street.draw(form.code))[0]
    wrong = street.issue_body(await street.content(draft, number, title=form.zh))
    detail = await street.refused(f"papers/{draft['id']}/issue", wrong, "content_differs")
    assert "content.title" in detail["text_en"]
    issued = await street.issue(draft, number)
    seen = (await post.anonymous().get(f"verify/{issued['id']}")).json()
    assert seen["title"] == "限期整改意见书"
    trail = (await (await post.sign_in("auditor")).get("audit?limit=50")).json()
    (told,) = [each for each in trail if each["text_zh"].startswith("出具限期整改意见书")]
    assert "Request to rectify" in told["text_en"]


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.code)
async def test_who_may_issue_it_at_which_tier(post: Post, form: Form) -> None:
    street = street_case(post)
    await street.open()
    body = street.begin_body(form.code, {})
    if "street" in form.tiers:
        await street.prepare(form)
        begun = await street.client()
        answer = await begun.post("papers", json=body)
        # Only what it refers to is missing, if anything.
        assert answer.status_code == 201 or answer.json()["detail"]["code"] == "order_needed"
        return
    code = "form_of_the_bureau"
    if form.approval == "urgent":
        code = "street_never_coerces"
    elif form.empowered:
        code = "street_without_penalty_power"
    detail = await street.refused("papers", body, code)
    assert form.zh in detail["text_zh"]
    assert form.en in detail["text_en"]
    admin = await post.sign_in("admin")
    at = "registers/offices/street-haikou"
    for power in (True, False):
        entry = (await admin.get(at)).json()
        given = {"version": entry["version"], "has_penalty_power": power}
        assert (await admin.put(at, json=given)).status_code == 200
        if power and form.empowered:
            answer = await (await street.client()).post("papers", json=body)
            allowed = answer.status_code == 201
            assert allowed or answer.json()["detail"]["code"] in (
                "paper_out_of_order",
                "order_needed",
            )
        elif power:
            await street.refused("papers", body, code)


@pytest.mark.parametrize(
    "form", [form for form in ALL if form.approval != "none"], ids=lambda form: form.code
)
async def test_in_an_emergency_only_the_plan_is_approved_afterwards(post: Post, form: Form) -> None:
    case = ShippedCase(post, source="emergency")
    await case.open()
    if form.code != "PLAN":
        sheet = await Sheet.of(case, form, **case.values(form))
        await sheet.refused("approval_needed")
        return
    plan = await case.issue(await case.draft(form))
    await case.enter()
    close = f"inspections/{case.id}/close"
    await case.refused(close, act(case, reason="完成"), "approval_still_open")
    await case.approve(plan)
    assert (await case.send(close, act(case, reason="完成")))["state"] == "closed"


@pytest.mark.parametrize(
    "form",
    [f for f in ALL if "party" in f.signers and not f.after and not f.order],
    ids=lambda form: form.code,
)
async def test_it_is_issued_on_the_premises(case: ShippedCase, form: Form) -> None:
    paper = await case.draft(form)
    sheet = Sheet(case, form, paper, await case.content(paper, ""))
    await sheet.refused("premises_not_entered")
