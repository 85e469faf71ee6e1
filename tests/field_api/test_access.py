"""Scope: every route as every role, in one's own and in another area, held against one table."""

import json
import re
import shutil
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

import field_api
from field_api.access_table import RouteAccess, access_table, route_access
from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.core.access import Viewer
from field_api.core.events import event_for, events_after
from field_api.core.records import Record, record_kinds
from field_api.core.roles import Role
from field_api.features.accounts.tables import User
from field_api.features.roster.tables import Terminal
from field_api.links.nodes.inbox import store_batch
from field_api.settings import Settings
from tests.field_api.field import detection
from tests.field_api.post import CHECKLIST, OPERATOR, Post, asgi_post, incident_body, plan_body

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE, THERE = "530112001", "530112004"
ROUTES = list(route_access())
READ = [route for route in ROUTES if route.method == "GET"]
WRITE = [route for route in ROUTES if route.method not in ("GET", "HEAD", "OPTIONS")]
AREA_OF_NOBODY = {"getHealth", "getSession"}
DISTRICT_WIDE = {"listAudit", "listAccounts"}
"""The trail and the accounts are the district's as a whole (docs/access.md)."""


@dataclass
class District:
    """A post with one operation in the area HERE, and people of every role in both areas."""

    post: Post
    ids: dict[str, str]

    async def person(self, role: Role, area: str) -> httpx.AsyncClient:
        """Return somebody of a role who is limited to an area."""
        return await self.post.sign_in(f"{role.value}.{area}")

    def address(self, route: RouteAccess) -> str:
        """Return a route's address for the records of HERE."""
        path = route.path.removeprefix("/")
        return re.sub(r"\{(\w+)\}", lambda name: self.ids.get(name[1], new_id()), path)


