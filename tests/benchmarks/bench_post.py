"""The command post under a district's load, on an empty post and on one with a year behind it.

`python -m tests.benchmarks post --small` takes a twentieth of the year and 20 seconds of load.
`BENCH_YEAR=FOLDER` keeps the made year there for the next time. Clients run in processes of their
own and cost little; the load average beside the figures says how much else the machine did.
"""

import asyncio
import gzip
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from field_api.app import make_services, utc_ms
from field_api.core.dialect import make_engine
from field_api.features.accounts.demo import DEMO_PASSWORD
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.passwords import hash_password, verify_password
from field_api.features.accounts.tables import DeviceKind
from field_api.settings import Settings
from tests.benchmarks.raw_http import RawHttp, WatchedSocket
from tests.benchmarks.served import Served, serve
from tests.benchmarks.year import Furnished, Size, make_year
from tests.field_api.post import OPERATOR, incident_body

Row = tuple[str, float, str, str, bool]

HANDHELDS, RECORDS_EACH, AGAIN = 200, 50, 20
TERMINALS, CONSOLES, AIRCRAFT, AIRCRAFT_HZ = 300, 20, 8, 11
"""A fleet node tells a state five times a second, and at each position (5 Hz) and heartbeat."""
ENTERPRISES = 2000
COSTS_ROUNDS = 100
WARM_SHARE = 0.2
"""Memory is compared from here on: before, caches and pools fill."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    year: Size
    load_s: float


def _plan() -> Plan:
    small = os.environ.get("BENCH_SMALL") == "1"
    return Plan(Size().scaled(0.05), 20) if small else Plan(Size(), 300)


def row(what: str, measured: float, unit: str, budget: float | None = None) -> Row:
    """Return a row; it misses its budget where it is above it."""
    missed = budget is not None and measured > budget
    return what, measured, unit, "" if budget is None else f"{budget:g}", missed


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def client(mode: str, task: dict[str, Any]) -> subprocess.Popen[str]:
    """Start a load client."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load_client", mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(task) + "\n")
    process.stdin.flush()
    return process


def begin(*processes: subprocess.Popen[str]) -> None:
    """Let load clients begin once all of them are ready."""
    for process in processes:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != "ready\n":
            if not line:
                raise RuntimeError("a load client did not start")
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()


def answer_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a load client and return what it found."""
    assert process.stdout is not None
    text = process.stdout.read()
    if process.wait(60) != 0:
        raise RuntimeError("a load client failed")
    # What it logs comes before its answer.
    return json.loads(text.splitlines()[-1])


def asked(made: Furnished, served: Served, **more: object) -> dict[str, Any]:
    return {**asdict(made), "port": served.port, **more}


# --- a: handhelds come back -----------------------------------------------------------------


def _stored(url: str) -> dict[str, int]:
    engine = make_engine(url, writer=False)

    def count(query: str) -> int:
        with engine.connect() as connection:
            return connection.execute(text(query)).scalar_one()

    try:
        return {
            "items": count("SELECT count(*) FROM syncitem WHERE waits_for IS NULL"),
            "records": count("SELECT count(*) FROM taskreport")
            + count("SELECT count(*) FROM taskstep"),
            "acts": count("SELECT count(*) FROM auditentry"),
        }
    finally:
        engine.dispose()


def handhelds(made: Furnished, served: Served, url: str, post: str) -> Iterator[Row]:
    """Measure 200 handhelds that come back at once; `url` is the post's database."""
    names = made.terminals[:HANDHELDS]
    task = asked(made, served, each=RECORDS_EACH, again=AGAIN)
    task["tasks"] = {name: made.tasks[name] for name in names}
    before, cpu_s = _stored(url), served.cpu_s
    pushing = client("push", task)
    begin(pushing)
    found = answer_of(pushing)
    cpu_s = served.cpu_s - cpu_s
    stored = {name: count - before[name] for name, count in _stored(url).items()}
    wanted = HANDHELDS * RECORDS_EACH
    lost = wanted - min(stored["items"], stored["records"], found["first"].get("applied", 0))
    doubled = max(stored.values()) - wanted
    not_known = AGAIN * RECORDS_EACH - found["again"].get("repeated", 0)
    name = f"{post}: {HANDHELDS} handhelds x {RECORDS_EACH} records"
    yield row(f"{name}: all in", found["seconds"], "s", 30)
    yield row(f"{name}: slowest answer", found["slowest_s"], "s")
    yield row(f"{name}: server", cpu_s / wanted * 1000, "ms of processor a record")
    yield row(f"{name}: lost", lost, "records", 0)
    yield row(f"{name}: doubled, {AGAIN} of them sent again", doubled + not_known, "records", 0)


# --- b: a new handheld ----------------------------------------------------------------------


