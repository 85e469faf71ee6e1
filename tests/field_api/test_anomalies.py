"""Flight anomalies: opened by what is told, due 24 hours after landing, reported as a document."""

from typing import Any

from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.contract.messages import SortieState, VehicleEvent
from field_api.core.documents.tables import Document
from field_api.features.flights.anomalies import REPORT_MS, warn_due
from field_api.links.nodes.inbox import store_batch
from tests.field_api.field import sortie_event
from tests.field_api.post import CHECKLIST, T0_MS, Post, plan_body

HOUR_MS = 3_600_000


async def flying(post: Post) -> dict[str, Any]:
    """Authorise a plan and let its first sortie fly; return the sortie."""
    duty, pilot = await post.sign_in("duty"), await post.sign_in("pilot")
    await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    incident = await post.open_incident()
    plan = (await pilot.post(f"incidents/{incident}/plans", json=plan_body())).json()
    body = {"checklist": CHECKLIST, "revision": 1}
    assert (await pilot.post(f"plans/{plan['id']}/authorise", json=body)).status_code == 200
    sortie = (await pilot.get("sorties")).json()[0]
    tell(post, step(sortie, SortieState.FLYING, T0_MS))
    return sortie


def step(sortie: dict[str, Any], state: SortieState, t_ms: int, **more: Any) -> Any:
    return sortie_event(sortie["id"], sortie["vehicle_id"], state, t_ms, **more)


def warning(vehicle_id: str, code: str, t_ms: int) -> VehicleEvent:
    return VehicleEvent(
        id=new_id(), t_ms=t_ms, vehicle_id=vehicle_id, severity="warning", code=code,
        text_zh="电池失效保护", text_en="Battery failsafe",
    )  # fmt: skip


def tell(post: Post, *messages: Any) -> None:
    batch = [Durable(seq, message) for seq, message in enumerate(messages, 1)]
    _, rejected = store_batch(post.services, "fleet-1", "127.0.0.1", batch)
    assert not rejected


async def anomalies(post: Post) -> dict[str, dict[str, Any]]:
    commander = await post.sign_in("commander")
    return {row["id"]: row for row in (await commander.get("anomalies")).json()}


async def test_a_failsafe_in_flight_is_due_a_day_after_landing(post: Post) -> None:
    sortie = await flying(post)
    tell(post, warning(sortie["vehicle_id"], "wind", T0_MS + 1))
    assert await anomalies(post) == {}, "told, but no anomaly of the flight"
    tell(
        post,
        warning(sortie["vehicle_id"], "failsafe", T0_MS + 2),
        warning(sortie["vehicle_id"], "fence_breach", T0_MS + 3),
    )
    (anomaly,) = (await anomalies(post)).values()
    assert (anomaly["id"], anomaly["code"]) == (sortie["id"], "failsafe")
    assert (anomaly["landed_ms"], anomaly["due_ms"]) == (None, T0_MS + 2 + REPORT_MS)
    landed_ms = T0_MS + HOUR_MS
    tell(post, step(sortie, SortieState.RETURNED, landed_ms))
    (anomaly,) = (await anomalies(post)).values()
    assert (anomaly["landed_ms"], anomaly["due_ms"]) == (landed_ms, landed_ms + REPORT_MS)
    # On the ground the same words open nothing.
    tell(post, warning("XS-U2", "failsafe", landed_ms + 1))
    assert len(await anomalies(post)) == 1


async def test_a_failed_flight_is_reported_with_its_record_and_again_as_a_new_issue(
    post: Post,
) -> None:
    sortie = await flying(post)
    pilot = await post.sign_in("pilot")
    url = f"anomalies/{sortie['id']}/report"
    words = {"text": "电机停转,坠于林中,无人受伤,残骸已回收"}
    assert (await pilot.post(url, json=words)).status_code == 404
    tell(post, warning(sortie["vehicle_id"], "failsafe", T0_MS + 1))
    early = await pilot.post(url, json=words)
    assert (early.status_code, early.json()["detail"]["code"]) == (409, "anomaly_still_flying")
    tell(post, step(sortie, SortieState.FAILED, T0_MS + 2, text="降落在 180 米外 / landed away"))
    assert (await pilot.post(url, json={"text": "short"})).status_code == 422
    auditor = await post.sign_in("auditor")
    assert (await auditor.post(url, json=words)).status_code == 403

    first = (await pilot.post(url, json=words)).json()
    assert first["reported_by"]
    second = (await pilot.post(url, json={"text": words["text"] + ";补充照片"})).json()
    assert second["document_sha256"] != first["document_sha256"]
    pdf = await pilot.get(f"anomalies/{sortie['id']}/report.pdf")
    assert pdf.content.startswith(b"%PDF-")
    with post.services.store.read() as session:
        issued = session.exec(select(Document).order_by(col(Document.issue))).all()
    assert [(one.issue, one.sha256) for one in issued] == [
        (1, first["document_sha256"]),
        (2, second["document_sha256"]),
    ]
    assert issued[0].number == issued[1].number
    assert all(one.size_bytes > 1000 for one in issued)


async def test_people_are_told_when_a_report_is_due_soon_and_when_it_is_late(post: Post) -> None:
    sortie = await flying(post)
    tell(
        post,
        warning(sortie["vehicle_id"], "failsafe", T0_MS + 1),
        step(sortie, SortieState.RETURNED, T0_MS + 2),
    )
    assert warn_due(post.services) == 0
    post.clock.advance_s(21 * 3600)
    assert warn_due(post.services) == 1
    assert warn_due(post.services) == 0, "once"
    post.clock.advance_s(4 * 3600)
    assert warn_due(post.services) == 1
    assert warn_due(post.services) == 0
    commander = await post.sign_in("commander")
    timeline = (await commander.get(f"incidents/{sortie['incident_id']}/timeline")).json()
    kinds = [entry["action"] for entry in timeline if entry["action"].startswith("anomaly.")]
    assert sorted(kinds) == ["anomaly.due_soon", "anomaly.opened", "anomaly.overdue"]
