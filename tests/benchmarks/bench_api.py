"""The command post on a real socket: answers, telemetry age, video relay, reports coming in."""

import asyncio
import contextlib
import itertools
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import httpx
from websockets.asyncio.client import connect

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import Command, LinkState, VehicleState
from field_api.core.database import Store
from field_api.core.dialect import sqlite_url
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.tables import DeviceKind
from field_api.settings import Settings
from tests.field_api.post import OPERATOR, SMOKE, incident_body, plan_body, seed

Row = tuple[str, float, str, str] | tuple[str, float, str, str, bool]

VEHICLES = 20
VEHICLE_HZ = 10
TELEMETRY_S = 6.0
VIEWERS = 40
VIDEO_S = 6.0
VIDEO_FPS = 25
FRAME_BYTES = 10_000
"""2 Mbit/s at 25 frames per second."""
HANDHELDS = 3
REPORTS_EACH = 60


def now_ms() -> float:
    return time.time() * 1000


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Running:
    """A command post in its own process."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import typer; from field_api.commands import serve; typer.run(serve)",
                "--port",
                str(self.port),
                "--data-dir",
                str(data_dir),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1/", timeout=60)

    async def sign_in(self, username: str) -> httpx.AsyncClient:
        client = self.client()
        answer = await client.post(
            "session", json={"username": username, "password": "xunshan-demo"}
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        client.cookies.clear()
        return client

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/{path}"

    def enrol(self, node_id: str, kind: str) -> str:
        file = Settings(data_dir=self.data_dir).database_file
        store = Store(sqlite_url(file), lambda: int(time.time() * 1000))
        try:
            with store.change(OPERATOR) as change:
                return enrol_node(change, node_id, DeviceKind(kind))
        finally:
            store.close()


@contextlib.asynccontextmanager
async def running() -> AsyncGenerator[Running]:
    with tempfile.TemporaryDirectory() as folder:
        seed(Path(folder))
        post = Running(Path(folder))
        try:
            yield post
        finally:
            post.process.terminate()
            post.process.wait(20)


async def answers(post: Running) -> list[Row]:
    duty = await post.sign_in("duty")
    body = incident_body()
    await duty.post("incidents", json=body)
    read: list[float] = []
    written: list[float] = []
    for _ in range(150):
        began = time.perf_counter()
        await duty.get("incidents")
        read.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        await duty.post("incidents", json=incident_body())
        written.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    await duty.post(f"incidents/{body['id']}/plans", json=plan_body())
    plan_ms = (time.perf_counter() - began) * 1000
    return [
        ("list incidents, p95", percentile(read, 0.95), "ms", "200 (T6)"),
        ("open incident on disk and audited, p95", percentile(written, 0.95), "ms", "200 (T6)"),
        ("plan 37 ha with 2 aircraft over HTTP", plan_ms, "ms", "1000"),
    ]


async def telemetry(post: Running) -> list[Row]:
    token = post.enrol("fleet-bench", "fleet")

    async def refuse(_command: Command) -> None:
        raise RuntimeError("no orders here")

    commander = await post.sign_in("commander")
    ages: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        node = LinkClient(
            post.url("link"), "fleet-bench", "fleet", token, Path(folder) / "o", "1", refuse
        )
        link = asyncio.create_task(node.run())

        async def fly() -> None:
            for step in itertools.count():
                state = VehicleState(
                    vehicle_id=f"V{step % VEHICLES}",
                    t_ms=int(now_ms()),
                    link=LinkState.LIVE,
                    lat_deg=SMOKE[0],
                    lon_deg=SMOKE[1],
                )
                node.send_latest(state)
                await asyncio.sleep(1 / (VEHICLES * VEHICLE_HZ))

        flying = asyncio.create_task(fly())
        headers = {"Authorization": commander.headers["Authorization"]}
        async with connect(post.url("live"), additional_headers=headers) as browser:
            await browser.recv()
            until = time.monotonic() + TELEMETRY_S
            began_cpu = cpu_s(post.process.pid)
            while time.monotonic() < until:
                for text in str(await browser.recv()).split("\n"):
                    if '"type":"vehicle_state"' in text:
                        at = text.index('"t_ms":') + 7
                        ages.append(now_ms() - int(text[at : text.index(",", at)]))
            used = (cpu_s(post.process.pid) - began_cpu) / TELEMETRY_S * 100
        for task in (flying, link):
            task.cancel()
        await asyncio.gather(flying, link, return_exceptions=True)
        node.close()
    rate = len(ages) / TELEMETRY_S / VEHICLES
    name = f"telemetry, node to browser, {VEHICLES} vehicles at {VEHICLE_HZ} Hz"
    return [
        (f"{name}: age when shown, p99", percentile(ages, 0.99), "ms", "100"),
        (f"{name}: updates per vehicle", rate, "Hz", "at most live_hz (25)"),
        (f"{name}: server", used, "% of a core", ""),
    ]


async def video(post: Running) -> list[Row]:
    token = post.enrol("vision-bench", "vision")
    commander = await post.sign_in("commander")
    headers = {"Authorization": commander.headers["Authorization"]}
    delays: list[float] = []

    async def view(ready: asyncio.Semaphore) -> None:
        async with connect(
            post.url("video/XS-U1-cam/play"), additional_headers=headers, compression=None
        ) as player:
            ready.release()
            while True:
                packet = await player.recv()
                if isinstance(packet, bytes):
                    sent_us = struct.unpack_from(">Q", packet, 12)[0]
                    delays.append(time.time() * 1000 - sent_us / 1000)

    ready = asyncio.Semaphore(0)
    viewers = [asyncio.create_task(view(ready)) for _ in range(VIEWERS)]
    for _ in viewers:
        await ready.acquire()
    async with connect(
        post.url("video/XS-U1-cam/publish"),
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
    ) as camera:
        await camera.send(
            '{"stream_id":"XS-U1-cam","codec":"avc1.42c01f","width":1280,"height":720}'
        )
        began_cpu = cpu_s(post.process.pid)
        began = time.monotonic()
        frames = int(VIDEO_S * VIDEO_FPS)
        for number in range(frames):
            header = struct.pack(
                ">BBHqQ", 1, number % 25 == 0, 20, number * 3600, int(time.time() * 1e6)
            )
            await camera.send(header + b"\x00\x00\x00\x01" + b"e" * FRAME_BYTES)
            await asyncio.sleep(max(0, began + (number + 1) / VIDEO_FPS - time.monotonic()))
        share = (cpu_s(post.process.pid) - began_cpu) / (time.monotonic() - began) * 100
    for viewer in viewers:
        viewer.cancel()
    await asyncio.gather(*viewers, return_exceptions=True)
    name = f"video relay, {VIEWERS} viewers of 720p25 at 2 Mbit/s"
    return [
        (f"{name}: added delay, median", statistics.median(delays), "ms", ""),
        (f"{name}: added delay, p95", percentile(delays, 0.95), "ms", "150 glass to glass"),
        (f"{name}: packets delivered", len(delays) / (frames * VIEWERS) * 100, "%", "100"),
        (f"{name}: server per viewer", share / VIEWERS, "% of a core", "0.1 (1,000 viewers)"),
    ]


async def reports(post: Running) -> list[Row]:
    duty = await post.sign_in("duty")
    incident = incident_body()
    await duty.post("incidents", json=incident)
    workers: list[tuple[httpx.AsyncClient, str]] = []
    for terminal in ("HT-05", "HT-06", "HT-11")[:HANDHELDS]:
        task = {
            "id": new_id(),
            "incident_id": incident["id"],
            "terminal_id": terminal,
            "title": "核实",
            "lat_deg": SMOKE[0],
            "lon_deg": SMOKE[1],
        }
        await duty.post("tasks", json=task)
        workers.append((await post.sign_in(terminal.lower()), task["id"]))

    async def send(client: httpx.AsyncClient, task_id: str) -> None:
        for _ in range(REPORTS_EACH):
            body = {
                "id": new_id(),
                "t_ms": int(now_ms()),
                "text": "现场安全",
                "lat_deg": SMOKE[0],
                "lon_deg": SMOKE[1],
            }
            answer = await client.post(f"tasks/{task_id}/reports", json=body)
            answer.raise_for_status()

    began = time.perf_counter()
    await asyncio.gather(*(send(*worker) for worker in workers))
    per_s = HANDHELDS * REPORTS_EACH / (time.perf_counter() - began)
    return [(f"reports from {HANDHELDS} handhelds, one request each", per_s, "records/s", "")]


async def measure() -> list[Row]:
    async with running() as post:
        return [
            *await answers(post),
            *await telemetry(post),
            *await video(post),
            *await reports(post),
        ]


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    yield from asyncio.run(measure())