async def pull_all(port: int, terminal: str) -> tuple[int, int, str]:
    """Pull to the end; return the records, the bytes on the wire and the cursor."""
    connection = await RawHttp(port, Furnished.token(terminal)).open()
    cursor, count, size = "", 0, 0
    while True:
        status, body = await connection.ask(
            "GET", f"sync/pull?cursor={cursor}&limit=2000", gzip=True
        )
        assert status == 200, body
        size += len(body)
        page = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        count, cursor = count + len(page["changes"]), page["cursor"]
        if not page["more"]:
            connection.close()
            return count, size, cursor


def cold_pull(made: Furnished, served: Served, post: str) -> Iterator[Row]:
    """Measure the first pull of a handheld."""
    cpu_s, began = served.cpu_s, time.perf_counter()
    count, size, _ = asyncio.run(pull_all(served.port, made.terminals[-1]))
    seconds = time.perf_counter() - began
    name = f"{post}: cold pull of {count:,} records with {ENTERPRISES:,} enterprises"
    yield row(name, seconds, "s", 3)
    yield row(f"{name}: server", served.cpu_s - cpu_s, "s of processor")
    yield row(f"{name}: compressed", size / 1e6, "MB", 1)


# --- c: a day in the field ------------------------------------------------------------------


def _watch(served: Served, seconds: float) -> tuple[float, float]:
    """Return the growth of memory in per cent and the share of a core while load runs."""
    time.sleep(seconds * WARM_SHARE)
    memory, cpu_s, began = served.memory_bytes, served.cpu_s, time.monotonic()
    time.sleep(seconds * (1 - WARM_SHARE) * 0.95)
    share = (served.cpu_s - cpu_s) / (time.monotonic() - began)
    return (served.memory_bytes / memory - 1) * 100, share * 100


def field_day(
    made: Furnished, served: Served, token: str, seconds: float, post: str
) -> Iterator[Row]:
    """Measure positions, telemetry and consoles all at once."""
    task = asked(made, served, seconds=seconds)
    clients = {
        "consoles": client("consoles", {**task, "count": CONSOLES}),
        "positions": client("positions", task),
        "aircraft": client(
            "aircraft", {**task, "token": token, "count": AIRCRAFT, "hz": AIRCRAFT_HZ}
        ),
        "staff": client("staff", task),
    }
    begin(*clients.values())
    growth, share = _watch(served, seconds)
    found = {name: answer_of(process) for name, process in clients.items()}
    staff = [value for values in found["staff"]["times_ms"].values() for value in values]
    sent = found["positions"]["statuses"]
    failed = sum(count for status, count in sent.items() if status != "204")
    name = f"{post}: {TERMINALS} terminals, {AIRCRAFT} aircraft, {CONSOLES} consoles, {seconds:g} s"
    yield row(f"{name}: lists and reports, p95", percentile(staff, 0.95), "ms", 200)
    yield row(
        f"{name}: positions, p95", percentile(found["positions"]["times_ms"], 0.95), "ms", 200
    )
    yield row(f"{name}: live, p99", percentile(found["consoles"]["ages_ms"], 0.99), "ms", 300)
    yield row(
        f"{name}: messages to a console", min(found["consoles"]["messages"]) / seconds, "a second"
    )
    yield row(
        f"{name}: refused requests and closed consoles",
        failed + found["staff"]["failed"] + len(found["consoles"]["closed"]),
        "",
        0,
    )
    yield row(f"{name}: memory grows", growth, "%", 5)
    yield row(f"{name}: server", share, "% of a core")


# --- d: what single things cost --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing costs."""

    wall_ms: float
    cpu_ms: float


async def _cost(served: Served, rounds: int, do: Callable[[], Awaitable[object]]) -> Cost:
    for _ in range(3):
        await do()
    walls: list[float] = []
    cpu_s = served.cpu_s
    for _ in range(rounds):
        began = time.perf_counter()
        await do()
        walls.append((time.perf_counter() - began) * 1000)
    return Cost(statistics.median(walls), (served.cpu_s - cpu_s) * 1000 / rounds)


