"""The other side of the load, in its own process: `python -m tests.benchmarks.load_client MODE`.

Takes its task as a JSON line, says that it is ready, begins when its input ends and prints its
answer: what clients cost is never counted as the command post's.
"""

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import Command, LinkState, VehicleState
from tests.benchmarks.raw_http import RawHttp, WatchedSocket
from tests.benchmarks.storm import storm
from tests.benchmarks.year import Furnished
from tests.field_api.post import SMOKE

Task = dict[str, Any]

SHORT: dict[str, Any] = {"separators": (",", ":"), "ensure_ascii": False}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def report_item(task_id: str) -> dict[str, Any]:
    """Return a pushed report."""
    body = {
        "id": new_id(),
        "t_ms": now_ms(),
        "text": "现场安全,无明火,已拍照,周边群众已疏散",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
    }
    marks = {"id": new_id(), "op": "task.report", "target": task_id, "made_ms": now_ms()}
    return {**marks, "body": body}


def work_of_a_shift(tasks: list[str], count: int) -> list[dict[str, Any]]:
    """Return what a handheld made while it was away: it moved its tasks on and reported."""
    items: list[dict[str, Any]] = []
    for task_id, to in itertools.product(tasks, ("en_route", "on_scene")):
        move = {"id": new_id(), "to": to, "t_ms": now_ms()}
        marks = {"id": new_id(), "op": "task.move", "target": task_id, "made_ms": now_ms()}
        items.append({**marks, "body": move})
    reports = itertools.cycle(tasks)
    items += [report_item(next(reports)) for _ in range(count - len(items))]
    return items


async def push(task: Task) -> Task:
    """Bring in the records of many handhelds at once, then some of them again."""
    bodies = {
        name: json.dumps(
            {
                "device_id": name,
                "author": task["users"][name],
                "items": work_of_a_shift(tasks, task["each"]),
            },
            **SHORT,
        ).encode()
        for name, tasks in task["tasks"].items()
    }
    counts: dict[str, int] = {}
    slowest = 0.0

    async def send(name: str) -> None:
        nonlocal slowest
        client = await RawHttp(task["port"], Furnished.token(name)).open()
        began = time.perf_counter()
        status, answer = await client.ask("POST", "sync/push", bodies[name])
        slowest = max(slowest, time.perf_counter() - began)
        client.close()
        if status != 200:
            counts[f"status {status}"] = counts.get(f"status {status}", 0) + 1
            return
        for item in json.loads(answer)["answers"]:
            counts[item["status"]] = counts.get(item["status"], 0) + 1

    began = time.perf_counter()
    await asyncio.gather(*(send(name) for name in bodies))
    seconds = time.perf_counter() - began
    first, counts = counts, {}
    await asyncio.gather(*(send(name) for name in list(bodies)[: task["again"]]))
    return {"seconds": seconds, "slowest_s": slowest, "first": first, "again": counts}


async def positions(task: Task) -> Task:
    """Let every terminal say once a second where it is."""
    times: list[float] = []
    statuses: dict[int, int] = {}
    until = time.monotonic() + task["seconds"]

    async def walk(at: int, name: str) -> None:
        client = await RawHttp(task["port"], Furnished.token(name)).open()
        due = time.monotonic() + at / len(task["terminals"])
        while due < until:
            await asyncio.sleep(due - time.monotonic())
            body = b'{"t_ms":%d,"lat_deg":24.94,"lon_deg":102.61}' % now_ms()
            began = time.perf_counter()
            status, _ = await client.ask("POST", f"terminals/{name}/position", body)
            times.append((time.perf_counter() - began) * 1000)
            statuses[status] = statuses.get(status, 0) + 1
            due = max(due + 1, time.monotonic())
        client.close()

    await asyncio.gather(*(walk(at, name) for at, name in enumerate(task["terminals"])))
    return {"times_ms": times, "statuses": statuses}


