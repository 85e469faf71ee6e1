"""A server killed while it records: at most a second is missing, and the index is truthful."""

import asyncio
import hashlib
import io
import os
import shutil
import signal
from pathlib import Path

import av
import pytest
from sqlmodel import select

from field_api.app import make_services, utc_ms
from field_api.contract.fmp4 import whole_end
from field_api.contract.ids import new_id
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.tables import DeviceKind
from field_api.features.footage.beside import FileFacts
from field_api.features.footage.cutting import Begin, FootageCutter, Piece
from field_api.features.footage.folder import beside_of
from field_api.features.footage.index import FootageIndex
from field_api.features.footage.tables import FootageFile, FootageGap, GapCause
from field_api.features.footage.writing import FileWriter
from field_api.settings import Settings
from tests.field_api.footage import CAMERA, Camera, give_camera
from tests.field_api.pictures import camera_packets, number_of
from tests.field_api.post import OPERATOR, Post
from tests.field_api.served import served


def numbers(data: bytes) -> list[int]:
    with av.open(io.BytesIO(data), "r") as file:
        return [number_of(frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]


async def test_kill_9_loses_at_most_the_last_second(seeded: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(seeded, data_dir)
    settings = Settings(data_dir=data_dir)
    services = make_services(settings)
    give_camera(services)
    with services.store.change(OPERATOR) as change:
        token = enrol_node(change, "vision-1", DeviceKind.VISION)
    services.close()
    began_ms = utc_ms() - 60_000
    began_ms -= began_ms % 60_000
    packets = camera_packets(240, began_ms=began_ms)
    sent = 0
    with served(data_dir) as post:
        async with Camera(f"http://127.0.0.1:{post.port}", token) as camera:
            for packet in packets:
                await camera.send([packet])
                sent += 1
                # As a camera does, and killed in the middle of it.
                await asyncio.sleep(0.01)
                if sent == 200:
                    os.kill(post.process.pid, signal.SIGKILL)
                    break
            post.ended()
    [path] = (data_dir / "footage").glob("*/*/*.mp4")
    left = numbers(path.read_bytes()[: whole_end(path.read_bytes())])
    assert left == list(range(len(left)))
    assert sent - len(left) <= 25, f"{sent - len(left)} pictures of 40 ms were lost"
    services = make_services(settings)
    try:
        assert services.part(FootageIndex).repair() == 1
        with services.store.read() as session:
            [row] = session.exec(select(FootageFile)).all()
        data = path.read_bytes()
        assert numbers(data) == left
        assert row.cut_off
        assert row.sha256 == hashlib.sha256(data).hexdigest()
        assert row.ended_ms == began_ms + len(left) * 40
        assert (row.pictures, row.vehicle_id) == (len(left), "XS-U1")
        assert row.size_bytes == len(data) + beside_of(path).stat().st_size
        assert services.part(FootageIndex).repair() == 0
    finally:
        services.close()


def half_written(root: Path, pieces: int) -> tuple[FileFacts, FileWriter]:
    """Return a file of a recorder that is still writing."""
    cutter = FootageCutter()
    steps = cutter.format(160, 96)
    for packet in camera_packets(100, began_ms=1_742_020_200_000):
        steps += cutter.take(packet)
    begin = next(step for step in steps if isinstance(step, Begin))
    facts = FileFacts(
        id=new_id(),
        stream_id=CAMERA,
        began_ms=begin.t_ms,
        first_pts_90k=begin.pts_90k,
        codec=begin.codec,
        width=begin.width,
        height=begin.height,
    )
    writer = FileWriter(root, facts, begin)
    for step in [step for step in steps if isinstance(step, Piece)][:pieces]:
        writer.add(step)
    return facts, writer


async def test_a_file_that_somebody_writes_is_left_alone(post: Post) -> None:
    index = post.services.part(FootageIndex)
    facts, writer = half_written(index.root, 2)
    index.began(facts, writer.place)
    assert index.repair() == 0
    writer.abandon()
    assert index.repair() == 1


async def test_a_file_that_the_index_never_heard_of_is_put_in(post: Post) -> None:
    index = post.services.part(FootageIndex)
    facts, writer = half_written(index.root, 3)
    writer.abandon()
    assert (index.adopt(), index.repair(), index.adopt()) == (1, 1, 0)
    with post.services.store.read() as session:
        row = session.get_one(FootageFile, facts.id)
    assert (row.cut_off, row.began_ms) == (True, facts.began_ms)


async def test_a_file_without_a_picture_is_none(post: Post) -> None:
    index = post.services.part(FootageIndex)
    facts, writer = half_written(index.root, 0)
    index.began(facts, writer.place)
    writer.abandon()
    assert index.repair() == 1
    assert not list(index.root.glob("*/*/*"))
    with post.services.store.read() as session:
        assert session.get(FootageFile, facts.id) is None


async def test_a_file_that_is_not_there_is_told(post: Post) -> None:
    index = post.services.part(FootageIndex)
    facts, writer = half_written(index.root, 2)
    index.began(facts, writer.place)
    writer.abandon()
    (index.root / writer.place).unlink()
    assert index.repair() == 1
    with post.services.store.read() as session:
        [gap] = session.exec(select(FootageGap)).all()
    assert (gap.cause, gap.began_ms) == (GapCause.LOST, facts.began_ms)


@pytest.mark.parametrize("cut", [1, 100, 1000])
async def test_a_torn_end_is_cut_off(post: Post, cut: int) -> None:
    index = post.services.part(FootageIndex)
    facts, writer = half_written(index.root, 3)
    index.began(facts, writer.place)
    writer.abandon()
    path = index.root / writer.place
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert index.repair() == 1
    data = path.read_bytes()
    assert data == whole[: whole_end(whole[:-cut])]
    assert numbers(data) == list(range(len(numbers(data))))
