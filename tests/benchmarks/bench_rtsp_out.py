"""RTSP out: what a viewer costs, and how old a picture is behind a line too narrow for it."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from field_api.contract.rtsp import Credentials, PictureCame, RtspPull
from field_api.contract.video_packet import pack_packet
from field_api.core.exchange import Alone
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import Watcher
from field_api.links.video.rtsp_server import RtspServer
from tests.benchmarks.lossy_net import lossy_net, why_not

_SECONDS = 5 if "BENCH_SMALL" in os.environ else 20
_RATE, _GROUP = 25, 25
_UNIT_BYTES = 2_000_000 // 8 // _RATE
_PORT = 8554


class _Anybody:
    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        return None

    async def viewer(self, stream_id: str, token: str, source: str) -> Watcher | None:
        async def still() -> bool:
            return True

        return Watcher("anybody", still)


async def _serve(host: str, port: int) -> None:
    """Send a stream of 2 Mbit/s whose pictures' times are those of all processes' clock."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    hub = VideoHub(Alone(), backlog_packets=12)
    server = RtspServer(Renditions(hub, 0), _Anybody(), lambda: 0, host=host, port=port)
    await server.start()
    info = StreamInfo(stream_id="cam", codec="avc1.42c01f", width=1280, height=720)
    source = hub.publish(info)
    key = b"\x00\x00\x00\x01\x67\x42\xc0\x1f\x00\x00\x00\x01\x68\xce\x00\x00\x00\x01\x65"
    print(server.port, flush=True)
    number, begin = 0, time.monotonic()
    while True:
        await asyncio.sleep(max(0.0, begin + number / _RATE - time.monotonic()))
        is_key = number % _GROUP == 0
        unit = (key if is_key else b"\x00\x00\x00\x01\x41") + b"\x55" * _UNIT_BYTES
        now_90k = time.monotonic_ns() * 9 // 100_000
        hub.put(source, pack_packet(unit, keyframe=is_key, pts_90k=now_90k, t_ms=now_90k // 90))
        number += 1


async def _watch(host: str, port: int) -> list[float]:
    """How old pictures are when they are here, ms."""
    ages: list[float] = []
    pull = RtspPull(f"rtsp://{host}:{port}/cam?token=x")
    reader, writer = await asyncio.open_connection(host, port)
    pull.begin()
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        writer.write(pull.take_output())
        for event in pull.receive(await reader.read(65_536), time.monotonic()):
            if isinstance(event, PictureCame):
                now_90k = time.monotonic_ns() * 9 // 100_000
                ages.append(((now_90k - event.pts_90k) & 0xFFFFFFFF) / 90)
    writer.close()
    return ages


async def _watch_many(port: int, count: int) -> int:
    watched = await asyncio.gather(*(_watch("127.0.0.1", port) for _ in range(count)))
    return sum(map(len, watched))


def _cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _me(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.bench_rtsp_out", *arguments]


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measured figures: name, value, unit, budget."""
    for count in (1, 21):
        with subprocess.Popen(
            _me("serve", "127.0.0.1", "0"), stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            before = _cpu_s(server.pid)
            asyncio.run(_watch_many(port, count))
            share = 100 * (_cpu_s(server.pid) - before) / _SECONDS
            server.kill()
        if count == 1:
            alone = share
        else:
            yield "RTSP out, a further viewer at 2 Mbit/s", (share - alone) / 20, "% of a core", "-"
    if (reason := why_not()) is not None:
        raise RuntimeError(reason)
    with lossy_net(bits_per_s=1_500_000) as net:
        command = net.at_sender(_me("serve", net.sender_address, str(_PORT)))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            server.stdout.readline()
            watch = net.at_receiver(_me("watch", net.sender_address, str(_PORT)))
            told = subprocess.run(watch, check=True, capture_output=True, text=True).stdout
            server.kill()
    # The first seconds fill the line.
    ages = [float(word) for word in told.split()]
    ages = ages[len(ages) // 4 :]
    name = "RTSP out, 2 into 1.5 Mbit/s"
    yield f"{name}: age of a picture, median", statistics.median(ages), "ms", "-"
    p95 = statistics.quantiles(ages, n=20)[-1]
    yield f"{name}: age of a picture, p95", p95, "ms", "under 1000 ms"
    yield f"{name}: pictures", len(ages) / 0.75 / _SECONDS, "a second", "-"


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve(sys.argv[2], int(sys.argv[3])))
    print(*asyncio.run(_watch(sys.argv[2], int(sys.argv[3]))))
