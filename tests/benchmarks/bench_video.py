"""Live video: from the camera to the pixels of a real browser, by each way; viewers per core.

The camera's pictures have their number burnt in; a headless Chromium, decoding in software, reads
it off the canvas. Boxes are off: with them pictures wait for the detector. `BENCH_VIDEO=glass`,
`viewers`, `faults` measure a part.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
from aiortc.codecs.h264 import H264Encoder
from playwright.sync_api import Browser, Page, expect, sync_playwright

from field_api.app import make_services
from field_api.core.roles import Actor
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.tables import DeviceKind
from field_api.settings import Settings
from sim.scenario import DEFAULT_SCENARIO
from tests.benchmarks.lossy_net import LossyNet, lossy_net, why_not
from tests.benchmarks.served import Served, free_port, process_cpu_s
from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD, sign_in
from tests.field_api.janus_server import SECRET, janus
from tests.field_api.pictures import encode
from tests.filming import FPS, NODE, READ_PICTURES, Filming, filming

Row = tuple[str, float, str, str] | tuple[str, float, str, str, bool]
SMALL = bool(os.environ.get("BENCH_SMALL"))
PARTS = os.environ.get("BENCH_VIDEO", "glass viewers faults").split()
KBIT = 2000
WATCH_S = 4 if SMALL else 12
WAYS = {"packets": ("WebCodecs", 40), "whep": ("WHEP", 80), "fmp4": ("fMP4", 120)}
VIEWERS = {"packets": 100, "fmp4": 100, "whep": 20}
AIMS = {"packets": 0.1, "fmp4": 0.1, "whep": 1 / 1.4}
OPERATOR = Actor("cli:bench", "bench", "command line")


def rows() -> Iterator[Row]:
    """Measure."""
    if "glass" in PARTS:
        with _post() as (post, token):
            yield from _glass(f"http://127.0.0.1:{post.port}", token, "loopback")
    if "viewers" in PARTS:
        with _post() as (post, token):
            for kind in VIEWERS:
                yield from _viewers(post, token, kind, WAYS[kind][0], lambda: post.cpu_s)
        yield from _janus()
        yield from _rivals()
    if "faults" in PARTS:
        missing = why_not()
        if missing:
            print(f"  no bad network here: {missing}")
            return
        with lossy_net(loss=0.05) as net:
            yield from _over(net, "5 % loss", aim_ms=500)
        with lossy_net(bits_per_s=1_500_000) as net:
            yield from _over(net, "1.5 Mbit/s line", aim_ms=1000)


@contextmanager
def _folder() -> Iterator[tuple[Path, str]]:
    """A data folder with the demo's people, and a camera's token."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        scenario = ["--scenario", str(DEFAULT_SCENARIO)]
        words = ["admin", "seed", *scenario, "--demo-accounts", "--data-dir", str(data)]
        subprocess.run([sys.executable, "-m", "xunshan", *words], check=True, capture_output=True)
        services = make_services(Settings(data_dir=data))
        with services.store.change(OPERATOR) as change:
            token = enrol_node(change, NODE, DeviceKind.VISION)
        services.close()
        yield data, token


@contextmanager
def _post(**settings: str) -> Iterator[tuple[Served, str]]:
    with _folder() as (data, token):
        post = Served(data, settings={"webrtc_viewers": "1000", **settings})
        try:
            yield post, token
        finally:
            post.stop()


