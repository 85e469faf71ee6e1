"""The running demo and a browser, for tests that use the product as people do."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from field_api.app import make_services
from field_api.core.roles import Actor
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.tables import DeviceKind
from field_api.settings import Settings
from sim.scenario import DEFAULT_SCENARIO
from vision.detector import Detector
from vision.registry import DEFAULT_MODEL, load_card

# Plans go by the sun, tests run at any hour.
os.environ.setdefault("XUNSHAN_SIMULATED_LIGHT", "day")

CHROMIUM = shutil.which("chromium")
XUNSHAN = str(Path(sys.executable).with_name("xunshan"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
ADMINISTRATOR = Actor("cli:test", "test", "command line")
START_WITHIN_S = 120
PASSWORD = "xunshan-demo"
LOOK_WIDTH_PX = 640
"""A fire's smoke is large; looking at all that the model could see takes a processor for itself."""
expect.set_options(timeout=20_000)
# A handheld asks every 5 s, and flights share the machine: playwright's own 5 s miss by an instant.


def free_ports(count: int) -> list[int]:
    """TCP ports that nothing holds now, far enough apart for ranges."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@dataclass
class Demo:
    """A running demo."""

    url: str
    folder: Path
    process: subprocess.Popen[str]
    outside: list[str] = field(default_factory=list[str])
    """Requests that left this machine; there must be none (story E2)."""

    def logs(self) -> str:
        """The end of every log, for a failure's report."""
        files = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"--- {f.name}\n{f.read_text()[-1500:]}" for f in files)


@cache
def _seeded(scenario: Path) -> Path:
    """Return a data folder with a scenario's people and things, to be copied; made once."""
    folder = Path(tempfile.mkdtemp(prefix="xunshan-seeded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    seeding = ["admin", "seed", "--scenario", str(scenario), "--demo-accounts"]
    data = folder / "data"
    subprocess.run([XUNSHAN, *seeding, "--data-dir", str(data)], check=True, timeout=120)
    return data


class Post:
    """A command post that can be stopped and started again on other data."""

    def __init__(self, folder: Path, scenario: Path = DEFAULT_SCENARIO) -> None:
        self.data = folder / "data"
        self.port = free_ports(1)[0]
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        shutil.copytree(_seeded(scenario), self.data)

    def enrol(self, node_id: str, kind: DeviceKind) -> str:
        """Let a node sign in, also while it serves; return the token."""
        services = make_services(Settings(data_dir=self.data))
        try:
            with services.store.change(ADMINISTRATOR) as change:
                return enrol_node(change, node_id, kind)
        finally:
            services.close()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Demo:
        """Serve, and return when it answers."""
        command = [XUNSHAN, "serve", "--port", str(self.port), "--data-dir", str(self.data)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + START_WITHIN_S
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/api/v1/health", trust_env=False).is_success:
                    return Demo(self.url, self.data, self._process)  # pyright: ignore[reportArgumentType]
            time.sleep(0.1)
        pytest.fail(f"the command post did not start:\n{self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


@pytest.fixture(scope="session")
def shared_post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One command post for files whose tests look at what they made themselves."""
    post = Post(tmp_path_factory.mktemp("shared"))
    try:
        yield post.start()
    finally:
        post.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`xunshan demo` on ports of its own, faster than real time."""
    folder = tmp_path_factory.mktemp("demo")
    web, mavlink, camera, sitl, router = free_ports(5)
    process = subprocess.Popen(
        [
            *(XUNSHAN, "demo", "--no-open"),
            *("--data-dir", str(folder / "data"), "--port", str(web)),
            *("--mavlink-port", str(mavlink), "--camera-port", str(camera)),
            *("--sitl-port", str(sitl), "--router-port", str(router)),
            *("--speedup", str(_world_speed()), "--look-width", str(LOOK_WIDTH_PX)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    running = Demo(f"http://127.0.0.1:{web}", folder / "data", process)
    try:
        _wait_ready(running)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _world_speed() -> int:
    """How much faster than real time the world may run so that the detector can follow it here."""
    detector = Detector(load_card(DEFAULT_MODEL), width_px=LOOK_WIDTH_PX)
    picture = np.zeros((720, 1280, 3), np.uint8)
    looks_s: list[float] = []
    for _ in range(9):
        began_s = time.perf_counter()
        detector.detect(picture)
        looks_s.append(time.perf_counter() - began_s)
    # The quickest: what else begins here at this moment is over when the drones look.
    look_s = min(looks_s)
    return 4 if look_s < 0.1 else 2 if look_s < 0.3 else 1


def _wait_ready(running: Demo) -> None:
    assert running.process.stdout is not None
    lines: list[str] = []
    until = time.monotonic() + START_WITHIN_S
    for line in running.process.stdout:
        lines.append(line)
        if re.search(r"(Stop: Ctrl-C|停止 Stop)", line):
            return
        if time.monotonic() > until:
            break
    pytest.fail(f"the demo did not start:\n{''.join(lines)}\n{running.logs()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium: apt-get install chromium fonts-wqy-zenhei")
        pytest.skip("no chromium on this machine: apt-get install chromium fonts-wqy-zenhei")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def open_context(demo: Demo, browser: Browser, width: int, height: int) -> BrowserContext:
    """A browser of one person; requests that leave the machine are blocked and counted."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        geolocation={"latitude": 24.9415, "longitude": 102.6185, "accuracy": 8},
        permissions=["geolocation"],
    )
    context.set_default_timeout(30_000)

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            demo.outside.append(route.request.url)
            route.abort()

    context.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), guard)
    return context


def sign_in(page: Page, url: str, username: str) -> None:
    """Sign in on either page."""
    page.goto(url)
    page.get_by_test_id("username").fill(username)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()


@contextlib.contextmanager
def api(demo: Demo, username: str) -> Generator[httpx.Client]:
    """A signed-in client of the API, to look behind the screen."""
    with httpx.Client(base_url=demo.url, timeout=30, trust_env=False) as client:
        answer = client.post(
            "/api/v1/session", json={"username": username, "password": PASSWORD}
        ).raise_for_status()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


@contextlib.contextmanager
def duty_desk(post: Demo, browser: Browser, who: str = "duty") -> Generator[Page]:
    """The console, signed in; the duty officer's unless another account is named."""
    context = open_context(post, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, post.url, who)
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    yield page
    context.close()
