"""55 minutes offline on a handheld, then a link of 2 Mbit/s that loses 10 %."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from field_api.settings import Settings
from tests.field_api.inspections.demo_day import DemoDay
from tests.field_api.inspections.test_demo_day import PHOTOS, nothing_is_lost_or_doubled
from tests.field_api.inspections.world import settle
from tests.field_api.post import seed, socket_post
from tests.field_api.shaped_link import Link, ShapedLink

LINK = Link(bytes_per_s=250_000)
LIMIT_S = 60


async def _measure(folder: Path) -> tuple[float, int]:
    """Return the seconds until all is in, and the bytes of the photos."""
    seed(folder)
    async with socket_post(Settings(data_dir=folder, improve_s=0)) as post:
        settle(post)
        day = DemoDay(post)
        await day.until_the_network_is_lost()
        async with ShapedLink(int(post.base_url.rpartition(":")[2]), LINK) as link:
            first = await day.outbox("ht-01", f"http://127.0.0.1:{link.port}")
            second = await day.outbox("ht-02", post.base_url)
            day.confirm(second)
            day.find_more(first, PHOTOS)
            await day.issue_offline(first)
            day.it_is("15:05")
            await second.sync()
            link.up = True
            began_s = time.perf_counter()
            await first.sync()
            took_s = time.perf_counter() - began_s
        await nothing_is_lost_or_doubled(day)
        return took_s, sum(map(len, day.photos.values()))


def rows() -> Iterator[tuple[str, float, str, str, bool]]:
    """Yield how long it takes until everything is in."""
    with tempfile.TemporaryDirectory() as folder:
        took_s, count = asyncio.run(_measure(Path(folder) / "data"))
    what = f"3 documents and {PHOTOS} photos ({count / 1e6:.1f} MB) over 2 Mbit/s with 10 % loss"
    yield (what, took_s, "s", f"{LIMIT_S} s", took_s > LIMIT_S)