@contextmanager
def _chromium(command: Sequence[str] = (), secure: str = "") -> Iterator[Browser]:
    assert CHROMIUM is not None
    flags = [*FLAGS, "--allow-loopback-in-peer-connection"]
    if secure:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={secure}")
    with ExitStack() as stack:
        path = CHROMIUM
        if command:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = f"{folder}/chromium"
            Path(path).write_text(f'#!/bin/sh\nexec {" ".join(command)} {CHROMIUM} "$@"\n')
            Path(path).chmod(0o755)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def _page(browser: Browser, url: str, way: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(60_000)
    context.add_init_script("localStorage.setItem('xunshan.video.boxes', 'off')")
    page = context.new_page()
    sign_in(page, url, "commander")
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true", timeout=60_000)
    page.goto(f"{url}/?wall=1&video={way}")
    return page


def _watch(page: Page, way: str, film: Filming) -> tuple[list[float], float, float]:
    """Return ages of pictures when drawn, pictures drawn a second, and when the first came."""
    playing = page.locator(f"[data-testid=video][data-state=playing][data-way={way}]")
    expect(playing).to_be_visible(timeout=60_000)
    page.evaluate(READ_PICTURES)
    page.wait_for_timeout(2_000)
    page.evaluate("window.seen.length = 0")
    began = time.monotonic()
    page.wait_for_timeout(WATCH_S * 1000)
    seen: list[tuple[int, float, float, float]] = page.evaluate("window.seen")
    took_s = time.monotonic() - began
    first_ms = float(playing.get_attribute("data-first") or 0)
    film.end()
    ages = (film.age_ms(number, shown_ms) for number, shown_ms, *_ in seen)
    return [age for age in ages if age is not None], len(seen) / took_s, first_ms


def _glass(
    url: str,
    token: str,
    where: str,
    *,
    aim_ms: float | None = None,
    camera: Sequence[str] = (),
    command: Sequence[str] = (),
) -> Iterator[Row]:
    secure = "" if "127.0.0.1" in url else url
    for way, (name, aim) in WAYS.items():
        with filming(url, token, kbit_per_s=KBIT, before=camera) as film:
            time.sleep(1.5)
            with _chromium(command, secure) as browser:
                ages, rate, first_ms = _watch(_page(browser, url, way), way, film)
        if not ages:
            yield (f"{name}, {where}: pictures drawn", 0.0, "1/s", "", True)
            continue
        ages.sort()
        p50, p95 = statistics.median(ages), ages[int(len(ages) * 0.95)]
        limit = aim_ms or aim
        figure = p95 if aim_ms else p50
        yield (f"{name}, {where}: camera to pixels, p50", p50, "ms", f"{limit}", figure > limit)
        yield (f"{name}, {where}: camera to pixels, p95", p95, "ms", f"{aim_ms or ''}")
        yield (f"{name}, {where}: pictures drawn", rate, "1/s", f"{FPS} sent")
        yield (f"{name}, {where}: first picture", first_ms, "ms", "500", first_ms > 500)


def _over(net: LossyNet, where: str, *, aim_ms: float) -> Iterator[Row]:
    with _folder() as (data, token):
        port = free_port()
        url = f"http://{net.sender_address}:{port}"
        serve = [
            *(sys.executable, "-m", "xunshan", "serve", "--host", net.sender_address),
            *("--port", str(port), "--data-dir", str(data)),
        ]
        post = subprocess.Popen(
            net.at_sender(serve), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert post.stdout is not None
            if not post.stdout.readline():
                raise RuntimeError("the command post did not start")
            yield from _glass(
                url,
                token,
                where,
                aim_ms=aim_ms,
                camera=net.at_sender([]),
                command=net.at_receiver([]),
            )
        finally:
            post.terminate()
            post.wait(30)


def _viewers(
    post: Served,
    token: str,
    kind: str,
    title: str,
    cpu_s: Callable[[], float],
    offered: str = "127.0.0.1",
) -> Iterator[Row]:
    url, count = f"http://127.0.0.1:{post.port}", VIEWERS[kind]
    person = {"username": "commander", "password": PASSWORD}
    with httpx.Client(base_url=url, trust_env=False) as client:
        session = client.post("/api/v1/session", json=person).raise_for_status().json()["token"]
    name = f"{title}, {count} viewers of 720p25 at 2 Mbit/s"
    with filming(url, token, kbit_per_s=KBIT):
        time.sleep(2)
        alone = _share(cpu_s, WATCH_S)
        words = [sys.executable, "-m", "tests.benchmarks.video_viewers", url, kind]
        viewers = subprocess.Popen(
            [*words, str(count), str(WATCH_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OFFERED": offered},
        )
        assert viewers.stdin is not None
        assert viewers.stdout is not None
        viewers.stdin.write(f"{session}\n")
        viewers.stdin.flush()
        assert viewers.stdout.readline().strip() == "watching"
        viewers.stdin.write("count\n")
        viewers.stdin.flush()
        share = (_share(cpu_s, WATCH_S) - alone) / count
        found = json.loads(viewers.stdout.readline())
        viewers.communicate()
    arrived = found["pictures"] / count / WATCH_S
    yield (f"{name}: server per viewer", share, "% of a core", f"{AIMS[kind]:.2g}",
           share > AIMS[kind])  # fmt: skip
    yield (f"{name}: pictures to each", arrived, "1/s", f"{FPS}", arrived < FPS * 0.95)
    if found["late_ms_p99"] is not None:
        yield (f"{name}: added, p99", found["late_ms_p99"], "ms", "")


def _share(cpu_s: Callable[[], float], seconds: float) -> float:
    before_s, began = cpu_s(), time.monotonic()
    time.sleep(seconds)
    return (cpu_s() - before_s) / (time.monotonic() - began) * 100


def _janus() -> Iterator[Row]:
    """The same viewers at a stock server, which the post feeds: both count."""
    if shutil.which("janus") is None:
        print("  no Janus here: apt-get install janus")
        return
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        running = janus(Path(folder))
        address = runner.run(running.__aenter__())
        try:
            pid = int(subprocess.check_output(["pgrep", "-f", f"janus -F {folder}"]).split()[0])
            engine = {"video_engine": "janus", "video_engine_url": address}
            with _post(**engine, video_engine_secret=SECRET) as (post, token):
                both = lambda: post.cpu_s + process_cpu_s(pid)  # noqa: E731
                # Janus passes over loopback addresses: both meet at the machine's own.
                yield from _viewers(post, token, "whep", "Janus", both, offered="")
        finally:
            runner.run(running.__aexit__(None, None, None))


def _rivals() -> Iterator[Row]:
    """What the ways we do not take would cost, in the same run."""
    units = encode(75, width=1280, height=720, options={"b": "2M"})
    decoder: Any = av.CodecContext.create("h264", "r")
    frames = [frame for unit, *_ in units for frame in decoder.decode(av.Packet(unit))]
    for frame, (_unit, pts, *_rest) in zip(frames, units, strict=False):
        frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    again, jpeg = H264Encoder(), av.CodecContext.create("mjpeg", "w")
    jpeg.width, jpeg.height, jpeg.pix_fmt = 1280, 720, "yuvj420p"  # pyright: ignore
    jpeg.time_base = frames[0].time_base
    began = time.process_time()
    for frame in frames:
        again.encode(frame)
    encoded = (time.process_time() - began) / len(frames) * FPS * 100
    began, size = time.process_time(), 0
    for frame in frames:
        size += sum(p.size for p in jpeg.encode(frame.reformat(format="yuvj420p")))  # pyright: ignore
    pictures = (time.process_time() - began) / len(frames) * FPS * 100
    yield ("encoding anew for each viewer (aiortc's own way)", encoded, "% of a core", "")
    yield ("MJPEG, once for all viewers", pictures, "% of a core", "")
    yield ("MJPEG, to each viewer", size / len(frames) * FPS * 8 / 1e6, "Mbit/s", "")
