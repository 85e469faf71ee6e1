"""What must not end a node or a flight: a full disk, a taken port, a stranger's ground station."""

import asyncio
import errno
import socket
from pathlib import Path

import pytest

from field_api.contract.link import JournalError
from field_api.contract.messages import CommandOutcome, StartSortie, UploadSortie
from fleet.autopilots.ardupilot import failsafe_parameters
from fleet.recorder import Recorder
from fleet.router import Router
from fleet.store import SortieStore
from tests.fleet.flight_line import flight_line, search_plan

ID = "XS-U2"
FULL = Path("/dev/full")
"""Every write to it finds no space."""


def no_space(*_args: object, **_kwargs: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.slow
@pytest.mark.serial
async def test_a_disk_that_fills_in_flight_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flight_line("simulated", tmp_path) as line:
        plan = search_plan()
        sortie = plan.sorties[0]
        await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
        upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=plan.checks)
        assert (await line.order(upload)).outcome is CommandOutcome.DONE
        started = await line.order(StartSortie(vehicle_id=ID, sortie_id=sortie.id))
        assert started.outcome is CommandOutcome.DONE, started.text

        journal = line.node.client._journal  # pyright: ignore[reportPrivateUsage]
        put = journal.put

        def refuse(*_args: object) -> int:
            raise JournalError("disk full")

        monkeypatch.setattr(journal, "put", refuse)
        monkeypatch.setattr(SortieStore, "save", no_space)
        recorder = line.node._aircraft[ID].recorder  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(recorder, "_file", FULL.open("ab"))  # noqa: ASYNC230 - a device
        await line.until(lambda s: s.sortie_state == "returned", within_s=240)
        assert not recorder.running

        # Space is made: what was kept in memory arrives.
        monkeypatch.setattr(journal, "put", put)
        async with asyncio.timeout(30):
            await line.post.wait_for(lambda: any("returned" in body for body in line.post.bodies))


def test_a_node_that_starts_on_a_full_disk_flies_without_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", no_space)
    recorder = Recorder(tmp_path / "logs", ID, 1)
    recorder.write(b"frame", 0, 1)
    recorder.flush()
    recorder.close()
    assert not recorder.running
    assert SortieStore(tmp_path / "sorties").load(ID) is None


async def test_a_taken_endpoint_port_is_told_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fleet.links.tcp.LONGEST_RETRY_S", 0.01)
    told: asyncio.Queue[str] = asyncio.Queue()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        endpoint = Router(ID, f"tcpin:127.0.0.1:{port}", {}, lambda *_: None, told.put_nowait)
        work = asyncio.create_task(endpoint.run())
        async with asyncio.timeout(10):
            assert "in use" in await told.get()
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except OSError:
                await asyncio.sleep(0.01)
    writer.close()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert told.empty()


def test_the_promise_to_come_home_names_this_ground_station() -> None:
    wanted = failsafe_parameters(60)
    assert next(iter(wanted)) == "SYSID_MYGCS"
    assert wanted == {"SYSID_MYGCS": 255, "FS_GCS_ENABLE": 1, "FS_OPTIONS": 0, "RTL_ALT": 6000}