def _people(post: Post, incident_id: str) -> None:
    with post.services.store.change(OPERATOR) as change:
        for area in (HERE, THERE):
            change.create(
                Terminal(id=f"T-{area}", area=area, holder="甲", holder_en="A", kind="enforcement")
            )
            for role in Role:
                user = change.create(
                    User(
                        id=new_id(),
                        username=f"{role.value}.{area}",
                        name=f"{role.value} {area}",
                        role=role,
                        password_hash="",
                        areas=[area],
                        terminal_id=f"T-{area}" if role is Role.REPORTER else None,
                        incident_id=incident_id if role is Role.GUEST and area == HERE else None,
                        created_ms=change.t_ms,
                    )
                )
                change.record("node.connected", user.id, node="test")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def district(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[District]:
    """One operation, made once: a plan authorised, an alert, a task, an application."""
    data_dir = tmp_path_factory.mktemp("scope") / "data"
    shutil.copytree(seeded, data_dir)
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as post:
        duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
        body = incident_body(area=HERE)
        assert (await duty.post("incidents", json=body)).status_code == 201
        incident = body["id"]
        _people(post, incident)
        plan = (await duty.post(f"incidents/{incident}/plans", json=plan_body())).json()
        authorised = await commander.post(
            f"plans/{plan['id']}/authorise",
            json={
                "checklist": CHECKLIST,
                "revision": 1,
                "override_reason": "演练,人员待救助,立即起飞",
            },
        )
        assert authorised.status_code == 200, authorised.text
        application = {"id": new_id()}
        await duty.post(f"plans/{plan['id']}/applications", json=application)
        likelihood = {"last_known": [{"at": {"lat_deg": 24.94, "lon_deg": 102.62}}]}
        made = await duty.put(f"incidents/{incident}/likelihood", json=likelihood)
        assert made.status_code == 200, made.text
        alert = detection()
        store_batch(post.services, "vision-1", "test", [Durable(1, alert)])
        task = {
            "id": new_id(),
            "incident_id": incident,
            "detection_id": alert.id,
            "terminal_id": f"T-{HERE}",
            "title": "核实",
            "lat_deg": 24.94,
            "lon_deg": 102.62,
        }
        sent = await duty.post("tasks", json=task)
        assert sent.status_code == 201, sent.text
        yield District(
            post,
            {
                "incident_id": incident,
                "plan_id": plan["id"],
                "application_id": application["id"],
                "detection_id": alert.id,
                "task_id": task["id"],
                "sha256": alert.evidence[0].sha256,
                "terminal_id": f"T-{HERE}",
                "vehicle_id": "XS-U1",
                "fence_id": "G3",
                "username": "duty",
                "name": "terminals",
                "entry_id": f"T-{HERE}",
                "ending": "kml",
            },
        )


async def test_the_table_in_the_docs_is_that_of_the_program() -> None:
    file = Path(field_api.__file__).parent.parent / "docs" / "access.md"
    assert file.read_text("utf-8") == access_table(), "run: xunshan admin access > docs/access.md"


async def test_every_table_of_records_is_declared_with_who_may_read_it() -> None:
    declared = {kind.table for kind in record_kinds()}

    def tables(base: type[Record]) -> set[type[Record]]:
        # The module of a register that another test added for a moment is gone again.
        there = base.__module__ in sys.modules and base.__module__.startswith("field_api.")
        ours = there and hasattr(base, "__table__")
        found = {base} if ours else set[type[Record]]()
        return found.union(*(tables(part) for part in base.__subclasses__()))

    assert tables(Record) == declared


def secrets_of(district: District) -> set[str]:
    """Return ids that nobody outside the area may be shown."""
    return {
        district.ids[name]
        for name in ("incident_id", "plan_id", "application_id", "detection_id", "task_id")
    }


@pytest.mark.parametrize("role", Role)
async def test_reading_follows_the_table_and_the_area(district: District, role: Role) -> None:
    here, there = await district.person(role, HERE), await district.person(role, THERE)
    walked = 0
    for route in READ:
        if route.operation_id in AREA_OF_NOBODY:
            continue
        url = district.address(route)
        query = {"lat_deg": 24.94, "lon_deg": 102.62, "theme": "dark"}
        own = await here.get(url, params=query)
        other = await there.get(url, params=query)
        if not route.lets_in(role):
            assert (own.status_code, other.status_code) == (403, 403), (route, own.text)
            continue
        # No area shows a server error, and nothing of HERE shows to who is limited to THERE.
        assert own.status_code in (200, 404, 409, 422), (route, own.text)
        assert other.status_code in (200, 404, 409, 422), (route, other.text)
        shown = other.text if "json" in other.headers.get("content-type", "") else ""
        leaked = {secret for secret in secrets_of(district) if secret in shown}
        assert not leaked or route.operation_id in DISTRICT_WIDE, (route, leaked)
        named = ("incident_id", "plan_id", "task_id", "application_id", "detection_id")
        if any(district.ids[name] in url for name in named):
            assert other.status_code == 404, (route, other.text[:200])
        walked += 1
    assert walked > 3 or role is Role.GUEST


def bodies(district: District) -> dict[str, dict[str, Any]]:
    """Return bodies that would be carried out for somebody of the area."""
    point = {"lat_deg": 24.94, "lon_deg": 102.62}
    incident = district.ids["incident_id"]
    return {
        "openIncident": incident_body(area=HERE),
        "closeIncident": {"text": "x"},
        "linkIncident": {"incident_id": incident},
        "makePlan": plan_body(),
        "authorisePlan": {"checklist": CHECKLIST, "revision": 1},
        "launchPlan": {},
        "makeApplication": {"id": new_id()},
        "submitApplication": {},
        "answerApplication": {"approved": False, "text": "x"},
        "makeLikelihood": {"last_known": [{"at": point}]},
        "reviewDetection": {"verdict": "reject", "reason": "x"},
        "assignTask": {"id": new_id(), "incident_id": incident, "title": "x", **point},
        "moveTask": {"id": new_id(), "to": "acknowledged", "t_ms": 1},
        "reportTask": {"id": new_id(), "t_ms": 1, **point},
        "inviteGuest": {"id": new_id(), "name": "x", "incident_id": incident, "hours": 1},
    }


@pytest.mark.parametrize("role", Role)
async def test_writing_in_another_area_is_refused(district: District, role: Role) -> None:
    there = await district.person(role, THERE)
    with_body = bodies(district)
    for route in WRITE:
        if route.why_exempt is not None:
            continue
        url = district.address(route)
        body = with_body.get(route.operation_id, {})
        answer = await there.request(route.method, url, json=body)
        if not route.lets_in(role):
            assert answer.status_code == 403, (route, answer.text)
        elif route.operation_id in with_body:
            assert answer.status_code in (403, 404, 409), (route, answer.status_code, answer.text)
        else:
            assert answer.status_code < 500, (route, answer.text)


async def test_events_and_values_follow_the_area_too(district: District) -> None:
    with district.post.services.store.read() as session:
        events = events_after(session, 0, limit=1000)
    here = Viewer(Role.COMMANDER, (HERE,))
    there = Viewer(Role.COMMANDER, (THERE,))
    reporter = Viewer(Role.REPORTER, (HERE,), f"T-{HERE}")
    other_reporter = Viewer(Role.REPORTER, (HERE,), "T-other")
    seen_here = {e.record_id for e in events if event_for(e, here)}
    seen_there = {e.record_id for e in events if event_for(e, there)}
    assert secrets_of(district) <= seen_here
    assert not secrets_of(district) & seen_there
    own = {(e.topic, e.record_id) for e in events if event_for(e, reporter)}
    assert ("task", district.ids["task_id"]) in own
    assert not {topic for topic, _ in own} & {"detection", "plan", "sortie", "timeline"}
    stranger = {(e.topic, e.record_id) for e in events if event_for(e, other_reporter)}
    assert ("task", district.ids["task_id"]) not in stranger


async def test_a_reporter_sees_the_picture_of_the_own_task_and_no_other_alert(
    district: District,
) -> None:
    reporter = await district.person(Role.REPORTER, HERE)
    shown = await reporter.get(f"media/{district.ids['sha256']}")
    assert shown.status_code == 200
    elsewhere = await district.person(Role.REPORTER, THERE)
    assert (await elsewhere.get(f"media/{district.ids['sha256']}")).status_code == 404
    assert (await reporter.get("detections")).status_code == 403
    tasks = (await reporter.get("tasks")).json()
    assert [task["id"] for task in tasks] == [district.ids["task_id"]]
    assert json.dumps((await elsewhere.get("tasks")).json()) == "[]"
