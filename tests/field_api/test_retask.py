"""A plan for aircraft that fly another one: authorised like any plan, given in the air."""

from pathlib import Path

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    CommandOutcome,
    RetaskSortie,
    SortieState,
    UploadSortie,
)
from tests.field_api.field import sortie_event
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import CHECKLIST, Post, plan_body, until
from tests.field_api.test_plans import authorised


async def test_who_flies_gets_the_new_plan_in_the_air(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    old = await authorised(live_post)
    body = plan_body(vehicle_ids=["XS-U1"])
    draft = await pilot.post(f"incidents/{old['incident_id']}/plans", json=body)
    new = draft.json()
    early = await pilot.post(f"plans/{new['id']}/retask")
    assert early.json()["detail"]["code"] == "not_authorised"
    await pilot.post(f"plans/{new['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1})
    nobody = await pilot.post(f"plans/{new['id']}/retask")
    assert nobody.json()["detail"]["code"] == "nobody_to_retask"
    (flying,) = [s for s in old["plan"]["sorties"] if s["vehicle_id"] == "XS-U1"][:1]
    event = sortie_event(flying["id"], "XS-U1", SortieState.FLYING, live_post.clock())
    node.client.send_durable(event)
    await until(pilot, "sorties", lambda all_: any(s["state"] == "flying" for s in all_))
    duty = await live_post.sign_in("duty")
    assert (await duty.post(f"plans/{new['id']}/retask")).status_code == 403
    given = await pilot.post(f"plans/{new['id']}/retask")
    assert given.status_code == 202, given.text
    order = (await node.order()).body
    assert isinstance(order, RetaskSortie)
    assert order.sortie.id == new["plan"]["sorties"][0]["id"]
    assert order.return_amsl_m is not None
    assert not isinstance(order, UploadSortie)
    lines = (await pilot.get(f"incidents/{old['incident_id']}/timeline")).json()
    assert sum(line["action"] == "sortie.retask_ordered" for line in lines) == 1
    missing = await pilot.post(f"plans/{new_id()}/retask")
    assert missing.status_code == 404
    await node.stop()
