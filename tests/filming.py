"""A vision node that films numbered pictures and boxes their numbers, in a process of its own.

Every picture has its number burnt in as sixteen black and white fields
(`tests.field_api.pictures`), and a person's box whose place follows from the number: so a test can
read off a page which picture it shows, how old it is, and whether the box is that picture's own.

    python -m tests.filming URL TOKEN KBIT PICTURES [STREAM]

It films until a line comes on standard input, then prints the capture time of each number, UTC ms.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect

from field_api.contract.link import LinkClient
from field_api.contract.messages import Box, Command, FrameBoxes, StreamState
from field_api.contract.video_packet import pack_packet
from tests.field_api.pictures import STEP_90K, encode

__all__ = ["BOX_W", "FPS", "NODE", "READ_PICTURES", "STREAM", "Filming", "box_x", "filming"]

STREAM = "XS-U1-cam"
NODE = "vision-film"
FPS = 25
WIDTH, HEIGHT = 1280, 720
BOX_W = 0.08
DETECTOR_S = 0.06
"""After which its boxes follow a picture."""
READY = "filming"

READ_PICTURES = """
() => {
  const canvas = document.querySelector('[data-testid=video] canvas');
  const seen = (window.seen = []);
  let last = -1;
  const read = () => {
    const { width, height } = canvas;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const strip = context.getImageData(0, Math.floor(height / 6), width, 1).data;
    const cell = width / 16;
    let number = 0;
    for (let bit = 0; bit < 16; bit += 1) {
      if (strip[Math.floor(bit * cell + cell / 2) * 4 + 1] > 128) number |= 1 << bit;
    }
    if (number !== last) {
      last = number;
      const row = context.getImageData(0, Math.floor(height * 0.75), width, 1).data;
      let edge = -1;
      for (let x = 0; x < width && edge < 0; x += 1) {
        const [r, g, b] = [row[x * 4], row[x * 4 + 1], row[x * 4 + 2]];
        if (r > 200 && g > 120 && g < 210 && b > 220) edge = x;
      }
      // A box that was seen in this very picture has whole lines, one held from before has dashes.
      let whole = 0;
      const [top, tall] = [Math.floor(height * 0.58), Math.floor(height * 0.3)];
      if (edge >= 0) {
        const side = context.getImageData(Math.min(width - 1, edge + 1), top, 1, tall).data;
        for (let y = 0; y < tall; y += 1) {
          if (side[y * 4] > 180 && side[y * 4 + 2] > 180) whole += 1 / tall;
        }
      }
      seen.push([number, Date.now(), edge < 0 ? -1 : edge / width, whole]);
    }
    requestAnimationFrame(read);
  };
  requestAnimationFrame(read);
}
"""
"""In a page with one picture: `seen` is filled with number, Date.now(), the box's left edge as a
fraction (-1 without one) and how much of its side is drawn, for each picture that is drawn."""


def box_x(number: int) -> float:
    """Left edge of the box of a picture, a fraction of its width."""
    return 0.04 + 0.84 * ((number * 37) % 101) / 101


@dataclass
class Filming:
    """A camera under way; `captured_ms` is complete once it has ended."""

    process: subprocess.Popen[str]
    pictures: int
    captured_ms: dict[int, float] = field(default_factory=dict[int, float])

    def end(self) -> dict[int, float]:
        """Stop it and return when each number was captured."""
        out, _ = self.process.communicate("stop\n", timeout=30)
        self.captured_ms = {int(n): t for n, t in json.loads(out.splitlines()[-1]).items()}
        return self.captured_ms

    def age_ms(self, number: int, shown_ms: float) -> float | None:
        """How old a picture was when it was shown, by the number on it; after `end`."""
        times = (
            t_ms
            for n, t_ms in self.captured_ms.items()
            if n % self.pictures == number and t_ms <= shown_ms
        )
        newest_ms = max(times, default=None)
        return None if newest_ms is None else shown_ms - newest_ms


@contextmanager
def filming(
    url: str,
    token: str,
    *,
    kbit_per_s: int = 0,
    pictures: int = 750,
    before: Sequence[str] = (),
    stream: str = STREAM,
) -> Generator[Filming]:
    """Film for the length of a `with` block; pictures come from the moment it begins on.

    After `pictures` the numbers on them begin anew. `before` stands before the command, e.g. to run
    it in a network namespace.
    """
    words = [sys.executable, "-m", "tests.filming", url, token, str(kbit_per_s), str(pictures)]
    words.append(stream)
    process = subprocess.Popen(
        [*before, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        while (line := process.stdout.readline()).strip() != READY:
            assert line, "the camera ended before it filmed"
        yield Filming(process, pictures)
    finally:
        process.kill()
        process.wait()


async def _film(
    url: str, token: str, kbit_per_s: int, pictures: int, stream: str
) -> dict[int, float]:
    options = {"b": f"{kbit_per_s}k", "nal-hrd": "cbr", "maxrate": f"{kbit_per_s}k"}
    options |= {"minrate": f"{kbit_per_s}k", "bufsize": f"{kbit_per_s // 5}k"}
    units = encode(pictures, width=WIDTH, height=HEIGHT, options=options if kbit_per_s else None)
    captured_ms: dict[int, float] = {}
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # No thread waits for it: one would keep a camera alive that has failed.
    loop.add_reader(sys.stdin, stop.set)
    with tempfile.TemporaryDirectory() as folder:
        link = LinkClient(
            f"{url.replace('http', 'ws')}/api/v1/link",
            f"{NODE}-{stream}" if stream != STREAM else NODE,
            "vision",
            token,
            Path(folder) / "outbox.sqlite",
            "1",
            _no_orders,
        )
        running = asyncio.create_task(link.run())
        async with connect(
            f"{url.replace('http', 'ws')}/api/v1/video/{stream}/publish",
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
        ) as socket:
            head = {"stream_id": stream, "codec": "avc1.42c01f", "width": WIDTH, "height": HEIGHT}
            await socket.send(json.dumps(head))
            print(READY, flush=True)
            began_s = time.monotonic()
            number = 0
            while not stop.is_set():
                unit, _pts, _dts, key = units[number % pictures]
                t_ms = time.time() * 1000
                captured_ms[number] = t_ms
                pts = number * STEP_90K
                packet = pack_packet(unit, keyframe=key, pts_90k=pts, t_ms=round(t_ms))
                await socket.send(packet.data)
                boxes = _boxes(stream, number % pictures, pts, round(t_ms))
                loop.call_later(DETECTOR_S, link.send_latest, boxes)
                if number % FPS == 0:
                    link.send_latest(_state(stream, round(t_ms)))
                number += 1
                await asyncio.sleep(max(0, began_s + number / FPS - time.monotonic()))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return captured_ms


async def _no_orders(_order: Command) -> None:
    """A camera is given none."""


def _boxes(stream: str, number: int, pts_90k: int, t_ms: int) -> FrameBoxes:
    box = Box(track_id=1, label="person", confidence=0.9, x=box_x(number), y=0.55, w=BOX_W, h=0.35)
    return FrameBoxes(stream_id=stream, pts_90k=pts_90k, t_ms=t_ms, boxes=[box])


def _state(stream: str, t_ms: int) -> StreamState:
    return StreamState(
        stream_id=stream,
        vehicle_id=stream.removesuffix("-cam"),
        t_ms=t_ms,
        state="live",
        width_px=WIDTH,
        height_px=HEIGHT,
        frames_per_s=float(FPS),
        detector_frames_per_s=float(FPS),
    )


if __name__ == "__main__":
    found = asyncio.run(
        _film(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    )
    print(json.dumps(found), flush=True)
