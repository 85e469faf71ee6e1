"""The story of the demo, played through the public API by all the people in it.

An incident, two search plans, the launch, and for every alert the commander's decision and a task
for the nearest handheld; the handhelds themselves are the simulator's.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from field_api.contract.ids import new_id
from field_api.contract.scenario import Scenario
from mission_plans.values.plan import GeoPoint
from sim.demo.operators import Operator, RefusedError

__all__ = ["Story", "autoplay"]

LOOK_EVERY_S = 1.0
CHECKLIST = dict.fromkeys(
    ("airframe", "battery", "airspace", "weather", "crew", "area_clear", "lights"), True
)


@dataclass(frozen=True, slots=True)
class Story:
    """What came out of it."""

    incident_id: str
    alerts: tuple[str, ...]
    """Ids of the alerts that led to a task."""
    tasks: tuple[str, ...]
    seconds: float


def _box(centre: GeoPoint, north_south_deg: float, east_west_deg: float) -> list[dict[str, float]]:
    """Return a rectangle's corners round a place."""
    return [
        {
            "lat_deg": round(centre.lat_deg + y * north_south_deg, 6),
            "lon_deg": round(centre.lon_deg + x * east_west_deg, 6),
        }
        for y, x in ((1, -1), (1, 1), (-1, 1), (-1, -1))
    ]


async def autoplay(
    url: str,
    scenario: Scenario,
    vehicle_ids: list[str],
    *,
    tasks_wanted: int = 1,
    say: Callable[[str], None] = print,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Story:
    """Play the story until `tasks_wanted` alerts of people are answered by finished tasks.

    Raises:
        RefusedError: the command post refused a step.
        httpx.TransportError: it can't be reached.
        KeyError: the scenario lacks the points SMOKE or LKP.
    """
    started = time.monotonic()
    smoke, lost = scenario.point("SMOKE"), scenario.point("LKP")
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        duty = await Operator.sign_in("duty", client)
        pilot = await Operator.sign_in("pilot", client)
        commander = await Operator.sign_in("commander", client)
        incident_id = await _open_incident(duty, smoke)
        say(f"duty 值班员: 开事件 incident {incident_id}")
        areas = [_box(lost, 0.0022, 0.0026), _box(smoke, 0.0014, 0.0016)]
        for vehicle_id, area in zip(reversed(vehicle_ids), areas, strict=False):
            plan_id = await _fly(pilot, incident_id, vehicle_id, area)
            say(f"pilot 飞手: {vehicle_id} 方案 {plan_id} 已授权起飞 launched")
        alerts, tasks = await _answer_alerts(commander, incident_id, tasks_wanted, say, pause)
    return Story(incident_id, tuple(alerts), tuple(tasks), time.monotonic() - started)


async def _open_incident(duty: Operator, at: GeoPoint) -> str:
    incident: dict[str, Any] = await duty.post(
        "/incidents",
        {
            "id": new_id(),
            "kind": "fire",
            "title": "西山西坡冒烟,三名徒步人员失联",
            "text": "护林员报告西坡冒烟;三名徒步人员失联,最后信号点 LKP。",
            "lat_deg": at.lat_deg,
            "lon_deg": at.lon_deg,
            "drill": True,
            "people_missing": 3,
        },
    )
    return str(incident["id"])


async def _fly(
    pilot: Operator, incident_id: str, vehicle_id: str, area: list[dict[str, float]]
) -> str:
    plan: dict[str, Any] = await pilot.post(
        f"/incidents/{incident_id}/plans",
        {
            "id": new_id(),
            "area": area,
            "vehicle_ids": [vehicle_id],
            "agl_m": 60,
            "overlap": 0.2,
            "camera_pitch_deg": -40,
        },
    )
    await _authorise(pilot, str(plan["id"]))
    await pilot.post(f"/plans/{plan['id']}/launch")
    return str(plan["id"])


async def _authorise(pilot: Operator, plan_id: str) -> None:
    """Authorise the plan as it stands; a draft that was just improved is looked at again."""
    while True:
        plan: dict[str, Any] = await pilot.get(f"/plans/{plan_id}")
        body = {"checklist": CHECKLIST, "revision": plan["revision"]}
        try:
            await pilot.post(f"/plans/{plan_id}/authorise", body)
        except RefusedError as error:
            if "plan_improved" not in str(error):
                raise
        else:
            return


async def _answer_alerts(
    commander: Operator,
    incident_id: str,
    tasks_wanted: int,
    say: Callable[[str], None],
    pause: Callable[[float], Awaitable[None]],
) -> tuple[list[str], list[str]]:
    """Confirm alerts and send handhelds until the wanted tasks are done."""
    alerts: list[str] = []
    tasks: list[str] = []
    while True:
        for alert in await commander.get("/detections", status="open"):
            await commander.post(f"/detections/{alert['id']}/review", {"verdict": "confirm"})
            say(f"commander 指挥长: 确认 {alert['label']} {alert['confidence']:.0%}")
            place = alert["position"]
            if alert["label"] != "person" or place is None or len(tasks) >= tasks_wanted:
                continue
            task: dict[str, Any] = await commander.post(
                "/tasks",
                {
                    "id": new_id(),
                    "incident_id": incident_id,
                    "detection_id": alert["id"],
                    "terminal_id": None,
                    "title": "前往核实并护送徒步人员",
                    "text": "无人机发现人员,请到现场确认并拍照回报。",
                    "lat_deg": place["lat_deg"],
                    "lon_deg": place["lon_deg"],
                },
            )
            alerts.append(str(alert["id"]))
            tasks.append(str(task["id"]))
            say(f"commander 指挥长: 派 {task['terminal_id']} 前往")
        states = [(await commander.get(f"/tasks/{task_id}"))["state"] for task_id in tasks]
        if states.count("done") >= tasks_wanted:
            say("handheld 手持终端: 已到现场并回报 reported back with a photo")
            return alerts, tasks
        await pause(LOOK_EVERY_S)
