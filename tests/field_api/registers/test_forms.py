"""Making, changing and removing entries; their history; two people at once."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.core.errors import ApiError
from field_api.core.registers.register import values_of
from field_api.core.registers.values import attributes, checked_values, stored_values
from field_api.features.registers.enterprises import REGISTER
from field_api.features.registers.operations import make_row
from tests.field_api.post import Post
from tests.field_api.registers.conftest import bound_to

URL = "registers/enterprises"
STREET, OTHER = "530112001", "530112002"


def body(**changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": "示例安和工贸(虚构)",
        "industry": "工贸",
        "credit_code": "9153000001MA0000X",
        "grade": "B",
        "employees": 12,
        "major_hazard": False,
        "place": {"lat_deg": 25.01, "lon_deg": 102.65},
        "area": STREET,
        **changes,
    }


async def test_an_entry_is_made_once_however_often_it_is_sent(post: Post) -> None:
    duty = await post.sign_in("duty")
    sent = body()
    first = await duty.post(URL, json=sent)
    assert first.status_code == 201, first.text
    assert first.json() == {
        **sent,
        "version": 1,
        "address": None,
        "contact": None,
        "phone": None,
        "representative": None,
        "scan_code": None,
    }
    again = await duty.post(URL, json=sent)
    assert (again.status_code, again.json()) == (200, first.json())
    await duty.put(f"{URL}/{sent['id']}", json={"version": 1, "grade": "C"})
    late = await duty.post(URL, json=sent)
    assert (late.status_code, late.json()["grade"]) == (200, "C")
    other = await duty.post(URL, json={**sent, "name": "另一家"})
    assert (other.status_code, other.json()["detail"]["code"]) == (409, "id_taken")
    nameless = await duty.post(URL, json=body(id=None, credit_code=None))
    assert nameless.status_code == 201
    assert len(nameless.json()["id"]) == 36


async def test_an_entry_may_be_called_by_a_chosen_name(post: Post) -> None:
    admin = await post.sign_in("admin")
    team = {"id": "T9", "name": "新队", "name_en": "New", "people": 8}
    answer = await admin.post("registers/teams", json=team)
    assert answer.status_code == 201, answer.text
    assert answer.json()["station"] == ""
    for ident in ("export", "import", "../x", "队", "", "x" * 61):
        refused = await admin.post("registers/teams", json={**team, "id": ident})
        assert refused.status_code == 422, ident
        assert refused.json()["detail"]["field"] == "id"


async def test_two_people_edit_one_entry(post: Post) -> None:
    duty, admin = await post.sign_in("duty"), await post.sign_in("admin")
    entry = (await duty.post(URL, json=body())).json()
    url = f"{URL}/{entry['id']}"
    mine = await duty.put(url, json={"version": 1, "grade": "A", "phone": None})
    assert (mine.status_code, mine.json()["version"], mine.json()["grade"]) == (200, 2, "A")
    theirs = await admin.put(url, json={"version": 1, "grade": "D"})
    assert theirs.status_code == 409
    assert theirs.json()["detail"]["code"] == "version_conflict"
    # Asking for what it is already is no change, so a request may be repeated.
    again = await duty.put(url, json={"version": 1, "grade": "A"})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert (await admin.delete(url, params={"version": 1})).status_code == 409
    now = (await admin.get(url)).json()
    assert (now["grade"], now["employees"]) == ("A", 12)
    emptied = await admin.put(url, json={"version": 2, "employees": None})
    assert emptied.json()["employees"] is None


async def test_history_keeps_every_version_and_the_tombstone(post: Post) -> None:
    duty, admin = await post.sign_in("duty"), await post.sign_in("admin")
    entry = (await duty.post(URL, json=body())).json()
    url = f"{URL}/{entry['id']}"
    await admin.put(url, json={"version": 1, "grade": "C"})
    assert (await duty.delete(url, params={"version": 2})).status_code == 204
    assert (await duty.get(url)).status_code == 404
    assert (await duty.get(URL)).json()["total"] == 0
    kept = (await duty.get(f"{url}/history")).json()
    assert [(one["version"], one["action"]) for one in kept] == [
        (3, "removed"),
        (2, "changed"),
        (1, "created"),
    ]
    assert [one["row"] and one["row"]["grade"] for one in kept] == [None, "C", "B"]
    assert kept[1]["actor_name"] == "系统管理员"
    # Made anew under its old id, versions go on: no client takes it for an older one.
    anew = await duty.post(URL, json={**body(), "id": entry["id"]})
    assert (anew.status_code, anew.json()["version"]) == (201, 4)
    assert (await duty.get(f"{url}/history")).json()[0]["action"] == "created"
    assert (await duty.post(URL, json={**body(), "id": entry["id"]})).status_code == 200
    trail = (await (await post.sign_in("auditor")).get("audit", params={"limit": 10})).json()
    actions = [line["action"] for line in trail]
    assert {"register.created", "register.changed", "register.removed"} <= set(actions)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": None}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x\x07y"}, "name"),
        ({"name": "#REF!"}, "name"),
        ({"name": "长" * 10_001}, "name"),
        ({"grade": "E"}, "grade"),
        ({"employees": 1.5}, "employees"),
        ({"employees": "12"}, "employees"),
        ({"employees": 2**31}, "employees"),
        ({"employees": True}, "employees"),
        ({"major_hazard": 1}, "major_hazard"),
        ({"place": {"lat_deg": 95, "lon_deg": 102}}, "place.lat_deg"),
        ({"place": {"lat_deg": 25}}, "place.lon_deg"),
        ({"place": "25,102"}, "place"),
        ({"area": "999999999"}, "area"),
        ({"version": 3}, "version"),
    ],
)
async def test_wrong_values_are_refused_by_name(
    post: Post, changes: dict[str, Any], field: str
) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post(URL, json=body(**changes))
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert (detail["code"], detail["field"]) == ("invalid", field)
    assert detail["text_zh"] != detail["text_en"]
    assert (await duty.get(URL)).json()["total"] == 0


async def test_what_is_missing_is_named(post: Post) -> None:
    answer = await (await post.sign_in("duty")).post(URL, json={"industry": "工贸"})
    assert (answer.status_code, answer.json()["detail"]["field"]) == (422, "name")
    assert "必填" in answer.json()["detail"]["text_zh"]


async def test_shapes_are_checked_and_approvals_are_not_edited(post: Post) -> None:
    admin = await post.sign_in("admin")
    fence = (await admin.get("registers/airspace/G3")).json()["fence"]
    url = "registers/airspace/G3"
    for wrong, field in (
        ({**fence, "kind": "moat"}, "fence.kind"),
        ({**fence, "id": "G4"}, "fence.id"),
        ({**fence, "approval_id": "民航-1"}, "fence.approval_id"),
        ("fence", "fence"),
    ):
        answer = await admin.put(url, json={"version": 1, "fence": wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["detail"]["field"] == field
    for raw in ('{"version": 1, "fence": {"radius_m": NaN}}', '{"version":1,"fence":"\\ud800"}'):
        answer = await admin.put(url, content=raw, headers={"content-type": "application/json"})
        assert answer.status_code == 422
    good = await admin.put(url, json={"version": 1, "fence": {**fence, "radius_m": 250.0}})
    assert good.json()["fence"]["radius_m"] == 250
    vehicle = (await admin.get("registers/aircraft/XS-U1")).json()
    spec = {**vehicle["spec"], "vehicle_id": "XS-U2"}
    answer = await admin.put("registers/aircraft/XS-U1", json={"version": 1, "spec": spec})
    assert answer.json()["detail"]["field"] == "spec.vehicle_id"
    terminal = await admin.put(
        "registers/terminals/HT-05", json={"version": 1, "kind": "enforcement"}
    )
    assert terminal.json()["kind"] == "enforcement"


async def test_a_key_belongs_to_one_entry(post: Post) -> None:
    duty = await post.sign_in("duty")
    one = body()
    await duty.post(URL, json=one)
    second = await duty.post(URL, json=body(name="第二家"))
    assert (second.status_code, second.json()["detail"]["code"]) == (409, "key_taken")
    assert second.json()["detail"]["field"] == "credit_code"
    third = (await duty.post(URL, json=body(name="第三家", credit_code=None))).json()
    change = {"version": 1, "credit_code": one["credit_code"]}
    assert (await duty.put(f"{URL}/{third['id']}", json=change)).status_code == 409


async def test_who_may_write_and_where(post: Post) -> None:
    commander = await post.sign_in("commander")
    assert (await commander.post(URL, json=body())).json()["detail"]["code"] == "forbidden"
    duty = await post.sign_in("duty")
    assert (await duty.post("registers/teams", json={"name": "x"})).status_code == 403
    for_all = (await duty.post(URL, json=body(credit_code=None, area=None))).json()
    theirs = (await duty.post(URL, json=body(credit_code=None, area=OTHER))).json()
    inspector = await bound_to(post, "ht-05", STREET)
    mine = await inspector.post(URL, json=body(area=None))
    assert (mine.status_code, mine.json()["area"]) == (201, STREET)
    outside = await inspector.post(URL, json=body(credit_code=None, area=OTHER))
    assert (outside.status_code, outside.json()["detail"]["code"]) == (403, "outside_your_area")
    url = f"{URL}/{mine.json()['id']}"
    away = await inspector.put(url, json={"version": 1, "area": OTHER})
    assert (away.status_code, away.json()["detail"]["field"]) == (403, "area")
    assert (await inspector.put(url, json={"version": 1, "area": None})).status_code == 422
    hidden = f"{URL}/{theirs['id']}"
    assert (await inspector.put(hidden, json={"version": 1, "grade": "A"})).status_code == 404
    assert (await inspector.delete(hidden, params={"version": 1})).status_code == 404
    shared = f"{URL}/{for_all['id']}"
    assert (await inspector.get(shared)).status_code == 200
    assert (await inspector.delete(shared, params={"version": 1})).status_code == 403
    taken = await inspector.post(URL, json={**body(area=STREET), "id": theirs["id"]})
    assert taken.status_code in (403, 409)
    moved = await duty.put(url, json={"version": 1, "area": OTHER})
    assert (moved.json()["area"], moved.json()["version"]) == (OTHER, 2)
    assert (await inspector.get(url)).status_code == 404


VALUES = st.fixed_dictionaries(
    {"name": st.text(max_size=30), "industry": st.text(max_size=10)},
    optional={
        "credit_code": st.none() | st.text(max_size=20),
        "grade": st.none() | st.sampled_from("ABCDE"),
        "employees": st.none() | st.integers(-(2**40), 2**40) | st.floats(),
        "major_hazard": st.booleans() | st.none(),
        "place": st.none()
        | st.fixed_dictionaries({"lat_deg": st.floats(-100, 100), "lon_deg": st.floats(-200, 200)}),
        "area": st.none() | st.sampled_from(["", STREET, "1"]),
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_values_are_refused_by_name_or_come_back_as_they_were(given_values: dict[str, Any]) -> None:
    refused: ApiError | None = None
    checked: dict[str, Any] = {}
    try:
        checked = checked_values(REGISTER, given_values, creating=True)
    except ApiError as error:
        refused = error
    if refused is not None:
        assert refused.detail.code == "invalid"
        assert (refused.detail.field or "").partition(".")[0] in given_values
        return
    row = make_row(REGISTER, "x", "", stored_values(REGISTER, checked))
    shown = values_of(REGISTER.columns, row)
    again = checked_values(REGISTER, shown, creating=True)
    assert stored_values(REGISTER, again) == attributes(REGISTER, row)