async def _costs(made: Furnished, served: Served) -> dict[str, Cost]:
    terminal = made.terminals[-1]
    duty = await RawHttp(served.port, Furnished.token("duty")).open()
    handheld = await RawHttp(served.port, Furnished.token(terminal)).open()
    nobody = await RawHttp(served.port, None).open()
    _, _, cursor = await pull_all(served.port, terminal)

    async def opened() -> None:
        body = json.dumps(incident_body()).encode()
        status, answer = await duty.ask("POST", "incidents", body)
        assert status == 201, answer

    async def picture() -> None:
        loop = asyncio.get_running_loop()
        _, browser = await loop.create_connection(
            lambda: WatchedSocket("live", Furnished.token("commander"), None),
            "127.0.0.1",
            served.port,
        )
        await browser.first_frame
        browser.close()

    def got(connection: RawHttp, path: str) -> Callable[[], Awaitable[object]]:
        async def get() -> None:
            status, answer = await connection.ask("GET", path)
            assert status == 200, answer

        return get

    async def sign_in() -> None:
        body = json.dumps({"username": "duty", "password": DEMO_PASSWORD}).encode()
        status, answer = await nobody.ask("POST", "session", body)
        assert status == 200, answer

    costs = {
        "task list, 50": await _cost(served, COSTS_ROUNDS, got(duty, "tasks?limit=50")),
        "own tasks": await _cost(served, COSTS_ROUNDS, got(handheld, "tasks?mine=1")),
        "live picture": await _cost(served, COSTS_ROUNDS // 4, picture),
        "pull, nothing new": await _cost(
            served, COSTS_ROUNDS, got(handheld, f"sync/pull?cursor={cursor}")
        ),
        "sign-in with argon2": await _cost(served, COSTS_ROUNDS // 8, sign_in),
        # Last: it makes the lists longer.
        "one audited change": await _cost(served, COSTS_ROUNDS, opened),
    }
    for connection in (duty, handheld, nobody):
        connection.close()
    return costs


def _argon2_ms() -> float:
    stored, times = hash_password("xunshan"), list[float]()
    for _ in range(5):
        began = time.perf_counter()
        verify_password(stored, "xunshan")
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def ratios(empty: dict[str, Cost], year: dict[str, Cost]) -> Iterator[Row]:
    """Compare what things cost on both posts."""
    for what, cost in empty.items():
        other = year[what]
        yield row(f"{what}: empty post, median", cost.wall_ms, "ms")
        yield row(f"{what}: post with a year, median", other.wall_ms, "ms")
        yield row(f"{what}: a year to empty, by median", other.wall_ms / cost.wall_ms, "x", 1.5)
        yield row(f"{what}: server on the post with a year", other.cpu_ms, "ms of processor")
    yield row("argon2 alone, in this process", _argon2_ms(), "ms")


# --- both posts -----------------------------------------------------------------------------


def enrolled(data_dir: Path, node_id: str = "fleet-load") -> str:
    """Enrol a node on a post that does not run; return its token."""
    services = make_services(Settings(data_dir=data_dir), utc_ms)
    try:
        with services.store.change(OPERATOR) as change:
            return enrol_node(change, node_id, DeviceKind.FLEET)
    finally:
        services.close()


def _year(folder: Path, plan: Plan) -> tuple[Path, Furnished]:
    """Make the post with a year, or copy the one that is kept."""
    target, kept = folder / "year", os.environ.get("BENCH_YEAR")
    if kept is None:
        return target, make_year(target, plan.year, terminals=TERMINALS, tasks_each=2)
    source = Path(kept) / f"{plan.year.entries}"
    note = source / "furnished.json"
    if not note.is_file():
        made = make_year(source, plan.year, terminals=TERMINALS, tasks_each=2)
        note.write_text(json.dumps(asdict(made)))
    shutil.copytree(source, target)
    # The year was made some time ago: the sessions in it are used from now on.
    database = sqlite3.connect(Settings(data_dir=target).database_file)
    with database:
        database.execute("UPDATE usersession SET last_seen_ms = ?", (utc_ms(),))
    database.close()
    known = json.loads(note.read_text())
    tasks = {name: tuple(ids) for name, ids in known["tasks"].items()}
    return target, Furnished(known["incident_id"], tuple(known["terminals"]), tasks, known["users"])


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget, missed)."""
    plan, costs = _plan(), dict[str, dict[str, Cost]]()
    parts = os.environ.get("BENCH_PARTS", "abcd")
    with tempfile.TemporaryDirectory(prefix="xunshan-bench-") as name:
        folder = Path(name)
        for post in ("empty", "a year"):
            if post == "empty":
                data_dir = folder / "empty"
                made = make_year(data_dir, None, terminals=TERMINALS, tasks_each=2)
            else:
                data_dir, made = _year(folder, plan)
            token = enrolled(data_dir)
            with serve(data_dir) as served:
                if "d" in parts:
                    costs[post] = asyncio.run(_costs(made, served))
                if "b" in parts:
                    yield from cold_pull(made, served, post)
                if "c" in parts:
                    yield from field_day(made, served, token, plan.load_s, post)
                if "a" in parts:
                    yield from handhelds(made, served, Settings(data_dir=data_dir).database, post)
        if "d" in parts:
            yield from ratios(costs["empty"], costs["a year"])
    yield row("load average in the end", os.getloadavg()[0], "")