async def consoles(task: Task) -> Task:
    """Hold live sockets; one of them notes how old what it is shown is."""
    ages: list[int] = []
    loop = asyncio.get_running_loop()

    def note(text: bytes) -> None:
        if text.startswith((b'{"type":"vehicle_state"', b'{"type":"terminal_position"')):
            at = text.index(b'"t_ms":') + 7
            ages.append(now_ms() - int(text[at : at + 13]))

    sockets = [
        WatchedSocket("live", Furnished.token("commander"), note if at == 0 else None)
        for at in range(task["count"])
    ]
    for socket in sockets:
        await loop.create_connection(lambda socket=socket: socket, "127.0.0.1", task["port"])
        await socket.first_frame
    ages.clear()
    await asyncio.sleep(task["seconds"])
    messages = [socket.messages for socket in sockets]
    closed = [socket.closed_code for socket in sockets if socket.closed_code is not None]
    for socket in sockets:
        socket.close()
    return {"ages_ms": ages, "messages": messages, "closed": closed}


async def aircraft(task: Task) -> Task:
    """Fly: send the state of every aircraft over the field link."""

    async def refuse(_command: Command) -> None:
        raise RuntimeError("no orders here")

    with tempfile.TemporaryDirectory() as folder:
        url = f"ws://127.0.0.1:{task['port']}/api/v1/link"
        node = LinkClient(
            url, "fleet-load", "fleet", task["token"], Path(folder) / "outbox", "1", refuse
        )
        link = asyncio.create_task(node.run())
        began, sent = time.monotonic(), 0
        period = 1 / (task["count"] * task["hz"])
        while (due := began + sent * period) < began + task["seconds"]:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            node.send_latest(
                VehicleState(
                    vehicle_id=f"XS-L{sent % task['count']}",
                    t_ms=now_ms(),
                    link=LinkState.LIVE,
                    armed=True,
                    lat_deg=SMOKE[0],
                    lon_deg=SMOKE[1],
                    altitude_amsl_m=2100.0,
                    heading_deg=float(sent % 360),
                )
            )
            sent += 1
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
        node.close()
    return {"sent": sent}


async def staff(task: Task) -> Task:
    """Work at a console: lists, the timeline, pulls of a handheld and reports from it."""
    times: dict[str, list[float]] = {}
    duty = await RawHttp(task["port"], Furnished.token("duty")).open()
    name, (task_id, *_) = next(iter(task["tasks"].items()))
    handheld = await RawHttp(task["port"], Furnished.token(name)).open()

    def report() -> bytes:
        return json.dumps(report_item(task_id)["body"]).encode()

    rounds: tuple[tuple[str, RawHttp, str, str, Callable[[], bytes] | None], ...] = (
        ("tasks", duty, "GET", "tasks?limit=50", None),
        ("incidents", duty, "GET", "incidents?limit=50", None),
        ("timeline", duty, "GET", f"incidents/{task['incident_id']}/timeline", None),
        ("mine", handheld, "GET", "tasks?mine=1", None),
        ("report", handheld, "POST", f"tasks/{task_id}/reports", report),
    )
    until, failed = time.monotonic() + task["seconds"], 0
    for what, client, method, path, make in itertools.cycle(rounds):
        if time.monotonic() >= until:
            break
        began = time.perf_counter()
        status, _ = await client.ask(method, path, make() if make else None)
        times.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        failed += status >= 300
        await asyncio.sleep(0.1)
    return {"times_ms": times, "failed": failed}


MODES: dict[str, Callable[[Task], Coroutine[Any, Any, Task]]] = {
    "push": push,
    "positions": positions,
    "consoles": consoles,
    "aircraft": aircraft,
    "staff": staff,
    "storm": lambda task: storm(task, work_of_a_shift),
}

if __name__ == "__main__":
    given: Task = json.loads(sys.stdin.readline())
    # Starting takes seconds on a busy machine: all begin when all are there.
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(MODES[sys.argv[1]](given))))
